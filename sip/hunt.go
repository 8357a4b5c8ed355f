package sip

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"switchroom/sip/locate"
)

const (
	// trunkPatience and trunkProgress are the defaults of Trunk.Patience and
	// Trunk.Progress.
	trunkPatience = 4 * time.Second
	trunkProgress = 15 * time.Second
	// routesMax bounds the trunks that one call is tried on.
	routesMax = 16
)

// hunt is a call out that is tried on one trunk after the other. Each attempt
// is a leg of its own, so that what a trunk that was given up still sends finds
// someone who ends it; the user hears of the present one alone.
//
//	trying --Answered--> settled
//	  |  \--Failed, Ended, hang-up, limit--> over
//	  +--failed, and another may do better--> trying
//
// mu is never held while a leg is called: legs hold theirs when they ask for it.
type hunt struct {
	ua   *UA
	dial Dial

	mu       sync.Mutex
	turn     int            // the attempt that is under way, from 1
	route    int            // the route that comes after it
	places   []locate.Place // of the present route's trunk that come before that
	place    locate.Place   // of this attempt
	several  bool           // the trunk has other places than this one
	leg      *Leg           // of this attempt; nil while it is being made
	trunk    *Trunk         // of this attempt
	began    time.Time
	end      time.Time // of Dial.Limit
	rang     bool      // the called phone rings: the call has arrived
	moving   bool      // something was heard beyond 100
	settled  bool      // answered or over
	hung     *Cause    // our user hung up
	attempts []Attempt
	timer    timer

	events     []Event
	delivering bool
}

// trial is the sink of one attempt's leg.
type trial struct {
	h    *hunt
	turn int
}

// dialRoutes tries the routes of d. The leg is that of the attempt that stands
// when it returns.
func (ua *UA) dialRoutes(d Dial) (*Leg, error) {
	if len(d.Routes) > routesMax {
		return nil, fmt.Errorf("%w: %d routes", ErrState, len(d.Routes))
	}
	h := &hunt{ua: ua, dial: d}
	if d.Limit > 0 {
		h.end = time.Now().Add(d.Limit)
	}
	return h.advance()
}

// advance makes the next attempt that can be made. No lock is held. Without one
// left it is the last one's error; an attempt was under way before if any was
// sent.
func (h *hunt) advance() (*Leg, error) {
	var last error
	for {
		now := time.Now()
		h.mu.Lock()
		if h.settled || h.hung != nil {
			h.mu.Unlock()
			return nil, ErrState
		}
		if !h.further() {
			h.mu.Unlock()
			return nil, &Exhausted{Attempts: h.attempts, last: last}
		}
		fresh := len(h.places) == 0
		if fresh {
			h.route++
		}
		r := h.dial.Routes[h.route-1]
		h.turn++
		h.leg, h.began, h.moving = nil, now, false
		t := trial{h, h.turn}
		h.mu.Unlock()

		var err error
		if fresh {
			err = h.enterRoute(r, now)
		}
		var leg *Leg
		if err == nil {
			leg, err = h.launch(t, r)
		}
		if err == nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.leg != nil { // it may have failed and been followed already
				leg = h.leg
			}
			return leg, nil
		}
		last = err
		h.skipped(r, err, now)
	}
}

// further tells whether there is another place or route to try. mu is held.
func (h *hunt) further() bool { return len(h.places) > 0 || h.route < len(h.dial.Routes) }

// enterRoute finds the places of a route's trunk. One that rests is left out
// while there is another route.
func (h *hunt) enterRoute(r Route, now time.Time) error {
	entry := h.ua.plan.Load().trunks[r.Trunk]
	if entry == nil {
		return fmt.Errorf("trunk %s: %w", r.Trunk, ErrNoTrunk)
	}
	h.mu.Lock()
	last := h.route == len(h.dial.Routes)
	h.mu.Unlock()
	if !last && entry.state.resting(now) {
		return fmt.Errorf("trunk %s: %w", r.Trunk, ErrTrunkDown)
	}
	_, places, err := h.ua.waysOver(entry)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trunk, h.places, h.several = &entry.cfg, places[:min(len(places), placesTried)], len(places) > 1
	return nil
}

// placesTried bounds the places of one trunk that one call is tried at.
const placesTried = 4

