package journal

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"switchroom/acd"
)

// Scan reads a journal's folder, or one segment of it, without opening it as a
// Journal does: nothing is locked, repaired or written, so a running switch's
// folder and a copy of it do as well. What is no record is stepped over, and of
// a running switch it may give the last few events that are not synced yet.
// The last pair holds the error, if there is one.
func Scan(path string) iter.Seq2[acd.Event, error] {
	return func(yield func(acd.Event, error) bool) {
		files, err := segmentFiles(path)
		if err != nil {
			yield(acd.Event{}, err)
			return
		}
		last := uint64(0)
		for i, file := range files {
			end := ^uint64(0)
			if i+1 < len(files) {
				end, _ = parseSegmentName(filepath.Base(files[i+1]))
			}
			more, err := scanFile(file, end, &last, yield)
			if err != nil {
				yield(acd.Event{}, fmt.Errorf("journal: %s: %w", file, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// segmentFiles lists the segments in the order of their numbers.
func segmentFiles(path string) ([]string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if !st.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var files []string
	for _, e := range entries {
		if _, ok := parseSegmentName(e.Name()); ok {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("journal: no segment in %s", path)
	}
	slices.Sort(files)
	return files, nil
}

// scanFile gives the events of one segment up to, and not including, the number
// end; false when the reader has had enough.
func scanFile(path string, end uint64, last *uint64, yield func(acd.Event, error) bool) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, err := readHeader(f)
	if err != nil {
		return false, err
	}
	st, err := f.Stat()
	if err != nil {
		return false, err
	}
	sc := newScanner(f, head, st.Size())
	for {
		r, err := sc.next()
		if errors.Is(err, io.EOF) || err == nil && r.seq >= end {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if r.form != formEvent || r.seq <= *last {
			continue
		}
		*last = r.seq
		ev, err := decodeEvent(r)
		if err != nil {
			continue // whole, and yet no event of a form that is known here
		}
		if !yield(ev, nil) {
			return false, nil
		}
	}
}
