//go:build !linux

package disk

import "math"

// Sync makes files and directories durable, one by one.
func (o *osFiles) Sync(files []File, dirs []string) error { return o.syncEach(files, dirs) }

func (f *osFile) sync() error { return f.File.Sync() }

// Free knows no limit where the system is not asked for one; a full disk then
// shows as failing writes.
func (o *osFiles) Free() (free, total uint64, err error) {
	return math.MaxInt64, math.MaxInt64, nil
}
