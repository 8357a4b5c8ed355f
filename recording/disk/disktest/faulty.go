package disktest

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"switchroom/recording/disk"
)

// Faulty is a real directory that fails on command: what the file control
// holds happens to every write and sync, a word each:
//
//	slow=2s      it takes so long
//	EIO, ENOSPC  it fails so
//
// Without the file all is well. It is for programs that are tested whole, whose
// disk nobody else can reach.
func Faulty(dir, control string) (disk.Files, error) {
	files, err := disk.Open(dir)
	if err != nil {
		return nil, err
	}
	return &faulty{files, control}, nil
}

type faulty struct {
	disk.Files
	control string
}

// strike does what the control file says.
func (f *faulty) strike() error {
	text, err := os.ReadFile(f.control)
	if err != nil {
		return nil
	}
	for word := range strings.FieldsSeq(string(text)) {
		switch slow, isSlow := strings.CutPrefix(word, "slow="); {
		case isSlow:
			d, err := time.ParseDuration(slow)
			if err != nil {
				return fmt.Errorf("disktest: %w", err)
			}
			<-time.After(d) // as a disk does: nothing ends it sooner
		case word == "EIO":
			return syscall.EIO
		case word == "ENOSPC":
			return syscall.ENOSPC
		default:
			return fmt.Errorf("disktest: unknown fault %q", word)
		}
	}
	return nil
}

func (f *faulty) Create(name string) (disk.File, error) {
	if err := f.strike(); err != nil {
		return nil, err
	}
	return f.wrap(f.Files.Create(name))
}

func (f *faulty) Open(name string) (disk.File, error) { return f.wrap(f.Files.Open(name)) }
func (f *faulty) Edit(name string) (disk.File, error) { return f.wrap(f.Files.Edit(name)) }

func (f *faulty) wrap(file disk.File, err error) (disk.File, error) {
	if err != nil {
		return nil, err
	}
	return &faultyFile{file, f}, nil
}

func (f *faulty) Sync(files []disk.File, dirs []string) error {
	if err := f.strike(); err != nil {
		return err
	}
	bare := make([]disk.File, len(files))
	for i, file := range files {
		bare[i] = file.(*faultyFile).File
	}
	return f.Files.Sync(bare, dirs)
}

type faultyFile struct {
	disk.File
	disk *faulty
}

func (f *faultyFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.disk.strike(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(b, at)
}
