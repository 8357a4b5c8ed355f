package journal

import "io"

// FS is the folder the journal lies in, as far as the journal needs it. Names
// are plain file names. Tests put a simulated disk in its place.
type FS interface {
	// Lock makes this process the folder's only user until the lock is
	// closed; ErrLocked when another has it.
	Lock(name string) (io.Closer, error)

	// List gives the names of all files.
	List() ([]string, error)

	// Create makes a file that must not exist yet, Open opens one that must.
	Create(name string) (File, error)
	Open(name string) (File, error)

	// Rename replaces what has the new name, if anything.
	Rename(old, new string) error
	Remove(name string) error

	// Total is how many bytes the disk holds, used or not.
	Total() (int64, error)

	// Sync makes the creating, renaming and removing of files durable.
	Sync() error
}

// File is one file of an FS.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer

	Size() (int64, error)
	Truncate(size int64) error

	// Allocate extends the file to size bytes, all of them zero where nothing
	// was written, so that writing below size can't fail for lack of room.
	Allocate(size int64) error

	// Sync makes what was written durable (fdatasync).
	Sync() error
}
