package calendar

import "time"

// Reading is one look at the clocks.
type Reading struct {
	Wall time.Time
	Boot string        // tells one start of the machine from another
	Up   time.Duration // since then; no step of the wall clock moves it
}

// State is the calendar as it is kept on disk.
type State struct {
	Now  time.Time     `json:"now"`
	Boot string        `json:"boot"`
	Up   time.Duration `json:"up_ns"`
}

// catchUp is the part of the running time by which the calendar may advance
// besides it: an hour a day.
const catchUp = 24

// Step brings the calendar up to a reading.
func (s *State) Step(r Reading) {
	passed := time.Duration(0)
	if r.Boot == s.Boot && r.Up > s.Up {
		passed = r.Up - s.Up
	}
	s.Boot, s.Up = r.Boot, r.Up
	reach := s.Now.Add(passed + passed/catchUp)
	if reach.After(r.Wall) {
		reach = r.Wall
	}
	if reach.After(s.Now) {
		s.Now = reach.Round(0).UTC()
	}
}

// Trust sets the calendar to the wall clock, if that is later.
func (s *State) Trust(r Reading) {
	s.Boot, s.Up = r.Boot, r.Up
	if r.Wall.After(s.Now) {
		s.Now = r.Wall.Round(0).UTC()
	}
}

// Late is by how much the calendar is behind a reading's wall clock.
func (s *State) Late(r Reading) time.Duration { return max(r.Wall.Sub(s.Now), 0) }
