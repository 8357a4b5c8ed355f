package exchange

import (
	"strings"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/media/tone"
	"switchroom/sip"

	"go.uber.org/zap"
)

// Feature codes, dialled from an agent's phone.
//
//	*50    log out
//	*51    ready
//	*52NN  not ready, with reason code NN
//	*53    end after-call work
//	*54DD  disposition DD of the last call
func featureOf(number string) (kind acd.AgentInputKind, wish acd.Wish, reason string, ok bool) {
	switch {
	case number == "*50":
		return acd.AgentWish, acd.WishOffline, "", true
	case number == "*51":
		return acd.AgentWish, acd.WishReady, "", true
	case strings.HasPrefix(number, "*52") && len(number) <= 5:
		return acd.AgentWish, acd.WishNotReady, number[3:], true
	case number == "*53":
		return acd.AgentEndWrapUp, 0, "", true
	}
	return 0, 0, "", false
}

// phoneInvite takes what an agent's phone dials: a feature code is answered
// with a tone and carried out; anything else the agent has no right to.
func (x *Exchange) phoneInvite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	a := x.agents.get(inv.Account)
	code, disposition := strings.CutPrefix(inv.Number, "*54")
	kind, wish, reason, feature := featureOf(inv.Number)
	switch {
	case a == nil:
		return x.refuse(leg, inv, "", 403, "no-agent", 0)
	case !feature && !disposition:
		return x.refuse(leg, inv, "", 403, "dial-rights", 0)
	}
	f := &featureCall{x: x, agent: a, leg: leg, invite: inv, over: make(chan struct{})}
	if disposition {
		f.apply = func() {
			x.note(x.clock.now(), acd.Event{Kind: "agent.disposition", Agent: a.id, Reason: code, Call: a.lastCall()})
		}
	} else {
		f.apply = func() { a.step(acd.AgentInput{Kind: kind, Wish: wish, Reason: reason, Cause: "feature-code"}) }
	}
	if !x.spawn(f.run) {
		return x.refuse(leg, inv, "", 503, string(acd.Drained), x.retryAfter)
	}
	return f
}

// spawn runs a goroutine that the end of the exchange waits for; false when
// that has begun.
func (x *Exchange) spawn(run func()) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.state.Load() != running {
		return false
	}
	x.running.Go(run)
	return true
}

func (a *agent) lastCall() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.core.LastCall()
}

// featureCall is the short call in which a phone dials a code: answered,
// confirmed by a tone, hung up. The code takes effect when the phone is free
// again, or the first call offered to it would find it busy.
type featureCall struct {
	x      *Exchange
	agent  *agent
	leg    *sip.Leg
	invite sip.Invite
	apply  func()
	over   chan struct{}
}

// LegEvent waits for the one event that matters.
func (f *featureCall) LegEvent(e sip.Event) {
	if e.Kind == sip.Ended || e.Kind == sip.Failed {
		close(f.over)
	}
}

// MediaEvent: nothing that is said during the tone matters.
func (f *featureCall) MediaEvent(media.Event) {}

const confirmFor = 400 * time.Millisecond

func (f *featureCall) run() {
	defer func() {
		if fault := recover(); fault != nil {
			f.x.panicked(f.x.log, fault)
			f.leg.Hangup(sip.Cause{Q850: 41, Side: sip.SystemSide})
		}
	}()
	session := f.x.media.NewSession(f)
	defer session.Close()
	if err := f.answer(session); err != nil {
		f.x.log.Info("feature code not answered", zap.String("agent", f.agent.id), zap.Error(err))
		f.leg.Reject(488, 0)
	} else {
		select {
		case <-time.After(confirmFor):
		case <-f.over:
		case <-f.x.killed:
		}
		f.leg.Hangup(sip.Cause{Q850: 16, Side: sip.LocalSide})
	}
	select {
	case <-f.over:
		f.apply()
	case <-f.x.killed:
	case <-time.After(time.Minute):
		f.apply()
	}
}

// confirmClip is the tone that says that a code was understood.
var confirmClip = sync.OnceValue(func() *media.Clip {
	return media.NewClip(tone.Dual(440, 660, confirmFor/2, -16))
})

func (f *featureCall) answer(session *media.Session) error {
	leg, err := session.NewLeg(media.Other)
	if err != nil {
		return err
	}
	at := leg.Local()
	local := sdp.Local{Addr: at.Addr(), Port: at.Port(), RTCPPort: at.Port() + 1, SessionID: uint64(time.Now().UnixNano()),
		Version: 1, Codecs: []media.Codec{media.PCMU, media.PCMA}, DTMF: dtmfPayloadType, PtimeMs: 20, Direction: sdp.SendRecv}
	if f.invite.SDP == nil {
		return f.leg.Answer(sdp.Offer(local))
	}
	d, err := sdp.Parse(f.invite.SDP)
	if err != nil {
		return err
	}
	body, params, err := sdp.Answer(d, local)
	if err != nil {
		return err
	}
	params.Learn = f.leg.MediaSource()
	leg.Connect(params)
	session.Play(leg, confirmClip(), false)
	return f.leg.Answer(body)
}
