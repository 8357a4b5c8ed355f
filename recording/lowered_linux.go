package recording

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// lowered gives the calling goroutine a thread of its own with the lowest
// priority, for as long as it lives: the thread ends with it, since a priority
// is not raised again without a privilege.
func lowered() {
	runtime.LockOSThread()
	// Without it the work is only as patient as its pace.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19)

}
