package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

var errTooLong = errors.New("disk: file longer than it may be")

// Permissions: recordings are for the switch's own account and its group.
const (
	dirMode  = 0o750
	fileMode = 0o640
)

// osFiles is the operating system's tree below an os.Root: neither a name nor
// a symbolic link leads out of it.
type osFiles struct{ root *os.Root }

var _ Files = (*osFiles)(nil)

// Open opens the directory dir, making it if need be, as a tree of files.
func Open(dir string) (Files, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	return &osFiles{root: root}, nil
}

func (o *osFiles) Create(name string) (File, error) {
	f, err := o.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := o.root.MkdirAll(path.Dir(name), dirMode); err != nil {
		return nil, err
	}
	return o.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

func (o *osFiles) Open(name string) (File, error) { return o.open(name, os.O_RDONLY) }
func (o *osFiles) Edit(name string) (File, error) { return o.open(name, os.O_RDWR) }

func (o *osFiles) open(name string, flags int) (File, error) {
	f, err := o.root.OpenFile(name, flags, fileMode)
	if err != nil {
		return nil, err
	}
	return &osFile{f}, nil
}

func (o *osFiles) Rename(oldName, newName string) error { return o.root.Rename(oldName, newName) }
func (o *osFiles) Remove(name string) error             { return o.root.Remove(name) }
func (o *osFiles) Close() error                         { return o.root.Close() }

func (o *osFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := o.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// syncEach syncs the files one by one, then the directories.
func (o *osFiles) syncEach(files []File, dirs []string) error {
	var errs []error
	for _, f := range files {
		if err := f.(*osFile).sync(); err != nil {
			errs = append(errs, err)
		}
	}
	for _, dir := range dirs {
		if err := o.syncDir(dir); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (o *osFiles) syncDir(dir string) error {
	f, err := o.root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

type osFile struct{ *os.File }

func (f *osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
