package recording

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"switchroom/recording/disk"
)

// brief is what of a recording's JSON decides how long it is kept. It stands
// at its beginning, so that of a hundred thousand of them only that is read.
type brief struct {
	Sealed  bool
	Client  string
	Queue   string
	Started time.Time
}

// briefMax is how far into a JSON its beginning may reach.
const briefMax = 64 << 10

func readBrief(files disk.Files, n name) (b brief, err error) {
	f, err := files.Open(n.meta())
	if err != nil {
		return b, err
	}
	defer f.Close()
	d := json.NewDecoder(io.NewSectionReader(f, 0, briefMax))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return b, fmt.Errorf("recording: metadata of %s: no object: %w", n.id, err)
	}
	id := ""
	wanted := map[string]any{"sealed": &b.Sealed, "id": &id, "client": &b.Client, "queue": &b.Queue, "started": &b.Started}
	for len(wanted) > 0 && d.More() {
		key, err := d.Token()
		if err != nil {
			return b, fmt.Errorf("recording: metadata of %s: %w", n.id, err)
		}
		dst, want := wanted[key.(string)]
		if !want {
			dst = new(json.RawMessage)
		}
		delete(wanted, key.(string))
		if err := d.Decode(dst); err != nil {
			return b, fmt.Errorf("recording: metadata of %s: %w", n.id, err)
		}
	}
	if len(wanted) > 0 || id != n.id {
		return b, fmt.Errorf("recording: metadata of %s: incomplete, or of another", n.id)
	}
	return b, nil
}
