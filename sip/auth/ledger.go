package auth

// ledger remembers which nonce counts were used, so that no credentials are
// taken twice. It is bounded: when it is full the oldest nonce goes, and with it
// every nonce as old that was not used yet; those are stale then, never free to
// be replayed.
type ledger struct {
	limit int
	used  map[uint64]counts // by serial
	order []nonce           // used, in the order of first use; a ring from head
	head  int
	floor uint64 // serials up to it that are not in used are stale
}

// counts is the sliding window of one nonce: the highest count used and, bit i,
// whether high-i was. Requests of one phone may overtake one another.
type counts struct {
	high uint32
	seen uint64
}

func newLedger(limit int) ledger {
	return ledger{limit: limit, used: make(map[uint64]counts)}
}

// use takes a nonce count; false when it was used before or may have been.
func (l *ledger) use(n nonce, nc uint32, oldest int64) bool {
	c, known := l.used[n.serial]
	if !known {
		if n.serial <= l.floor {
			return false
		}
		l.room(oldest)
		l.push(n)
	}
	if !c.take(nc) {
		return false
	}
	l.used[n.serial] = c
	return true
}

func (c *counts) take(nc uint32) bool {
	switch {
	case nc == 0:
		return false
	case nc > c.high:
		if shift := nc - c.high; shift < 64 {
			c.seen = c.seen<<shift | 1
		} else {
			c.seen = 1
		}
		c.high = nc
		return true
	case c.high-nc >= 64:
		return false
	}
	bit := uint64(1) << (c.high - nc)
	if c.seen&bit != 0 {
		return false
	}
	c.seen |= bit
	return true
}

// room forgets nonces issued before oldest, which are refused by their age, and
// one more when that is not enough.
func (l *ledger) room(oldest int64) {
	for l.head < len(l.order) && (l.order[l.head].issued < oldest || len(l.used) >= l.limit) {
		gone := l.order[l.head]
		l.head++
		delete(l.used, gone.serial)
		l.floor = max(l.floor, gone.serial)
	}
	if l.head > 64 && l.head > len(l.order)/2 {
		l.order = l.order[:copy(l.order, l.order[l.head:])]
		l.head = 0
	}
}

func (l *ledger) push(n nonce) { l.order = append(l.order, n) }
