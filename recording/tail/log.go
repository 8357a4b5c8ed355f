package tail

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"switchroom/recording/disk"
	"switchroom/recording/wav"

	"github.com/google/uuid"
)

// sizeMax is from what size on a log is replaced by a new one.
const sizeMax = 8 << 20

// Log is the log being written.
type Log struct {
	files  disk.Files
	number uint64
	size   int64
	buf    []byte // records gathered since the last Flush
	open   map[uint32]*entry
	handle uint32

	mu      sync.Mutex
	file    disk.File // under mu for Files alone; set by the owner
	retired []retiree
}

// entry is what a new log must be told of a recording still open.
type entry struct {
	id     uuid.UUID
	format wav.Format
	safe   int64
	chunks int
	link   [32]byte
}

type retiree struct {
	name   string
	file   disk.File
	synced bool // a sync has begun since; when it ends the log may go
}

// New returns a log whose files are numbered from number on. Nothing is
// written before the first Flush with something in it.
func New(files disk.Files, number uint64) *Log {
	return &Log{files: files, number: number, open: make(map[uint32]*entry)}
}

// Open notes a recording and returns its handle.
func (l *Log) Open(id string, format wav.Format) uint32 {
	l.handle++
	u, _ := uuid.Parse(id)
	e := &entry{id: u, format: format}
	l.open[l.handle] = e
	l.opened(l.handle, e)
	return l.handle
}

func (l *Log) opened(handle uint32, e *entry) {
	l.buf = appendRecord(l.buf, kindOpen, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, handle)
		b = append(b, e.id[:]...)
		b = append(b, byte(e.format))
		return binary.LittleEndian.AppendUint64(b, uint64(e.safe))
	})
}

// Block notes that samples were written from sample instant at on.
func (l *Log) Block(handle uint32, at int64, samples []byte, format wav.Format) {
	step := instantsMax * format.Block()
	for len(samples) > 0 {
		part := samples[:min(step, len(samples))]
		instants := len(part) / format.Block()
		l.buf = appendRecord(l.buf, kindBlock, func(b []byte) []byte {
			b = binary.LittleEndian.AppendUint32(b, handle)
			b = binary.LittleEndian.AppendUint64(b, uint64(at))
			b = binary.LittleEndian.AppendUint32(b, uint32(instants))
			return binary.LittleEndian.AppendUint32(b, Sum(part))
		})
		at += int64(instants)
		samples = samples[len(part):]
	}
}

// Safe notes that a recording is synced up to length instants.
func (l *Log) Safe(handle uint32, length int64) {
	e := l.open[handle]
	if e == nil || length <= e.safe {
		return
	}
	e.safe = length
	l.buf = appendRecord(l.buf, kindSafe, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, handle)
		return binary.LittleEndian.AppendUint64(b, uint64(length))
	})
}

// Link notes the head of a recording's hash chain after so many chunks.
func (l *Log) Link(handle uint32, chunks int, link [32]byte) {
	if e := l.open[handle]; e != nil {
		e.chunks, e.link = chunks, link
		l.linked(handle, e)
	}
}

func (l *Log) linked(handle uint32, e *entry) {
	l.buf = appendRecord(l.buf, kindLink, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, handle)
		b = binary.LittleEndian.AppendUint32(b, uint32(e.chunks))
		return append(b, e.link[:]...)
	})
}

// Close notes that a recording is sealed, or was given up.
func (l *Log) Close(handle uint32) {
	delete(l.open, handle)
	l.buf = appendRecord(l.buf, kindClose, func(b []byte) []byte {
		return binary.LittleEndian.AppendUint32(b, handle)
	})
}

// Flush writes what was gathered. After a failure it begins a new file at the
// next call, for the end of this one is not known.
func (l *Log) Flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	if l.file == nil || l.size > sizeMax {
		if err := l.begin(); err != nil {
			l.buf = l.buf[:0]
			return err
		}
	}
	n, err := l.file.WriteAt(l.buf, l.size)
	l.size += int64(n)
	l.buf = l.buf[:0]
	if err != nil {
		l.size = sizeMax + 1
		return fmt.Errorf("tail: %w", err)
	}
	return nil
}

// begin puts a new file in the place of the present one. What was gathered
// follows the table of the open recordings.
func (l *Log) begin() error {
	name := fileName(l.number)
	file, err := l.files.Create(name)
	if err != nil {
		return fmt.Errorf("tail: %w", err)
	}
	gathered := l.buf
	l.buf = append(make([]byte, 0, len(gathered)+64*len(l.open)), magic...)
	for handle, e := range l.open {
		l.opened(handle, e)
		if e.chunks > 0 {
			l.linked(handle, e)
		}
	}
	l.buf = append(l.buf, gathered...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.retired = append(l.retired, retiree{name: fileName(l.number - 1), file: l.file})
	}
	l.file, l.size = file, 0
	l.number++
	return nil
}

// Files returns what a sync must cover. Any goroutine may call it.
func (l *Log) Files() []disk.File {
	l.mu.Lock()
	defer l.mu.Unlock()
	var files []disk.File
	for i := range l.retired {
		l.retired[i].synced = true
		files = append(files, l.retired[i].file)
	}
	if l.file != nil {
		files = append(files, l.file)
	}
	return files
}

// Synced says that a sync of all that the last Files returned, and of all that
// they speak of, has succeeded: older logs go. The same goroutine calls both.
func (l *Log) Synced() error {
	l.mu.Lock()
	var gone []retiree
	kept := l.retired[:0]
	for _, r := range l.retired {
		if r.synced {
			gone = append(gone, r)
		} else {
			kept = append(kept, r)
		}
	}
	l.retired = kept
	l.mu.Unlock()
	var first error
	for _, r := range gone {
		r.file.Close()
		if err := l.files.Remove(r.name); err != nil && first == nil {
			first = fmt.Errorf("tail: %w", err)
		}
	}
	return first
}

// Begin makes the log's file before there is anything to note: that it is
// there, whole and with nothing open in it, is what tells a clean end.
func (l *Log) Begin() error {
	if l.file != nil {
		return nil
	}
	if err := l.begin(); err != nil {
		return err
	}
	return l.Flush()
}

// End closes the log's files. They stay for the next start to read.
func (l *Log) End() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, r := range l.retired {
		errs = append(errs, r.file.Close())
	}
	if l.file != nil {
		errs = append(errs, l.file.Close())
	}
	l.file, l.retired = nil, nil
	return errors.Join(errs...)
}
