// Package simdisk is a disk in memory that loses what was not synced: a
// journal.FS for tests of power cuts, full disks and failing writes.
//
// It is harsher than real file systems: after a cut each sector that was
// written and not synced is there or not by itself, one may have a bit
// flipped, a file's length is the old or the new one, and a name that was
// made and not synced may be gone. What was synced is whole.
//
// A Disk may be used from any goroutine.
package simdisk