// launch dials the next place of a route.
func (h *hunt) launch(t trial, r Route) (*Leg, error) {
	d := h.dial
	d.Account, d.Trunk, d.URI, d.Routes, d.Sink = "", r.Trunk, r.URI, nil, t
	if r.SDP != nil {
		d.SDP = r.SDP
	}
	d.SecureSDP, d.Secure = r.SecureSDP, r.Secure
	if r.From.Number != "" {
		d.From = r.From
	}
	h.mu.Lock()
	h.place, h.places = h.places[0], h.places[1:]
	place := h.place
	h.mu.Unlock()
	leg, err := h.ua.dialOne(d, h, &place)
	if err != nil {
		if why, _ := whyNot(err); why == Occupied || errors.Is(err, ErrTrunkDown) {
			h.mu.Lock()
			h.places = nil // the trunk's own word: its other places would say the same
			h.mu.Unlock()
		}
		return nil, err
	}
	h.mu.Lock()
	hung := h.hung
	if h.turn == t.turn && h.leg == nil {
		h.leg = leg
	}
	h.watch()
	h.mu.Unlock()
	if hung != nil {
		leg.hangupSelf(*hung)
	}
	return leg, nil
}

// skipped notes a route on which nothing was sent.
func (h *hunt) skipped(r Route, err error, now time.Time) {
	h.mu.Lock()
	a := Attempt{Trunk: r.Trunk, Number: calledUser(r.URI), Text: err.Error(), Began: now}
	a.Why, a.Status = whyNot(err)
	a.Q850 = causeOf(a.Status)
	h.noteLocked(a, nil)
	h.deliver()
}

// noteLocked keeps an attempt that brought nothing and tells of it. mu is held.
func (h *hunt) noteLocked(a Attempt, leg *Leg) {
	h.attempts = append(h.attempts, a)
	h.ua.count(trunkFailover)
	h.events = append(h.events, Event{Leg: leg, Kind: Attempted, Status: a.Status, Attempt: &a})
}

// deliver hands out what has gathered and unlocks mu, which is held.
func (h *hunt) deliver() {
	for !h.delivering && len(h.events) > 0 {
		h.delivering = true
		batch := h.events
		h.events = nil
		h.mu.Unlock()
		for _, e := range batch {
			h.ua.guard(func() *Leg { return e.Leg }, func() { h.dial.Sink.LegEvent(e) })
		}
		h.mu.Lock()
		h.delivering = false
	}
	h.mu.Unlock()
}

// LegEvent takes what an attempt's leg says. Of one that was given up nothing is
// of interest any more.
func (t trial) LegEvent(e Event) {
	h := t.h
	h.mu.Lock()
	if t.turn != h.turn {
		h.mu.Unlock()
		return
	}
	if h.leg == nil {
		h.leg = e.Leg
	}
	onward := false
	switch {
	case h.settled:
		h.events = append(h.events, e)
	case e.Kind == Progress:
		h.moving = true
		h.rang = h.rang || e.Status == 180
		h.events = append(h.events, e)
	case e.Kind == Answered:
		h.finish(e, Taken)
	case e.Kind == Failed:
		onward = h.failed(e)
	case e.Kind == Ended:
		h.finish(e, Abandoned)
	default:
		h.events = append(h.events, e)
	}
	h.watch()
	h.deliver()
	if onward {
		h.goOn()
	}
}

// failed takes a final failure; true when the next trunk is to be tried. mu is
// held.
func (h *hunt) failed(e Event) bool {
	why := Refused
	switch {
	case e.Cause.Side == SystemSide && e.Status == 408:
		why = Silent
	case e.Cause.Side == SystemSide:
		why = Unreached
	}
	if lost := why != Refused || e.Status == 503; lost {
		h.spoil()
	} else {
		h.places = nil // RFC 3263 4.3: what it refused it would refuse elsewhere too
	}
	if h.hung != nil || h.rang || !h.further() || len(h.places) == 0 && !h.trunk.goesOn(e) {
		h.finish(e, why)
		return false
	}
	h.noteLocked(h.attempt(e, why), e.Leg)
	h.turn++
	return true
}

// spoil has the present place tried last for a while. mu is held.
func (h *hunt) spoil() {
	if h.several {
		h.ua.spoiled.spoil(h.place.Addr, time.Now())
	}
}

// attempt describes the present one by the event that ended it. mu is held.
func (h *hunt) attempt(e Event, why Why) Attempt {
	r := h.dial.Routes[h.route-1]
	return Attempt{Trunk: r.Trunk, Number: calledUser(r.URI), Addr: h.place.Addr, CallID: e.Leg.CallID(), Why: why, Status: e.Status,
		Q850: e.Cause.Q850, Text: e.Cause.Text, Began: h.began, Took: time.Since(h.began)}
}

