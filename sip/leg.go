package sip

import (
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"

	"switchroom/sip/txn"
)

// Leg is one call between us and one peer: an INVITE, the dialog that it made
// and the session agreed in it. Methods may be called from any goroutine.
type Leg struct {
	ua *UA
	id string
	in bool // the peer called

	// Set before the leg is shared.
	account string
	trunk   *trunk
	key     legKey
	merge   mergeKey
	offered bool  // the INVITE brought an offer
	holds   bool  // see HoldBye
	hunt    *hunt // that the leg is an attempt of; nil mostly

	mu    sync.Mutex
	state State
	// flow is where the peer is; dialog who we are to each other.
	flow    flow
	dialog  dialog
	invite  *exchange // the INVITE that made the leg
	creds   *credentials
	channel bool // holds a channel of its trunk
	pending bool // counts against Config.MaxCallsPending

	uas uasPart
	uac uacPart
	neg negotiation
	ses session

	referEvent string // the Event of NOTIFYs about a transfer; "" none

	cause    Cause     // of a hang-up of ours
	deadline time.Time // of cancelling and ending: when the end is told anyway
	told     bool      // Failed or Ended was emitted
	watch    watch     // what the DialogWatcher knows
	held     *heldBye  // the peer's BYE that is still to be answered; nil mostly
	timer    timer

	sink       Sink
	events     []Event
	delivering bool
}

// uasPart is what only a call in has.
type uasPart struct {
	reply    *reply
	repeat   txn.Repeat // of the 200
	ok       []byte
	byeOwed  bool      // hung up before the ACK
	ringing  []byte    // the last 18x, to be sent again each minute
	ringAt   time.Time // when
	reliable reliable
}

// uacPart is what only a call out has.
type uacPart struct {
	out        *outgoing
	own        []byte // header lines of the Dial
	cancelSent bool
	giveUp     time.Time         // when a peer that only rings is given up
	acks       map[string][]byte // the ACK to each 2xx, by To tag
	lateAck    *outgoing         // an ACK that waits for our answer
	early      map[string]*dialog
	reliable   map[string]uint32 // RSeq last acknowledged, by To tag
	retries    int               // 422 answered
}

// legKey names a dialog by what is in our hand: Call-ID and our tag.
type legKey struct{ callID, tag string }

// mergeKey names a request apart from the path it took (RFC 3261 8.2.2.2).
type mergeKey struct {
	callID, fromTag string
	seq             uint32
}

func newLeg(ua *UA) *Leg {
	id, err := uuid.NewV7()
	if err != nil {
		return &Leg{ua: ua, id: newCallID()}
	}
	return &Leg{ua: ua, id: id.String()}
}

// ID is unique in this process.
func (l *Leg) ID() string { return l.id }

// CallID is the Call-ID header's value.
func (l *Leg) CallID() string { return l.key.callID }

// Account is the phone at the other end; "" for a trunk.
func (l *Leg) Account() string { return l.account }

// Trunk is the trunk at the other end; "" for a phone.
func (l *Leg) Trunk() string {
	if l.trunk == nil {
		return ""
	}
	return l.trunk.cfg.ID
}

// MediaSource is the peer's signalling address, for learning RTP behind NAT.
func (l *Leg) MediaSource() netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flow.remote.Addr()
}

// String is for logs.
func (l *Leg) String() string { return l.id }

// enter locks the leg; leave unlocks it and delivers the events gathered
// meanwhile, unless another call further up or on another goroutine is at it:
// then that one delivers them.
func (l *Leg) enter() { l.mu.Lock() }

func (l *Leg) leave() {
	for !l.delivering && (l.sink != nil && len(l.events) > 0 || l.dialogNews()) {
		l.delivering = true
		if l.dialogNews() {
			l.tellDialog()
			l.delivering = false
			continue
		}
		batch, sink := l.events, l.sink
		l.events = nil
		l.mu.Unlock()
		for _, e := range batch {
			l.ua.guard(func() *Leg { return l }, func() { sink.LegEvent(e) })
		}
		l.mu.Lock()
		l.delivering = false
	}
	l.mu.Unlock()
}

