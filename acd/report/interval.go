package report

import (
	"fmt"
	"time"
)

// intervalsMax bounds a report's length; 15 minutes over three months.
const intervalsMax = 10000

// split gives the edges of the intervals: whole ones of the location's clock,
// so that the report begins at or before From and ends at or after To. A day
// on which the clocks change has 23 or 25 hours, and as many intervals.
func (q Query) split() ([]time.Time, error) {
	switch q.Step {
	case 0, 15 * time.Minute, 30 * time.Minute, time.Hour:
	default:
		return nil, fmt.Errorf("%w: intervals of %s", ErrQuery, q.Step)
	}
	var edges []time.Time
	day := startOfDay(q.From.In(q.Location), 0)
	for day.Before(q.To) {
		next := startOfDay(day, 1)
		for at := day; at.Before(next) && at.Before(q.To); {
			end := next
			if q.Step > 0 && at.Add(q.Step).Before(next) {
				end = at.Add(q.Step)
			}
			if end.After(q.From) {
				edges = append(edges, at)
			}
			if len(edges) > intervalsMax {
				return nil, fmt.Errorf("%w: more than %d intervals", ErrQuery, intervalsMax)
			}
			if !end.Before(q.To) {
				return append(edges, end), nil
			}
			at = end
		}
		day = next
	}
	return nil, fmt.Errorf("%w: it ends before it begins", ErrQuery)
}

// StartOfDay is the first moment of t's day in t's location.
func StartOfDay(t time.Time) time.Time { return startOfDay(t, 0) }

// startOfDay is the first moment of t's day, or of the one so many days later,
// in t's location. It is not always midnight: there are zones in which clocks
// are put forward at midnight, and some in which they are put back to it.
func startOfDay(t time.Time, later int) time.Time {
	y, m, d := t.Date()
	want := time.Date(y, m, d+later, 12, 0, 0, 0, t.Location())
	at := time.Date(y, m, d+later, 0, 0, 0, 0, t.Location())
	if at.Day() != want.Day() { // there is no midnight: the day begins where the clock jumps to
		_, end := at.ZoneBounds()
		return end.In(t.Location())
	}
	for _, back := range []time.Duration{time.Hour, 30 * time.Minute} { // midnight strikes twice
		if before := at.Add(-back); before.Day() == want.Day() && before.Hour() == 0 && before.Minute() == 0 {
			return before
		}
	}
	return at
}
