package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"switchroom/recording/calendar"
)

// calendarFile keeps the calendar, in the key's directory.
const calendarFile = "calendar.json"

// lateMax is by how much the calendar may be behind the wall clock before that
// is an alarm.
const lateMax = 48 * time.Hour

// Date is what both clocks say.
type Date struct {
	Wall     time.Time // the wall clock
	Calendar time.Time // by which recordings age
}

// earlier is the one by which less is due.
func (d Date) earlier() time.Time {
	if d.Wall.Before(d.Calendar) {
		return d.Wall
	}
	return d.Calendar
}

// Clocks reads the clocks, brings the calendar up to them and keeps it.
func (s *Store) Clocks() (Date, error) { return s.turnCalendar((*calendar.State).Step) }

// TrustClock sets the calendar to the wall clock: somebody knows that it is
// right, after the machine was down or has moved. What is due by it is
// condemned by the next Expire, and deleted no sooner than ever.
func (s *Store) TrustClock() (Date, error) { return s.turnCalendar((*calendar.State).Trust) }

func (s *Store) turnCalendar(turn func(*calendar.State, calendar.Reading)) (Date, error) {
	s.dating.Lock()
	defer s.dating.Unlock()
	if s.calendar.Now.IsZero() {
		if err := s.loadCalendar(); err != nil {
			return Date{}, err
		}
	}
	boot, up := s.cfg.Uptime()
	r := calendar.Reading{Wall: s.cfg.Now().Round(0).UTC(), Boot: boot, Up: up}
	turn(&s.calendar, r)
	b, err := json.Marshal(s.calendar)
	if err == nil {
		err = replaceFile(s.cfg.Keys, calendarFile, b)
	}
	if err != nil {
		return Date{}, fmt.Errorf("recording: calendar: %w", err)
	}
	late := s.calendar.Late(r)
	s.alarms.set(ClockDoubted, late > lateMax,
		"the wall clock is ahead of the time that has passed here: recordings are kept longer than their rules until that time has passed or somebody says that the clock is right")
	return Date{r.Wall, s.calendar.Now}, nil
}

// loadCalendar reads the calendar. Without one, time is as late as the ledger's
// last entry says, or the wall clock where there is no ledger.
func (s *Store) loadCalendar() error {
	b, err := os.ReadFile(filepath.Join(s.cfg.Keys, calendarFile))
	if err == nil && json.Unmarshal(b, &s.calendar) == nil && !s.calendar.Now.IsZero() {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("recording: calendar: %w", err)
	}
	boot, up := s.cfg.Uptime()
	s.calendar = calendar.State{Now: s.cfg.Now().Round(0).UTC(), Boot: boot, Up: up}
	s.book.Lock()
	defer s.book.Unlock()
	if at := s.ledger.Last(); !at.IsZero() && at.Before(s.calendar.Now) {
		s.calendar.Now = at
	}
	return nil
}
