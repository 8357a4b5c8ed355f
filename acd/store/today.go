package store

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/report"
)

// today counts what happened in queues since a moment: once from the tables,
// and from then on from each batch that is committed. So those who look at
// queues every second cost the tables nothing.
type today struct {
	from   time.Time
	level  func(queue string) report.Level
	next   uint64        // the position of the tables that it has counted up to; under Store.commits
	seeded chan struct{} // closed when what the tables held at the start is in, or failed
	failed error         // read after seeded is closed

	mu     sync.Mutex
	levels map[string]report.Level // those that were counted by
	counts map[string]report.Counts
	seen   map[string]bool // calls, so that a second record of one counts nothing
}

// seenMax bounds how many calls are remembered: a second record comes soon
// after the first.
const seenMax = 1 << 14

// Today counts, for each queue, what happened from from on, for the service
// level that level gives for the queue. It gives the same as a report of the
// same time, and goes on with what it knows while the database is away.
// ErrUnavailable when it has not been able to count since from.
func (s *Store) Today(ctx context.Context, from, now time.Time, level func(queue string) report.Level) (map[string]report.Counts, error) {
	s.fresh(ctx)
	t, live, err := s.counting(ctx, from, now, level)
	if err != nil {
		return nil, err
	}
	select {
	case <-t.seeded:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	if t.failed != nil {
		return nil, t.failed
	}
	t.mu.Lock()
	all := maps.Clone(t.counts)
	t.mu.Unlock()
	to := now.Add(time.Nanosecond)
	for _, v := range live.Visits {
		c := all[v.Queue]
		c.Count(v, level(v.Queue), from, to)
		all[v.Queue] = c
	}
	return all, nil
}

// counting gives the running count with the live calls of the same moment. It
// begins one when there is none of that kind.
func (s *Store) counting(ctx context.Context, from, now time.Time, level func(string) report.Level) (*today, *report.Facts, error) {
	for range 2 {
		s.tally.Lock()
		t, live := s.today, s.live.facts(now)
		s.tally.Unlock()
		if t != nil && t.from.Equal(from) && t.fits(level) {
			return t, live, nil
		}
		if err := s.seed(ctx, from, now, level); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, ErrUnavailable // the configuration changes all the time
}

// seed begins a count: from what the tables hold now, and all that is
// committed from now on.
func (s *Store) seed(ctx context.Context, from, now time.Time, level func(string) report.Level) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.askable(); err != nil {
		return err
	}
	t := &today{from: from, level: level, seeded: make(chan struct{}),
		levels: map[string]report.Level{}, counts: map[string]report.Counts{}, seen: map[string]bool{}}
	v, err := s.view(ctx, now, func(v *view) {
		s.tally.Lock()
		defer s.tally.Unlock()
		t.next, s.today = v.next, t
	})
	if err != nil {
		return err
	}
	defer v.close()
	defer close(t.seeded)
	if t.failed = v.records(ctx, from, now.Add(longest), "", t.count); t.failed == nil {
		return nil
	}
	s.tally.Lock()
	defer s.tally.Unlock()
	if s.today == t {
		s.today = nil
	}
	return t.failed
}

// take counts a batch that was committed. Under Store.tally.
func (t *today) take(b *batch) {
	for i := range b.records {
		t.count(&b.records[i])
	}
	t.next = b.next
}

func (t *today) count(c *acd.CDR) {
	var f report.Facts
	f.AddRecord(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen[c.ID] {
		return
	}
	if len(t.seen) >= seenMax {
		clear(t.seen)
	}
	t.seen[c.ID] = true
	for _, v := range f.Visits {
		l, ok := t.levels[v.Queue]
		if !ok {
			l = t.level(v.Queue)
			t.levels[v.Queue] = l
		}
		n := t.counts[v.Queue]
		n.Count(v, l, t.from, c.Ended.Add(time.Hour)) // all of it has happened
		t.counts[v.Queue] = n
	}
}

// fits says whether every queue was counted by the level it has now.
func (t *today) fits(level func(string) report.Level) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for queue, l := range t.levels {
		if level(queue) != l {
			return false
		}
	}
	return true
}
