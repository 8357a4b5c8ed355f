package api

import (
	"os"
	"strings"
	"time"
	_ "time/tzdata" // zones of reports, also where the machine has none
)

// localZone is the machine's time zone by its name, which reports tell and
// time.Local does not know; time.Local where the name can't be found.
func localZone() *time.Location {
	name := strings.TrimPrefix(os.Getenv("TZ"), ":")
	if name == "" {
		link, err := os.Readlink("/etc/localtime")
		if _, after, ok := strings.Cut(link, "zoneinfo/"); err == nil && ok {
			name = after
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return time.Local
	}
	// Somebody may have changed one and not the other.
	now := time.Now()
	_, ours := now.In(zone).Zone()
	if _, theirs := now.In(time.Local).Zone(); ours != theirs {
		return time.Local
	}
	return zone
}
