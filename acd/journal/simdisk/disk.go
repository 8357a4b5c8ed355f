package simdisk

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"

	"switchroom/acd/journal"
)

// ErrPowerCut is what every operation gives after the cut.
var ErrPowerCut = errors.New("simdisk: power cut")

// Op names an operation for Disk.Fault.
type Op string

// The operations on a disk.
const (
	Create   Op = "create"
	Open     Op = "open"
	Rename   Op = "rename"
	Remove   Op = "remove"
	SyncDir  Op = "sync-dir"
	Read     Op = "read"
	Write    Op = "write"
	Truncate Op = "truncate"
	Allocate Op = "allocate"
	Sync     Op = "sync"
)

// Disk is one simulated folder.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*node
	durable  map[string]*node // the names after a cut, but for later changes that made it
	changes  []change         // of names, not synced
	capacity int64            // bytes; 0: no limit
	fault    func(Op, string) error
	ops      int // operations that change the disk
	cutAfter int // of those; 0: never
	cut      bool
	locked   bool
}

// change is one step of the folder that a cut may undo with all later ones.
type change func(names map[string]*node)

var _ journal.FS = (*Disk)(nil)

// New gives an empty disk.
func New() *Disk {
	return &Disk{names: map[string]*node{}, durable: map[string]*node{}}
}

// SetCapacity limits the disk; writing beyond fails with ENOSPC.
func (d *Disk) SetCapacity(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capacity = bytes
}

// SetFault lets f fail operations; nil: none. f must not call the disk.
func (d *Disk) SetFault(f func(Op, string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// CutAfter cuts the power after n more operations that change the disk.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cutAfter = d.ops + n
}

// Ops counts the operations that changed the disk.
func (d *Disk) Ops() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

// Crash gives the disk as the next start finds it, were the power cut now:
// rng decides what of the unsynced is there.
func (d *Disk) Crash(rng *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := map[string]*node{}
	for name, n := range d.durable {
		names[name] = n
	}
	for _, c := range d.changes[:rng.IntN(len(d.changes)+1)] {
		c(names)
	}
	after := New()
	for name, n := range names {
		data := n.crash(rng)
		after.names[name] = &node{live: data, synced: slices.Clone(data)}
		after.durable[name] = after.names[name]
	}
	after.capacity = d.capacity
	return after
}

// Corrupt changes a file's bytes behind the journal's back, durably.
func (d *Disk) Corrupt(name string, f func(data []byte)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.names[name]; n != nil {
		f(n.live)
		n.synced = slices.Clone(n.live)
	}
}

// Bytes gives a copy of a file, nil when there is none.
func (d *Disk) Bytes(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.names[name]; n != nil {
		return slices.Clone(n.live)
	}
	return nil
}

// Put makes a file that is durable at once.
func (d *Disk) Put(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := &node{live: slices.Clone(data), synced: slices.Clone(data)}
	d.names[name], d.durable[name] = n, n
}

// begin is called under mu by every operation.
func (d *Disk) begin(op Op, name string) error {
	if d.cut {
		return ErrPowerCut
	}
	if d.fault != nil {
		if err := d.fault(op, name); err != nil {
			return err
		}
	}
	if op == Read || op == Open {
		return nil
	}
	if d.ops++; d.cutAfter > 0 && d.ops > d.cutAfter {
		d.cut = true
		return ErrPowerCut
	}
	return nil
}

// room says whether grow more bytes fit. Under mu.
func (d *Disk) room(grow int64) error {
	if d.capacity == 0 || grow <= 0 {
		return nil
	}
	var used int64
	for _, n := range d.names {
		used += int64(len(n.live))
	}
	if used+grow > d.capacity {
		return syscall.ENOSPC
	}
	return nil
}

func (d *Disk) change(c change) {
	c(d.names)
	d.changes = append(d.changes, c)
}

// Lock implements journal.FS.
func (d *Disk) Lock(string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, journal.ErrLocked
	}
	d.locked = true
	return unlock{d}, nil
}

type unlock struct{ d *Disk }

func (u unlock) Close() error {
	u.d.mu.Lock()
	defer u.d.mu.Unlock()
	u.d.locked = false
	return nil
}

// List implements journal.FS.
func (d *Disk) List() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := []string{"lock"}
	for name := range d.names {
		names = append(names, name)
	}
	return names, nil
}

// Create implements journal.FS.
func (d *Disk) Create(name string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(Create, name); err != nil {
		return nil, err
	}
	if d.names[name] != nil {
		return nil, fs.ErrExist
	}
	n := &node{}
	d.change(func(names map[string]*node) { names[name] = n })
	return file{d, n, name}, nil
}

// Open implements journal.FS.
func (d *Disk) Open(name string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(Open, name); err != nil {
		return nil, err
	}
	n := d.names[name]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return file{d, n, name}, nil
}

// Rename implements journal.FS.
func (d *Disk) Rename(old, new string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(Rename, old); err != nil {
		return err
	}
	n := d.names[old]
	if n == nil {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*node) {
		delete(names, old)
		names[new] = n
	})
	return nil
}

// Remove implements journal.FS.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(Remove, name); err != nil {
		return err
	}
	if d.names[name] == nil {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*node) { delete(names, name) })
	return nil
}

// Total implements journal.FS.
func (d *Disk) Total() (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.capacity == 0 {
		return 1 << 40, nil
	}
	return d.capacity, nil
}

// Sync implements journal.FS.
func (d *Disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(SyncDir, ""); err != nil {
		return err
	}
	for _, c := range d.changes {
		c(d.durable)
	}
	d.changes = nil
	return nil
}
