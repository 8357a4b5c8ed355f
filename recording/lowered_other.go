//go:build !linux

package recording

// lowered does nothing where a thread has no priority of its own.
func lowered() {}
