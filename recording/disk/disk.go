package disk

import (
	"io"
	"io/fs"
)

// Files is a directory tree. Names are slash-separated and relative to its
// root; a name that would leave the root is an error of the layer.
type Files interface {
	// Create makes a new file open for reading and writing, and the
	// directories above it. It fails with fs.ErrExist when there is one.
	Create(name string) (File, error)
	// Open opens a file for reading, Edit for reading and writing.
	Open(name string) (File, error)
	Edit(name string) (File, error)
	// Rename replaces newName by oldName, at once and whole.
	Rename(oldName, newName string) error
	Remove(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	// Sync returns when what was written to the files and to the directories'
	// entries is on the disk. Files are those of this layer.
	Sync(files []File, dirs []string) error
	// Free tells the octets an unprivileged writer may still use, and the
	// size of the file system.
	Free() (free, total uint64, err error)
	Close() error
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Size() (int64, error)
}

// ReadFile reads the whole of a file of at most limit octets; a longer one is
// an error, for what is read at start must never be able to eat the memory.
func ReadFile(fsys Files, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errTooLong}
	}
	b := make([]byte, size)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	return b[:n], nil
}
