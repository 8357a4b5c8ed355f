package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"switchroom/recording/disk"

	"go.uber.org/zap"
)

// Walk passes the metadata of every recording to f, in the order of their ids
// and so of time, those still running among them; it stops at f's first error
// and returns it. A JSON that cannot be read is logged and left out. Chunks
// are left out.
func (s *Store) Walk(f func(Meta) error) error {
	return walk(s.files, func(n name) error {
		m, err := s.metaOf(n)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			s.zlog.Warn("recording's metadata unreadable", zap.String("id", n.id), zap.Error(err))
			return nil
		}
		m.Chunks = nil
		return f(m)
	})
}

// Meta returns a recording's metadata, as it stands when it is running.
// Errors: ErrNotFound, and whatever the disk says.
func (s *Store) Meta(id string) (Meta, error) {
	n, ok := nameOf(id)
	if !ok {
		return Meta{}, ErrNotFound
	}
	return s.metaOf(n)
}

func (s *Store) metaOf(n name) (Meta, error) {
	s.mu.Lock()
	r := s.open[n.id]
	s.mu.Unlock()
	if r != nil {
		return r.live(), nil
	}
	m, _, err := readMeta(s.files, n)
	if errors.Is(err, fs.ErrNotExist) {
		return Meta{}, ErrNotFound
	}
	return m, err
}

// live is the metadata of a recording that is not sealed yet.
func (r *Recorder) live() Meta {
	m := r.view()
	f, ok := formatOf(m)
	file := r.file.Load()
	if length := r.length.Load(); ok && file != nil {
		m.Length = float64(length*1000/rate) / 1000
		if m.Encryption != nil {
			m.Size, _ = file.Size() // closed in this instant: not known yet
			return m
		}
		m.Size = int64(f.HeaderSize()) + length*int64(f.Block())
	}
	return m
}

// walk passes each recording below files to f, by its JSON or, lacking one,
// by its sound.
func walk(files disk.Files, f func(name) error) error {
	return walkDays(files, func(dir string) error {
		return walkDay(files, dir, func(n name, _ []string) error { return f(n) })
	})
}

// walkDays passes each day's directory to f, oldest first.
func walkDays(files disk.Files, f func(dir string) error) error {
	var down func(dir string, depth int) error
	down = func(dir string, depth int) error {
		if depth == 3 {
			return f(dir)
		}
		names, err := digits(files, dir)
		if err != nil {
			return err
		}
		for _, n := range names {
			if err := down(path.Join(dir, n), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return down(".", 0)
}

// digits lists the directories in dir whose names are numbers, in order.
func digits(files disk.Files, dir string) ([]string, error) {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("recording: walk: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && strings.Trim(e.Name(), "0123456789") == "" {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// walkDay passes each recording of a day to f, with the suffixes of its files.
func walkDay(files disk.Files, dir string, f func(n name, suffixes []string) error) error {
	entries, err := files.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("recording: walk: %w", err)
	}
	found := make(map[string]name)
	suffixes := make(map[string][]string)
	for _, e := range entries {
		for _, suffix := range []string{metaSuffix, soundSuffix, flacSuffix, vaultSuffix} {
			if n, ok := idOf(dir, e.Name(), suffix); ok && e.Type().IsRegular() {
				found[n.id] = n
				suffixes[n.id] = append(suffixes[n.id], suffix)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if err := f(found[id], suffixes[id]); err != nil {
			return err
		}
	}
	return nil
}
