package cli

import (
	"fmt"
	"time"
)

// when is a moment on the command line: RFC 3339, a date or a date and time in
// the user's zone, "today", or a duration ago such as 90m.
type when struct{ time.Time }

// UnmarshalText reads a moment as it is written on the command line.
func (w *when) UnmarshalText(text []byte) error {
	t, err := parseWhen(string(text), time.Now())
	w.Time = t
	return err
}

func parseWhen(s string, now time.Time) (time.Time, error) {
	if s == "today" {
		y, m, d := now.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, now.Location()), nil
	}
	if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-01-31, 2026-01-31T15:04, today, or 90m for 90 minutes ago", s)
}
