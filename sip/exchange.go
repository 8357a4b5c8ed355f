package sip

import (
	"errors"
	"sync"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
)

// What became of a client transaction that got no final response.
var (
	errTimeout   = errors.New("sip: no final response")
	errTransport = errors.New("sip: transport failed")
)

// exchange is one transaction in flight: the pure machine of package txn with
// the flow its messages take, its timer and whom it reports to. All of it is
// guarded by mu, which is the leg's when it belongs to one.
type exchange struct {
	ua  *UA
	mu  *sync.Mutex
	own sync.Mutex
	// Set before the exchange is found by others, and constant.
	leg      *Leg
	key      txn.Key
	streamed bool   // its flow is a connection
	seq      uint32 // server: CSeq of its request

	tx       *txn.Transaction
	flow     flow
	narrow   flow // client: the UDP flow that a large request left
	narrowed bool // client: and took after all
	timer    timer

	reply *reply    // server: what its responses repeat
	moved bool      // the connection was lost, and another of ours has its place
	out   *outgoing // client: what was asked
	then  func(*exchange, answer)
	ack   []byte                 // INVITE client: the ACK to a failure
	final *sipgo.Response        // INVITE client: the failure being acknowledged
	creds *credentials           // client: who answers a challenge; nil: nobody
	tried attempt                // client: challenges answered so far
	lost  func(*exchange, error) // server: no ACK came, or the transport failed
}

// answer is what a client transaction brings its user: a response, or an error.
type answer struct {
	res *sipgo.Response
	err error
}

func (a answer) status() int {
	switch {
	case a.res != nil:
		return a.res.StatusCode
	case errors.Is(a.err, errTimeout):
		return sipgo.StatusRequestTimeout
	}
	return sipgo.StatusServiceUnavailable
}

// enter locks what the exchange belongs to; leave unlocks it and delivers what
// events a leg has gathered.
func (x *exchange) enter() { x.mu.Lock() }
func (x *exchange) leave() {
	if x.leg != nil {
		x.leg.leave()
		return
	}
	x.mu.Unlock()
}

// step takes one event through the machine and carries out what it asks for.
// It tells whether the event's message is for the user. mu is held.
func (x *exchange) step(now time.Time, ev txn.Event) (pass bool) {
	var room [4]txn.Action
	down, trying := false, false
	var failed error
	for _, a := range x.tx.Step(now, ev, room[:0]) {
		switch a.Op {
		case txn.Send:
			if ev.Kind == txn.Due || ev.Kind == txn.Request {
				x.ua.count(retransmissions)
			}
			down = x.transmit(a.Message) != nil || down
		case txn.SendAck:
			down = x.transmit(x.ackFailure()) != nil || down
		case txn.SendTrying:
			trying = true
		case txn.Pass:
			pass = true
		case txn.TimedOut:
			failed = errTimeout
		case txn.Failed:
			failed = errTransport
		case txn.Over:
			x.ua.forget(x)
		}
	}
	x.ua.timers.set(&x.timer, x, x.tx.Deadline())
	switch {
	case failed == errTransport && x.narrow.valid(): // RFC 3261 18.1.1: by UDP then
		x.flow, x.narrow, x.narrowed = x.narrow, flow{}, true
		x.launch(now, newBranch())
	case failed != nil:
		x.report(failed)
	}
	if trying {
		x.respond(now, 100, x.reply.response(100, "", nil, "", nil))
	}
	if down && ev.Kind != txn.TransportDown {
		x.step(now, txn.Event{Kind: txn.TransportDown})
	}
	return pass
}

// transmit sends by the exchange's flow. A response whose connection is gone
// goes out on a new one to where the request said it came from (RFC 3261
// 18.2.2), once.
func (x *exchange) transmit(message []byte) error {
	err := x.flow.send(message)
	if err == nil || x.reply == nil || x.moved || x.flow.stream == nil ||
		x.reply.sentBy.Addr() != x.flow.remote.Addr() {
		return err
	}
	f, err := x.ua.flowTo(x.flow.transport(), x.reply.sentBy, x.flow.stream.name, nil)
	if err != nil {
		return err
	}
	x.flow, x.moved = f, true
	return f.send(message)
}

