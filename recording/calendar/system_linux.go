package calendar

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// System reads the machine's boot clock, which counts in suspend too and
// which no setting of the time moves. It goes on over restarts of the process.
func System() (boot string, up time.Duration) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return process()
	}
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return process()
	}
	return strings.TrimSpace(string(id)), time.Duration(t.Nano())
}