// finish ends the hunt by the event that settles it, which brings all attempts.
// mu is held.
func (h *hunt) finish(e Event, why Why) {
	h.settled = true
	a := h.attempt(e, why)
	h.attempts = append(h.attempts, a)
	e.Attempt, e.Attempts = &a, slices.Clone(h.attempts)
	h.events = append(h.events, e)
}

// goOn makes the next attempt, or tells that none could be made. No lock is
// held.
func (h *hunt) goOn() {
	_, err := h.advance()
	if err == nil {
		return
	}
	h.mu.Lock()
	if h.settled {
		h.mu.Unlock()
		return
	}
	h.settled = true
	last := h.attempts[len(h.attempts)-1]
	for _, a := range h.attempts { // what a peer said tells more than that we could not ask
		if a.CallID != "" {
			last = a
		}
	}
	e := Event{Kind: Failed, Leg: h.leg, Status: last.Status, Reason: last.Text, Attempts: slices.Clone(h.attempts),
		Cause: Cause{SIP: last.Status, Q850: last.Q850, Text: last.Text, Side: RemoteSide}}
	if last.Why != Refused {
		e.Cause.Side = SystemSide
	}
	if h.hung != nil {
		e.Kind, e.Status, e.Reason, e.Cause = Ended, 0, "", *h.hung
	}
	h.events = append(h.events, e)
	h.watch()
	h.deliver()
}

// hangup ends the hunt, or the leg when it has become a call.
func (h *hunt) hangup(l *Leg, cause Cause) {
	h.mu.Lock()
	settled, leg := h.settled, h.leg
	if !settled && h.hung == nil {
		h.hung = &cause
	}
	h.mu.Unlock()
	switch {
	case leg != nil:
		leg.hangupSelf(cause)
	case settled:
		l.hangupSelf(cause)
	} // else it is between two trunks, and who makes the next attempt finds out
}

// watch sets the timer to what is due first. mu is held.
func (h *hunt) watch() {
	at := time.Time{}
	if !h.settled && h.hung == nil {
		at = h.end
		if h.further() && h.leg != nil && !h.moving {
			at = earliest(at, h.began.Add(h.trunk.patience()), h.began.Add(h.trunk.progress()))
			if p := h.began.Add(h.trunk.patience()); !time.Now().Before(p) {
				at = earliest(h.end, h.began.Add(h.trunk.progress()))
			}
		}
	}
	h.ua.timers.set(&h.timer, h, at)
}

// expire gives up a trunk that says nothing, or the whole call.
func (h *hunt) expire(now time.Time) {
	h.mu.Lock()
	leg, turn := h.leg, h.turn
	if h.settled || h.hung != nil || leg == nil {
		h.mu.Unlock()
		return
	}
	if !h.end.IsZero() && !h.end.After(now) {
		cause := Cause{SIP: 408, Q850: 19, Text: "no answer", Side: SystemSide}
		h.hung = &cause
		h.mu.Unlock()
		leg.hangupSelf(cause)
		return
	}
	patient := now.Before(h.began.Add(h.trunk.progress()))
	h.mu.Unlock()
	if patient && leg.heard() {
		h.mu.Lock()
		h.watch()
		h.mu.Unlock()
		return
	}
	h.abandon(leg, turn)
}

// abandon leaves a trunk for the next one. Its leg cancels on its own.
func (h *hunt) abandon(leg *Leg, turn int) {
	h.mu.Lock()
	if h.turn != turn || h.settled || h.moving || h.hung != nil {
		h.mu.Unlock()
		return
	}
	cause := Cause{SIP: 408, Q850: 102, Text: "trunk is silent", Side: SystemSide}
	h.spoil()
	h.noteLocked(h.attempt(Event{Leg: leg, Status: 408, Cause: cause}, Silent), leg)
	h.turn++ // what the old one still says is of no interest
	h.leg = nil
	h.deliver()
	leg.trunk.state.silent(time.Now())
	leg.hangupSelf(cause)
	h.goOn()
}

// patience and progress are with their defaults.
func (t *Trunk) patience() time.Duration {
	if t.Patience > 0 {
		return t.Patience
	}
	return trunkPatience
}

func (t *Trunk) progress() time.Duration {
	if t.Progress > 0 {
		return t.Progress
	}
	return max(trunkProgress, t.patience())
}

// heard tells whether anything came to a leg's INVITE.
func (l *Leg) heard() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state != calling
}

var _ Sink = trial{}
