package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"switchroom/recording/disk"
)

// metaMax bounds a JSON that is read: a recording of three days with a chunk
// sum a second takes 12 MB.
const metaMax = 32 << 20

// encodeMeta returns the JSON as it stands on disk.
func encodeMeta(m Meta) ([]byte, error) {
	if m.Marks == nil {
		m.Marks = []Mark{}
	}
	if m.Segments == nil {
		m.Segments = []Segment{}
	}
	if m.Sides == nil {
		m.Sides = []SideStats{}
	}
	if m.Gaps == nil {
		m.Gaps = []Gap{}
	}
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("recording: metadata: %w", err)
	}
	return append(b, '\n'), nil
}

// decodeMeta reads a JSON and checks that it speaks of recording n.
func decodeMeta(b []byte, n name) (Meta, error) {
	var m Meta
	if err := json.Unmarshal(b, &m); err != nil {
		return Meta{}, fmt.Errorf("recording: metadata of %s: %w", n.id, err)
	}
	if m.ID != n.id {
		return Meta{}, fmt.Errorf("recording: metadata of %s speaks of another", n.id)
	}
	return m, nil
}

// readMeta reads a recording's JSON.
func readMeta(files disk.Files, n name) (Meta, []byte, error) {
	b, err := disk.ReadFile(files, n.meta(), metaMax)
	if err != nil {
		return Meta{}, nil, err
	}
	m, err := decodeMeta(b, n)
	return m, b, err
}

// writeDraft writes b as the draft that will replace a recording's JSON.
func writeDraft(files disk.Files, n name, b []byte) (disk.File, error) {
	f, err := files.Create(n.draft())
	if errors.Is(err, fs.ErrExist) {
		// Left by a crash, or by an attempt that failed.
		if err := files.Remove(n.draft()); err != nil {
			return nil, err
		}
		f, err = files.Create(n.draft())
	}
	if err != nil {
		return nil, err
	}
	if _, err := f.WriteAt(b, 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// note writes the first JSON: whoever looks finds it beside the sound from the
// start. It is synced with the next sync; if it cannot be written the syncer
// tries again.
func (r *Recorder) note() {
	b, err := encodeMeta(r.view())
	var f disk.File
	if err == nil {
		r.draft.Lock()
		defer r.draft.Unlock()
		f, err = writeDraft(r.store.files, r.name, b)
	}
	if err == nil {
		err = r.store.files.Rename(r.name.draft(), r.name.meta())
	}
	r.store.touch(r.name.dir)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = r.changed || err != nil
	r.firstMeta = f
}

// takeFirstMeta returns the first JSON's file once, to be synced and closed.
func (r *Recorder) takeFirstMeta() disk.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.firstMeta
	r.firstMeta = nil
	return f
}
