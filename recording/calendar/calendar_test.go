package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// machine is a wall clock and a boot clock.
type machine struct {
	at   time.Time // the time there is
	step time.Duration
	boot string
	up   time.Duration
}

func (m *machine) run(d time.Duration) { m.at, m.up = m.at.Add(d), m.up+d }
func (m *machine) off(d time.Duration) { m.at, m.up, m.boot = m.at.Add(d), 0, m.boot+"x" }
func (m *machine) reading() Reading    { return Reading{m.at.Add(m.step), m.boot, m.up} }
func newMachine() (machine, State) {
	return machine{at: start, boot: "a"}, State{Now: start, Boot: "a"}
}
func (m *machine) sweep(s *State) State { m.run(time.Hour); s.Step(m.reading()); return *s }

func TestTheCalendarGoesWithTheWallClock(t *testing.T) {
	m, s := newMachine()
	for range 1000 {
		m.sweep(&s)
	}
	require.Equal(t, m.at, s.Now)
	require.Zero(t, s.Late(m.reading()))
}

func TestAYearAheadIsNotBelievedHoweverLongItLasts(t *testing.T) {
	m, s := newMachine()
	m.step = 365 * 24 * time.Hour
	for range 30 * 24 {
		m.sweep(&s)
	}
	require.Equal(t, 30*time.Hour, s.Now.Sub(m.at), "an hour a day")
	m.step = 0
	before := s.Now
	m.sweep(&s)
	require.Equal(t, before, s.Now, "it does not go back")
}

func TestAnOutageIsCaughtUpInTime(t *testing.T) {
	m, s := newMachine()
	m.off(10 * time.Hour)
	m.sweep(&s)
	require.Equal(t, 11*time.Hour, s.Late(m.reading()))
	for range 11 * 25 {
		m.sweep(&s)
	}
	require.Zero(t, s.Late(m.reading()))
	m.off(30 * 24 * time.Hour)
	s.Trust(m.reading())
	require.Equal(t, m.at, s.Now, "who knows that it is right may say so")
}

// Whatever is done to the clocks, a thing has aged by no more than 25/24 of
// the time the machine was running, and the calendar never goes back.
func TestNothingButRunningTimeAges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, s := newMachine()
		ran := time.Duration(0)
		for range rapid.IntRange(1, 50).Draw(t, "events") {
			before := s.Now
			d := time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "d"))
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				m.run(d)
				ran += d
			case 1:
				m.off(d)
			case 2:
				m.step = time.Duration(rapid.Int64Range(-int64(1e5*time.Hour), int64(1e5*time.Hour)).Draw(t, "step"))
			}
			s.Step(m.reading())
			if s.Now.Before(before) {
				t.Fatalf("went back")
			}
		}
		if aged := s.Now.Sub(start); aged > ran+ran/catchUp+time.Microsecond {
			t.Fatalf("aged %v in %v", aged, ran)
		}
	})
}
