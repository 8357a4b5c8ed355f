package txn

import "time"

// Repeat is the resending that a transaction's user owes: of a 2xx until its
// ACK (13.3.1.4), of a reliable 1xx until its PRACK (RFC 3262 section 3). The
// zero value is stopped.
type Repeat struct {
	next, giveUp    time.Time
	interval, limit time.Duration
}

// Begin starts resending at T1 after now, doubling the interval up to limit (T2
// for a 2xx, 0 for none as a reliable 1xx wants it), for 64*T1 in all. Over a
// reliable transport too: these responses are repeated from end to end.
func (r *Repeat) Begin(now time.Time, t Timers, limit time.Duration) {
	t = t.orDefaults()
	*r = Repeat{
		next:     now.Add(t.T1),
		giveUp:   now.Add(t.Lifetime()),
		interval: t.T1,
		limit:    limit,
	}
}

// Stop ends it: the ACK or PRACK has come.
func (r *Repeat) Stop() { *r = Repeat{} }

// Running tells whether an ACK or PRACK is still awaited.
func (r *Repeat) Running() bool { return !r.giveUp.IsZero() }

// Step says what is due at now: to resend, or that nobody answered for 64*T1;
// Repeat is then stopped.
func (r *Repeat) Step(now time.Time) (resend, gaveUp bool) {
	switch {
	case !r.Running():
		return false, false
	case !now.Before(r.giveUp):
		r.Stop()
		return false, true
	case now.Before(r.next):
		return false, false
	}
	r.interval *= 2
	if r.limit > 0 && r.interval > r.limit {
		r.interval = r.limit
	}
	r.next = now.Add(r.interval)
	return true, false
}

// Deadline is when Step is to be called next; zero: stopped.
func (r *Repeat) Deadline() time.Time {
	if r.giveUp.Before(r.next) {
		return r.giveUp
	}
	return r.next
}
