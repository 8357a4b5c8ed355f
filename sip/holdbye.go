package sip

import "time"

// heldBye is a peer's BYE whose 200 waits until the leg's user has written
// down what is owed to the call: to the peer the call is over once it has been
// told so, and what it has been told should survive us.
type heldBye struct {
	leg   *Leg
	x     *exchange
	timer timer
}

// heldByeMax stays below T1's default, at which the peer would ask again.
const heldByeMax = 400 * time.Millisecond

// HoldBye makes the 200 to the peer's BYE wait for Settled, at most 400 ms.
// Ended is told at once as ever. Call it before the leg's events begin, as
// Core.Invite may.
func (l *Leg) HoldBye() { l.holds = true }

// Settled lets the 200 to the peer's BYE go. Without one it does nothing.
func (l *Leg) Settled() {
	l.enter()
	defer l.leave()
	l.releaseBye(time.Now())
}

// takeBye answers the peer's BYE, now or later. mu is held.
func (l *Leg) takeBye(now time.Time, x *exchange) {
	if !l.holds || l.state != up && l.state != answered {
		x.respond(now, 200, l.plain(x, 200))
		return
	}
	h := &heldBye{leg: l, x: x}
	l.held = h
	l.ua.timers.set(&h.timer, h, now.Add(heldByeMax))
}

// releaseBye sends the 200 that was held back. mu is held.
func (l *Leg) releaseBye(now time.Time) {
	h := l.held
	if h == nil {
		return
	}
	l.held = nil
	l.ua.timers.set(&h.timer, h, time.Time{})
	h.x.respond(now, 200, l.plain(h.x, 200))
}

// expire serves the end of patience.
func (h *heldBye) expire(now time.Time) {
	h.leg.enter()
	defer h.leg.leave()
	if h.leg.held == h {
		h.leg.releaseBye(now)
	}
}
