package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what the subject has used since its start.
type usage struct {
	cpu      time.Duration
	system   float64 // share of cpu that the kernel used, by its ticks
	switches int64   // of threads
	mallocs  float64
	octets   float64 // allocated
}

// usage reads the subject's counters; its allocations are what it says itself.
func (s *subject) usage() usage {
	u := usage{cpu: s.cpu()}
	user, system := s.ticks()
	u.system = float64(system) / max(float64(user+system), 1)
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.cmd.Process.Pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // a thread may end meanwhile
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.HasSuffix(name, "_ctxt_switches") {
				n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
				u.switches += n
			}
		}
	}
	u.mallocs, u.octets = s.allocated()
	return u
}

// each prints what n calls took from before to after.
func (after usage) each(before usage, n int) string {
	calls := float64(max(n, 1))
	return fmt.Sprintf("each: %.0f context switches, %.0f allocations of %.0f KB together; %.0f %% of the CPU in the kernel",
		float64(after.switches-before.switches)/calls, (after.mallocs-before.mallocs)/calls,
		(after.octets-before.octets)/calls/1024, after.system*100)
}

// cpu is the CPU time that the subject has used, to the nanosecond: the clock of
// another process is named by its id (clock_getcpuclockid(3)).
func (s *subject) cpu() time.Duration {
	const scheduled = 2
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^s.cmd.Process.Pid<<3|scheduled), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// ticks are the kernel's coarse counts of where the time went.
func (s *subject) ticks() (user, system int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
	user, _ = strconv.ParseInt(fields[11], 10, 64)
	system, _ = strconv.ParseInt(fields[12], 10, 64)
	return user, system
}

// allocated are the objects and octets that the subject's heap ever had.
func (s *subject) allocated() (objects, octets float64) {
	req, err := http.NewRequest(http.MethodGet, s.http+"/metrics", nil)
	if err != nil {
		return 0, 0
	}
	req.Header.Set("Authorization", "Bearer load")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		switch name {
		case "go_memstats_mallocs_total":
			objects, _ = strconv.ParseFloat(value, 64)
		case "go_memstats_alloc_bytes_total":
			octets, _ = strconv.ParseFloat(value, 64)
		}
	}
	return objects, octets
}

// memory is the subject's resident set in MB.
func (s *subject) memory() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return pages * os.Getpagesize() >> 20
}