// report tells the user that no final response or no ACK is to be had.
func (x *exchange) report(err error) {
	x.ua.count(timeouts)
	switch {
	case x.then != nil:
		x.then(x, answer{err: err})
	case x.lost != nil:
		x.lost(x, err)
	}
}

// respond sends a response of a server transaction.
func (x *exchange) respond(now time.Time, status int, message []byte) {
	x.step(now, txn.Event{Kind: txn.Respond, Status: status, Message: message})
}

// expire serves the transaction's timer.
func (x *exchange) expire(now time.Time) {
	x.enter()
	defer x.leave()
	if at := x.tx.Deadline(); at.IsZero() || at.After(now) {
		x.ua.timers.set(&x.timer, x, at)
		return
	}
	x.step(now, txn.Event{Kind: txn.Due})
}

// response takes a response that matched this client transaction.
func (x *exchange) response(now time.Time, res *sipgo.Response) {
	if res.StatusCode >= 300 {
		x.final = res
	}
	if !x.step(now, txn.Event{Kind: txn.Response, Status: res.StatusCode}) {
		return
	}
	if (res.StatusCode == 401 || res.StatusCode == 407) && x.authorize(now, res) {
		return
	}
	x.then(x, answer{res: res})
}

// ackFailure is the ACK to a non-2xx final response (RFC 3261 17.1.1.3).
func (x *exchange) ackFailure() []byte {
	if x.ack == nil && x.final != nil {
		x.ack = x.out.ackFailure(x.flow, x.key.Branch, x.final.To().Value())
	}
	return x.ack
}

// serve makes the server transaction of a request. mu of leg is held when there
// is one.
func (ua *UA) serve(now time.Time, in *request, leg *Leg) *exchange {
	kind := txn.NonInviteServer
	if in.Method == sipgo.INVITE {
		kind = txn.InviteServer
	}
	x := &exchange{ua: ua, leg: leg, flow: in.back, key: in.key, seq: in.CSeq().SeqNo, streamed: in.back.reliable(), reply: newReply(in),
		tx: txn.New(kind, in.flow.reliable(), ua.t)}
	x.mu = &x.own
	if leg != nil {
		x.mu = &leg.mu
	}
	ua.remember(x)
	x.step(now, txn.Event{Kind: txn.Start})
	return x
}

// ask sends a request in a client transaction and has then called with every
// response, or once with an error. leg.mu is held when there is a leg; without
// one nothing may be held.
func (ua *UA) ask(now time.Time, leg *Leg, f flow, out *outgoing, creds *credentials, then func(*exchange, answer)) *exchange {
	x := &exchange{ua: ua, leg: leg, flow: f, out: out, creds: creds, then: then}
	x.mu = &x.own
	if leg != nil {
		x.mu = &leg.mu
	} else {
		x.enter()
		defer x.leave()
	}
	x.launch(now, newBranch())
	return x
}

// launch starts the client transaction under a branch of its own. mu is held.
func (x *exchange) launch(now time.Time, branch string) {
	message := x.out.build(x.flow, branch)
	if !x.narrowed && x.out.method != "CANCEL" { // a CANCEL goes where its INVITE went
		if f, found := x.ua.roomier(x.flow, len(message)); found {
			x.narrow, x.flow = x.flow, f
			message = x.out.build(f, branch)
		}
	}
	kind := txn.NonInviteClient
	if x.out.method == "INVITE" {
		kind = txn.InviteClient
	}
	x.key, x.streamed = txn.Key{Branch: branch, Method: x.out.method}, x.flow.reliable()
	x.tx = txn.New(kind, x.flow.reliable(), x.ua.t)
	x.ua.remember(x)
	x.step(now, txn.Event{Kind: txn.Start, Message: message})
}
