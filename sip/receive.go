package sip

import (
	"bytes"
	"net/netip"
	"runtime/debug"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"switchroom/sip/txn"
	"switchroom/sip/wire"
)

// receive handles one message whole: admission, reading, validation and what
// it means. It is false when its stream is no longer to be trusted.
func (ua *UA) receive(f flow, raw []byte) (goOn bool) {
	from := ua.admit(f.remote)
	if from != stranger && len(raw) < 8 && len(bytes.Trim(raw, "\r\n\x00")) == 0 {
		return true // keep-alive
	}
	if !ua.admits(f, from, raw) {
		return f.packet != nil || from != stranger
	}
	rules := ua.rules(f, from)
	m := wire.Parse(raw, rules)
	if from != stranger && m.Verdict.Action != wire.Discard {
		f.traced(false, raw)
	}
	var leg *Leg // who is to pay for a panic
	ua.guard(func() *Leg { return leg }, func() {
		switch {
		case m.Verdict.Action == wire.Discard, m.Verdict.Action == wire.Refuse && from == stranger:
			ua.count(droppedMalformed)
		case m.Verdict.Action == wire.Refuse:
			ua.refuse(f, &m, rules)
		case m.Response != nil:
			leg = ua.takeResponse(f, m.Response)
		case m.Request != nil:
			in := &request{Request: m.Request, ua: ua, flow: f, back: f, from: from, key: wire.ServerKey(m.Request)}
			if from == carrier {
				in.back = backTo(in.Via(), f)
			}
			leg = ua.takeRequest(in, &leg)
		}
	})
	return !m.Verdict.Close
}

// refuse answers a request that the validator refuses, without state.
func (ua *UA) refuse(f flow, m *wire.Message, rules *wire.Rules) {
	ua.count(refusedInvalid)
	if m.Echo == nil || m.Request != nil && m.Request.Method == sipgo.ACK {
		return
	}
	_ = f.send(wire.AppendRefusal(nil, m, f.remote, rules))
	ua.log.Debug("request refused", zap.String("source", f.String()),
		zap.Int("status", m.Verdict.Status), zap.String("fault", string(m.Verdict.Fault)))
}

// guard runs fn. A panic in it ends the leg that was being served and nothing
// else.
func (ua *UA) guard(leg func() *Leg, fn func()) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		ua.count(panics)
		ua.log.Error("panic contained", zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
		if l := leg(); l != nil {
			ua.guard(func() *Leg { return nil }, l.crash)
		}
		if w, ok := ua.core.(FaultWatcher); ok {
			w.SignallingFault()
		}
	}()
	fn()
}

// FaultWatcher is implemented by a Core that wants to know of faults that were
// contained. It is called on the goroutine of the fault and must not fail itself.
type FaultWatcher interface{ SignallingFault() }

// takeResponse gives a response to the transaction that asked. Its source must
// be where the request went, or of the same trunk.
func (ua *UA) takeResponse(f flow, res *sipgo.Response) *Leg {
	x := ua.client(wire.ClientKey(res))
	if x == nil {
		ua.count(droppedStray)
		return nil
	}
	if !ua.sameParty(x.flow, f) {
		ua.count(droppedSpoofed)
		return nil
	}
	x.enter()
	defer x.leave()
	x.response(time.Now(), res)
	return x.leg
}

// sameParty tells whether a message by flow got may speak for the peer at want:
// the same address, or another of the same trunk.
func (ua *UA) sameParty(want, got flow) bool {
	a, b := want.remote.Addr(), got.remote.Addr()
	if a == b {
		return true
	}
	t := ua.trunkAt(b)
	return t != nil && (t == ua.trunkAt(a) || ua.spots.Load().has(t.target, a))
}