// emit adds an event to those to be delivered. mu is held.
func (l *Leg) emit(e Event) {
	if l.told {
		return
	}
	e.Leg = l
	l.events = append(l.events, e)
}

// tell emits the one event that ends the leg's events. mu is held.
func (l *Leg) tell(e Event) {
	if l.told {
		return
	}
	if e.Cause.Q850 == 0 && e.Cause.SIP >= 300 {
		e.Cause.Q850 = causeOf(e.Cause.SIP)
	}
	l.emit(e)
	l.told = true
	l.settle()
}

// settle gives back what a leg occupies. mu is held.
func (l *Leg) settle() {
	if l.channel {
		l.channel = false
		l.trunk.state.release(!l.in)
	}
	l.decided()
}

// decided: the INVITE counts no longer against MaxCallsPending.
func (l *Leg) decided() {
	if l.pending {
		l.pending = false
		l.ua.pendingCalls.Add(-1)
	}
}

// dissolve forgets a leg that is over. mu is held.
func (l *Leg) dissolve() {
	l.settle()
	l.refuseOpenOffers()
	l.uas.repeat.Stop()
	l.uas.reliable.stop()
	l.deadline, l.uac.giveUp, l.uas.ringAt = time.Time{}, time.Time{}, time.Time{}
	l.ses = session{}
	l.neg.retryAt = time.Time{}
	l.ua.timers.set(&l.timer, l, time.Time{})
	l.ua.dialled.add(l.flow.remote.Addr(), -1)
	l.ua.dropLeg(l)
}

// end tells the end and forgets the leg. mu is held.
func (l *Leg) end(kind Kind, status int, reason string, cause Cause) {
	l.tell(Event{Kind: kind, Status: status, Reason: reason, Cause: cause})
	l.to(over)
}

// crash ends a leg whose handling panicked.
func (l *Leg) crash() {
	l.enter()
	defer l.leave()
	if l.state == over {
		return
	}
	cause := Cause{Q850: 41, SIP: 500, Text: "internal", Side: SystemSide}
	if l.invite == nil || l.invite.tx == nil { // it never came to an INVITE
		l.end(Ended, 0, "", cause)
		return
	}
	l.hangup(time.Now(), cause)
	l.tell(Event{Kind: Ended, Cause: cause})
}

// earliest is the first of several times that is set.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// schedule sets the timer to the leg's earliest deadline. mu is held.
func (l *Leg) schedule() {
	if l.state == over {
		return
	}
	l.ua.timers.set(&l.timer, l, earliest(l.deadline, l.uas.repeat.Deadline(), l.uas.ringAt,
		l.uas.reliable.repeat.Deadline(), l.neg.repeat.Deadline(), l.uac.giveUp, l.ses.refreshAt, l.ses.expiresAt, l.neg.retryAt, l.neg.giveUp))
}

// expire serves the leg's deadlines.
func (l *Leg) expire(now time.Time) {
	l.enter()
	defer l.leave()
	if l.state == over {
		return
	}
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	if due(l.deadline) {
		l.deadline = time.Time{}
		l.tell(Event{Kind: Ended, Cause: l.cause})
	}
	l.repeatAnswer(now)
	l.repeatReliable(now)
	l.repeatReinvite(now)
	if due(l.uas.ringAt) {
		l.ringAgain(now)
	}
	if due(l.uac.giveUp) {
		l.uac.giveUp = time.Time{}
		l.hangup(now, Cause{SIP: 408, Q850: 19, Text: "no answer", Side: SystemSide})
	}
	if due(l.neg.giveUp) {
		l.abandonOffer(now, true)
	}
	if due(l.neg.retryAt) {
		l.retryOffer(now)
	}
	l.sessionDue(now)
	l.schedule()
}
