package recording

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"switchroom/recording/disk"
	"switchroom/recording/flac"
	"switchroom/recording/ledger"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"

	"go.uber.org/zap"
)

// archiveEvery is how often it is looked what there is to archive.
const archiveEvery = 10 * time.Minute

// archiving is the archiver: one file after the other, on a thread of the
// lowest priority, at the pace of Config.ArchiveShare. It looks at once, and
// then now and then.
func (s *Store) archiving(ctx context.Context) {
	lowered()
	timer := time.NewTimer(min(archiveEvery, s.cfg.ArchiveAfter+time.Second))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		err := s.archiveAll(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.alarms.set(ArchiveFailed, err != nil, fmt.Sprint(err)); err != nil {
			s.zlog.Error("recordings could not be archived", zap.Error(err))
		}
		timer.Reset(min(archiveEvery, s.cfg.ArchiveAfter+time.Second))
	}
}

// archiveAll archives what is due. A recording that cannot be is left as it
// is; the first reason is returned.
func (s *Store) archiveAll(ctx context.Context) error {
	p := newPacer(ctx, s.cfg.ArchiveShare)
	var first error
	err := s.eachWord(ctx, s.mayArchive, func(n name, w word) error {
		if w.kind == ledger.Deleted || w.kind == ledger.Condemned {
			return nil
		}
		last, err := s.entry(w)
		if err != nil {
			return err
		}
		err = s.archive(n, last, p)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // it is archived, or was deleted meanwhile
		}
		if err != nil && ctx.Err() == nil && first == nil {
			first = fmt.Errorf("%s: %w", n.id, err)
		}
		return nil
	})
	return errors.Join(err, first)
}

// mayArchive says whether a recording lies there as a WAV and is over.
func (s *Store) mayArchive(n name, suffixes []string) bool {
	return slices.Contains(suffixes, soundSuffix) && !s.isOpen(n.id)
}

// archive makes one recording's WAV a FLAC. The order is what makes a crash
// safe at every point: the draft is written, synced, decoded again and found
// to be what the ledger vouches for; then the ledger vouches for the draft;
// then it takes its name; and only then does the WAV go. As long as there is a
// WAV, it is the recording.
func (s *Store) archive(n name, last ledger.Entry, p *pacer) error {
	f, err := s.files.Open(n.sound())
	if err != nil {
		return err
	}
	defer f.Close()
	m, _, err := readMeta(s.files, n)
	if err != nil {
		return err
	}
	end := m.Started.Add(time.Duration(m.Length * float64(time.Second)))
	if !m.Sealed || s.cfg.Now().Sub(end) < s.cfg.ArchiveAfter {
		return nil
	}
	format, data, _, err := readHeader(f)
	if err != nil {
		return err
	}
	length := data / int64(format.Block())
	if length < flac.LengthMin {
		return nil
	}
	draft := n.flac() + draftSuffix
	kept, err := s.draftArchive(f, draft, n, m, length, format, p)
	if err != nil {
		return errors.Join(err, removeIfThere(s.files, draft))
	}
	return s.replaceSound(n, last, draft, m, kept)
}

// draftArchive writes the FLAC, and proves it.
func (s *Store) draftArchive(f disk.File, draft string, n name, m Meta, length int64, format wav.Format, p *pacer) (Kept, error) {
	if err := removeIfThere(s.files, draft); err != nil { // a crash has left it
		return Kept{}, err
	}
	out, err := s.files.Create(draft)
	if err != nil {
		return Kept{}, err
	}
	defer out.Close()
	head := int64(format.HeaderSize())
	sound := io.NewSectionReader(f, head, length*int64(format.Block()))
	size, err := flac.Encode(out, sound, format, length, p.pace)
	if err != nil {
		return Kept{}, err
	}
	if err := s.files.Sync([]disk.File{out}, nil); err != nil {
		return Kept{}, err
	}
	root, err := decodedRoot(out, size, n, p)
	if err != nil {
		return Kept{}, err
	}
	if root != m.Root {
		return Kept{}, errors.New("what was archived is not what was recorded: the WAV has changed since")
	}
	sum, size, err := hashFile(out)
	return Kept{Form: FormFLAC, Size: size, SHA256: hex.EncodeToString(sum)}, err
}

// decodedRoot is the root of the hash chain over what a FLAC decodes to.
func decodedRoot(f disk.File, size int64, n name, p *pacer) (string, error) {
	r, err := flac.Open(f, size)
	if err != nil {
		return "", err
	}
	chain := inSeconds(n, r.Format).chain()
	block := int64(r.Format.Block())
	buf := make([]byte, timeline.Chunk*block)
	for at := int64(0); at < r.Length; at += timeline.Chunk {
		b := buf[:min(timeline.Chunk, r.Length-at)*block]
		if k, err := r.ReadAt(b, at*block); k < len(b) {
			return "", err
		}
		chain.Add(b)
		if err := p.pace(); err != nil {
			return "", err
		}
	}
	root := chain.Root(r.Length)
	return hex.EncodeToString(root[:]), nil
}

// replaceSound puts the draft in the WAV's place.
func (s *Store) replaceSound(n name, last ledger.Entry, draft string, m Meta, kept Kept) error {
	s.book.Lock()
	defer s.book.Unlock()
	if !s.present(n) {
		return removeIfThere(s.files, draft) // deleted meanwhile
	}
	entry := turned(last, ledger.Archived, FormFLAC, "")
	entry.File = kept.SHA256
	if err := s.append(entry); err != nil {
		return errors.Join(err, removeIfThere(s.files, draft))
	}
	if err := s.files.Rename(draft, n.flac()); err != nil {
		return err
	}
	if err := s.files.Sync(nil, []string{n.dir}); err != nil {
		return err
	}
	if err := s.files.Remove(n.sound()); err != nil {
		return err
	}
	s.touch(n.dir)
	s.stats.archived.Add(1)
	s.stats.saved.Add(uint64(max(m.Size-kept.Size, 0)))
	if s.cfg.Archived != nil {
		m.Chunks = nil
		s.cfg.Archived(m, kept)
	}
	return nil
}

func removeIfThere(files disk.Files, file string) error {
	if err := files.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