// takeRequest gives a request to its transaction, its dialog or whoever serves
// its method. leg is set before anything can go wrong with it.
func (ua *UA) takeRequest(in *request, leg **Leg) *Leg {
	now := time.Now()
	// A further request under an old branch is a fault that some user agents
	// have; its CSeq tells it from a repetition.
	if x := ua.server(in.key); x != nil && x.seq == in.CSeq().SeqNo {
		*leg = x.leg
		ua.repeated(now, x, in)
		return x.leg
	}
	switch {
	case in.from == stranger:
		return ua.takeStranger(now, in, leg)
	case in.Method == sipgo.REGISTER:
		ua.takeRegister(now, in)
	case in.Method == sipgo.CANCEL:
		return ua.takeCancel(now, in, leg)
	case in.toTag() != "":
		return ua.takeInDialog(now, in, leg)
	case in.Method == sipgo.ACK:
		ua.count(droppedStray)
	case in.Method == sipgo.INVITE:
		return ua.takeInvite(now, in, leg)
	case in.Method == sipgo.OPTIONS && (in.from >= phone || ua.client(in.key) != nil): // or our own question
		ua.takeOptions(in)
	case in.Method == sipgo.OPTIONS:
		if ua.proven(now, in) != nil {
			ua.takeOptions(in)
		}
	case in.from < phone:
		ua.count(droppedStranger) // an acquaintance answers; it does not ask
	default:
		in.decline(481)
	}
	return nil
}

// repeated handles a request whose transaction is there: a retransmission, or
// the ACK to a final response.
func (ua *UA) repeated(now time.Time, x *exchange, in *request) {
	x.enter()
	defer x.leave()
	if !ua.sameParty(x.flow, in.flow) {
		ua.count(droppedSpoofed)
		return
	}
	if in.Method == sipgo.ACK {
		if x.step(now, txn.Event{Kind: txn.Ack}) && x.leg != nil {
			x.leg.acked(now, in)
		}
		return
	}
	if in.Method == sipgo.INVITE {
		ua.count(inviteRetransmitted)
	}
	x.step(now, txn.Event{Kind: txn.Request})
}

// takeCancel cancels the INVITE of the same branch (RFC 3261 9.2).
func (ua *UA) takeCancel(now time.Time, in *request, leg **Leg) *Leg {
	key := in.key
	key.Method = string(sipgo.INVITE)
	invite := ua.server(key)
	if invite == nil || invite.leg == nil {
		in.decline(481)
		return nil
	}
	*leg = invite.leg
	l := invite.leg
	l.enter()
	defer l.leave()
	if !ua.sameParty(invite.flow, in.flow) {
		ua.count(droppedSpoofed)
		return l
	}
	x := ua.serve(now, in, l)
	x.respond(now, 200, x.reply.response(200, l.dialog.localTag, nil, "", nil))
	l.cancelled(now, invite, causeIn(in))
	return l
}

// takeInDialog finds the leg of a request with a To tag.
func (ua *UA) takeInDialog(now time.Time, in *request, leg **Leg) *Leg {
	l := ua.leg(legKey{in.CallID().Value(), in.toTag()})
	if l == nil {
		if in.Method != sipgo.ACK {
			in.decline(481)
		} else {
			ua.count(droppedStray)
		}
		return nil
	}
	*leg = l
	l.enter()
	defer l.leave()
	if !l.speaks(in) {
		ua.count(droppedSpoofed)
		return l
	}
	l.request(now, in)
	return l
}

// decline answers without a transaction; repetitions get the same (RFC 3261
// 8.2.7).
func (in *request) decline(status int, headers ...wire.Header) {
	if in.Method == sipgo.ACK {
		return
	}
	_ = in.back.send(wire.AppendReply(nil, wire.EchoOf(in.Request), in.flow.remote, status,
		reasonPhrase(status), headers...))
}

// backTo is where responses to a trunk go: to the port that the topmost Via
// names unless it asks for the source's (RFC 3261 18.2.2, RFC 3581 4). A phone
// always gets them where it spoke from.
func backTo(via *sipgo.ViaHeader, f flow) flow {
	if _, asked := via.Params.Get("rport"); asked || f.packet == nil || via.Port < 0 || via.Port > 65535 {
		return f
	}
	port := uint16(via.Port)
	if port == 0 {
		port = 5060
	}
	f.remote = netip.AddrPortFrom(f.remote.Addr(), port)
	return f
}
