package configs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a switch in a bare container knows its time zones, too
)

// Calendar says when somebody is there.
type Calendar struct {
	ID       string
	Zone     string // of the IANA's list
	Open     []Hours
	Holidays []Days
}

// Hours are a stretch of the day on some weekdays: from Start up to End, in
// minutes after midnight. End may lie on the next day.
type Hours struct {
	Days       [7]bool // by time.Weekday
	Start, End int
}

// Days are holidays, both ends included, as year, month and day alone.
type Days struct{ First, Last string }

const dayLayout = "2006-01-02"

// Location is the calendar's time zone. It is read anew each time.
func (c *Calendar) Location() *time.Location {
	l, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC // not after the text was checked
	}
	return l
}

// Is says whether the calendar is open at t, which is in its time zone, and
// whether t is a holiday.
func (c *Calendar) Is(t time.Time) (open, holiday bool) {
	minute := t.Hour()*60 + t.Minute()
	// A stretch over midnight belongs to the day on which it began.
	yesterday := t.AddDate(0, 0, -1)
	for _, h := range c.Open {
		if h.Days[t.Weekday()] && minute >= h.Start && minute < h.End && !c.holiday(t) ||
			h.Days[yesterday.Weekday()] && minute < h.End-24*60 && !c.holiday(yesterday) {
			return true, false
		}
	}
	return false, c.holiday(t)
}

func (c *Calendar) holiday(t time.Time) bool {
	day := t.Format(dayLayout)
	for _, d := range c.Holidays {
		if d.First <= day && day <= d.Last {
			return true
		}
	}
	return false
}

func (d *decoder) calendar(m *mapping) Calendar {
	c := Calendar{Zone: "UTC"}
	m.define(aCalendar, &c.ID)
	read(m, "time_zone", &c.Zone, func(s string) (string, error) {
		_, err := time.LoadLocation(s)
		if err != nil || s == "" || s == "Local" {
			return "", errors.New("a time zone of the IANA's list is wanted, such as Asia/Shanghai")
		}
		return s, nil
	})
	m.need("open", `it says when somebody is there, such as "mon-fri 09:00-18:00"`)
	for _, n := range m.nodes("open") {
		if text, ok := d.text(n, "open"); ok {
			h, err := hoursOf(text)
			if err != nil {
				d.fault(position(n), "open has %s: %v", quote(text), err)
				continue
			}
			c.Open = append(c.Open, h)
		}
	}
	for _, n := range m.nodes("holidays") {
		if text, ok := d.text(n, "holidays"); ok {
			v, err := daysOf(text)
			if err != nil {
				d.fault(position(n), "holidays has %s: %v", quote(text), err)
				continue
			}
			c.Holidays = append(c.Holidays, v)
		}
	}
	return c
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// hoursOf reads "mon-fri 09:00-18:00", "sat,sun 10:00-14:00", "daily 00:00-24:00".
func hoursOf(s string) (h Hours, err error) {
	days, span, ok := strings.Cut(s, " ")
	from, to, ok2 := strings.Cut(strings.TrimSpace(span), "-")
	if !ok || !ok2 {
		return h, errors.New("days and hours are wanted, such as mon-fri 09:00-18:00")
	}
	for part := range strings.SplitSeq(days, ",") {
		if err := h.add(part); err != nil {
			return h, err
		}
	}
	if h.Start, err = minuteOf(from); err != nil {
		return h, err
	}
	if h.End, err = minuteOf(to); err != nil {
		return h, err
	}
	switch {
	case h.End == h.Start:
		return h, errors.New("it ends when it begins: a whole day is 00:00-24:00")
	case h.End < h.Start:
		h.End += 24 * 60
	}
	return h, nil
}

// add takes in a day or a range of days.
func (h *Hours) add(part string) error {
	if part == "daily" {
		h.Days = [7]bool{true, true, true, true, true, true, true}
		return nil
	}
	first, last, isRange := strings.Cut(part, "-")
	if !isRange {
		last = first
	}
	a, b := weekday(first), weekday(last)
	if a < 0 || b < 0 {
		return fmt.Errorf("%s is no day: mon, tue, wed, thu, fri, sat, sun or daily is wanted", quote(part))
	}
	for ; a != b; a = (a + 1) % 7 {
		h.Days[a] = true
	}
	h.Days[b] = true
	return nil
}

func weekday(s string) int {
	for i, d := range weekdays {
		if d == s {
			return i
		}
	}
	return -1
}

func minuteOf(s string) (int, error) {
	hour, minute, ok := strings.Cut(s, ":")
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || err1 != nil || err2 != nil || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 || len(minute) != 2 {
		return 0, fmt.Errorf("%s is no time of day: 00:00 to 24:00 is wanted", quote(s))
	}
	return h*60 + m, nil
}

// daysOf reads "2026-10-01" or "2026-10-01..2026-10-07".
func daysOf(s string) (v Days, err error) {
	first, last, isRange := strings.Cut(s, "..")
	if !isRange {
		last = first
	}
	for _, day := range []string{first, last} {
		if _, err := time.Parse(dayLayout, day); err != nil {
			return v, errors.New("a day or a range of days is wanted, such as 2026-10-01 or 2026-10-01..2026-10-07")
		}
	}
	if last < first {
		return v, errors.New("it ends before it begins")
	}
	return Days{first, last}, nil
}
