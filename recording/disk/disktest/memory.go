package disktest

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"switchroom/recording/disk"
)

// Op is what is done to the disk.
type Op string

const (
	OpCreate Op = "create"
	OpWrite  Op = "write"
	OpRename Op = "rename"
	OpRemove Op = "remove"
	OpSync   Op = "sync"
	OpCut    Op = "truncate"
)

// Memory is a disk in memory. It may be used from any goroutine.
type Memory struct {
	// Before, when set, is asked before each change. An error fails it; for a
	// write, n is how many octets are written nevertheless.
	Before func(op Op, name string) (n int, err error)

	mu      sync.Mutex
	entries map[string]*inode // as programs see them
	durable map[string]*inode // as a power cut would leave them
	changes []change          // of entries, not synced, in order
	free    uint64
	syncs   int
}

var _ disk.Files = (*Memory)(nil)

// change is an entry set to an inode, or removed; more than one when a rename
// does both at once.
type change []struct {
	name string
	node *inode
}

// inode is a file's content.
type inode struct {
	data    []byte
	durable []byte
	pending []write
}

// write is one change of content: octets at a place, or a new size.
type write struct {
	at   int64
	data []byte
	size int64 // of a truncation; -1 for a write
}

func (w write) apply(b []byte) []byte {
	if w.size >= 0 {
		return append(b, make([]byte, max(w.size-int64(len(b)), 0))...)[:w.size]
	}
	if end := int(w.at) + len(w.data); end > len(b) {
		b = append(b, make([]byte, end-len(b))...)
	}
	copy(b[w.at:], w.data)
	return b
}

// New returns an empty disk with so much space.
func New(free uint64) *Memory {
	return &Memory{entries: make(map[string]*inode), durable: make(map[string]*inode), free: free}
}

// SetFree sets what Free tells.
func (m *Memory) SetFree(free uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free = free
}

// Syncs returns how many syncs succeeded.
func (m *Memory) Syncs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.syncs
}

func (m *Memory) ask(op Op, name string) (int, error) {
	if m.Before == nil {
		return 0, nil
	}
	return m.Before(op, name)
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func (m *Memory) Create(name string) (disk.File, error) {
	if _, err := m.ask(OpCreate, name); err != nil {
		return nil, pathError("create", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !fs.ValidPath(name) {
		return nil, pathError("create", name, fs.ErrInvalid)
	}
	if m.entries[name] != nil {
		return nil, pathError("create", name, fs.ErrExist)
	}
	node := &inode{}
	m.set(change{{name, node}})
	return &file{m, name, node}, nil
}

func (m *Memory) set(c change) {
	for _, e := range c {
		if e.node == nil {
			delete(m.entries, e.name)
		} else {
			m.entries[e.name] = e.node
		}
	}
	m.changes = append(m.changes, c)
}

func (m *Memory) Open(name string) (disk.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.entries[name]
	if node == nil {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	return &file{m, name, node}, nil
}

func (m *Memory) Edit(name string) (disk.File, error) { return m.Open(name) }

func (m *Memory) Rename(oldName, newName string) error {
	if _, err := m.ask(OpRename, newName); err != nil {
		return pathError("rename", oldName, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.entries[oldName]
	if node == nil {
		return pathError("rename", oldName, fs.ErrNotExist)
	}
	m.set(change{{oldName, nil}, {newName, node}})
	return nil
}

func (m *Memory) Remove(name string) error {
	if _, err := m.ask(OpRemove, name); err != nil {
		return pathError("remove", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries[name] == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	m.set(change{{name, nil}})
	return nil
}

func (m *Memory) ReadDir(dir string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	prefix := dir + "/"
	if dir == "." {
		prefix = ""
	}
	found := make(map[string]bool)
	for name := range m.entries {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			first, _, deeper := strings.Cut(rest, "/")
			found[first] = found[first] || deeper
		}
	}
	if len(found) == 0 && dir != "." {
		return nil, pathError("readdir", dir, fs.ErrNotExist)
	}
	var out []fs.DirEntry
	for name, isDir := range found {
		out = append(out, entry{name, isDir})
	}
	return out, nil
}

// Sync makes the files' content and the directories' entries durable, and
// nothing else: stricter than a disk that syncs all.
func (m *Memory) Sync(files []disk.File, dirs []string) error {
	if _, err := m.ask(OpSync, ""); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range files {
		node := f.(*file).node
		for _, w := range node.pending {
			node.durable = w.apply(node.durable)
		}
		node.pending = nil
	}
	m.changes = slices.DeleteFunc(m.changes, func(c change) bool {
		if !slices.Contains(dirs, path.Dir(c[0].name)) {
			return false
		}
		settle(m.durable, c)
		return true
	})
	m.syncs++
	return nil
}

func settle(entries map[string]*inode, c change) {
	for _, e := range c {
		if e.node == nil {
			delete(entries, e.name)
		} else {
			entries[e.name] = e.node
		}
	}
}

func (m *Memory) Free() (free, total uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.free, 1 << 40, nil
}

func (m *Memory) Close() error { return nil }

// file is an open file of a Memory.
type file struct {
	m    *Memory
	name string
	node *inode
}

func (f *file) ReadAt(b []byte, at int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if at >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, at int64) (int, error) {
	n, err := f.m.ask(OpWrite, f.name)
	if err == nil {
		n = len(b)
	}
	n = min(n, len(b))
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	w := write{at: at, data: slices.Clone(b[:n]), size: -1}
	f.node.data = w.apply(f.node.data)
	f.node.pending = append(f.node.pending, w)
	if err != nil {
		return n, pathError("write", f.name, err)
	}
	return n, nil
}

func (f *file) Truncate(size int64) error {
	if _, err := f.m.ask(OpCut, f.name); err != nil {
		return pathError("truncate", f.name, err)
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	w := write{size: size}
	f.node.data = w.apply(f.node.data)
	f.node.pending = append(f.node.pending, w)
	return nil
}

func (f *file) Size() (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return int64(len(f.node.data)), nil
}

func (f *file) Close() error { return nil }

// entry is a directory's entry.
type entry struct {
	name string
	dir  bool
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.dir }
func (e entry) Info() (fs.FileInfo, error) { return info{e}, nil }
func (e entry) Type() fs.FileMode {
	if e.dir {
		return fs.ModeDir
	}
	return 0
}

type info struct{ entry }

func (i info) Size() int64        { return 0 }
func (i info) Mode() fs.FileMode  { return i.Type() }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
