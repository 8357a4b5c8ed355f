package auth

import "time"

// limiter counts wrong guesses by key and blocks who makes too many. It is
// bounded: when it is full the entry that was made first goes, but a blocked one
// gets a second round.
type limiter[K comparable] struct {
	failures      int
	window, block time.Duration
	limit         int

	entries map[K]guesses
	order   []K // a ring from head
	head    int
}

// guesses are times since the server was made. The zero value is clean.
type guesses struct {
	since        time.Duration // of the first failure that counts
	failures     int
	blockedUntil time.Duration
	right        time.Duration // of the last right one; 0: none
}

func newLimiter[K comparable](failures int, c *Config) limiter[K] {
	return limiter[K]{
		failures: failures, window: c.Window, block: c.Block, limit: c.Sources,
		entries: make(map[K]guesses),
	}
}

func (l *limiter[K]) blocked(now time.Duration, k K) bool {
	return now < l.entries[k].blockedUntil
}

// wrong counts a wrong guess and reports whether it was the one too many.
func (l *limiter[K]) wrong(now time.Duration, k K) bool {
	g := l.entry(now, k)
	if g.failures == 0 || now-g.since > l.window {
		g.since, g.failures = now, 0
	}
	g.failures++
	blocks := g.failures >= l.failures
	if blocks {
		g.failures = 0
		g.blockedUntil = now + l.block
	}
	l.entries[k] = g
	return blocks
}

// rightly forgives what was guessed wrong before.
func (l *limiter[K]) rightly(now time.Duration, k K) {
	l.entry(now, k)
	l.entries[k] = guesses{right: max(now, 1)}
}

// wasRight tells whether k was right within the time given.
func (l *limiter[K]) wasRight(now time.Duration, k K, within time.Duration) bool {
	g := l.entries[k]
	return g.right > 0 && now-g.right <= within
}

// entry finds or makes room for k.
func (l *limiter[K]) entry(now time.Duration, k K) guesses {
	if g, ok := l.entries[k]; ok {
		return g
	}
	if len(l.entries) >= l.limit {
		l.evict(now)
	}
	l.order = append(l.order, k)
	return guesses{}
}

func (l *limiter[K]) evict(now time.Duration) {
	const secondRounds = 8
	for round := 0; l.head < len(l.order); round++ {
		k := l.order[l.head]
		l.head++
		if round < secondRounds && l.blocked(now, k) {
			l.order = append(l.order, k)
			continue
		}
		delete(l.entries, k)
		break
	}
	if l.head > 64 && l.head > len(l.order)/2 {
		l.order = l.order[:copy(l.order, l.order[l.head:])]
		l.head = 0
	}
}

func (l *limiter[K]) countBlocked(now time.Duration) int {
	n := 0
	for _, g := range l.entries {
		if now < g.blockedUntil {
			n++
		}
	}
	return n
}
