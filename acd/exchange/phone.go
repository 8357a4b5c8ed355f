package exchange

import (
	"sync"
	"time"

	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/media/tone"
	"switchroom/sip"

	"go.uber.org/zap"
)

// phoneInvite takes what an agent's phone dials: a feature code is answered
// with a tone and carried out; anything else is a call.
func (x *Exchange) phoneInvite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	if id, pin, ok := loginOf(inv.Number); ok {
		return x.phoneLogsIn(id, pin, leg, inv)
	}
	a := x.agentAt(inv.Account)
	if a == nil {
		return x.refuse(leg, inv, "", 403, "no-agent", 0)
	}
	if inv.Replaces != nil {
		return x.phoneReplaces(a, leg, inv)
	}
	if code, ok := a.featureOf(inv.Number); ok {
		return x.carryOutCode(a, leg, inv, code)
	}
	return x.phoneCalls(a, leg, inv)
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

// featureCall is the short call in which a phone dials a code: answered,
// confirmed or refused by a tone, hung up.
type featureCall struct {
	x      *Exchange
	agent  *agent
	leg    *sip.Leg
	invite sip.Invite
	feature
	over chan struct{}
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
	done := f.begin()
	if err := f.answer(session, done); err != nil {
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
	case <-f.x.killed:
		return
	case <-f.over:
	case <-time.After(time.Minute):
	}
	if done && f.late {
		f.apply()
	}
}

// begin checks the code, and carries it out unless it is a late one; false: it
// cannot be done.
func (f *featureCall) begin() bool {
	if f.check != nil {
		if err := f.check(); err != nil {
			f.x.log.Info("feature code refused", zap.String("agent", f.agent.id), zap.Error(err))
			return false
		}
	}
	if !f.late && f.apply != nil {
		f.apply()
	}
	return true
}

// confirmClip is the tone that says that a code was understood.
var confirmClip = sync.OnceValue(func() *media.Clip {
	return media.NewClip(tone.Dual(440, 660, confirmFor/2, -16))
})

// refuseClip says that it was understood and cannot be done.
var refuseClip = sync.OnceValue(func() *media.Clip {
	return media.NewClip(tone.Dual(300, 310, confirmFor, -16))
})

func (f *featureCall) answer(session *media.Session, done bool) error {
	leg, err := session.NewLeg(media.Other)
	if err != nil {
		return err
	}
	at := leg.Local()
	local := sdp.Local{Addr: at.Addr(), Port: at.Port(), RTCPPort: at.Port() + 1, SessionID: uint64(time.Now().UnixNano()),
		Version: 1, Codecs: []media.Codec{media.PCMU, media.PCMA}, DTMF: dtmfPayloadType, PtimeMs: 20, Direction: sdp.SendRecv}
	if err := secured(&local, f.agent.srtp(), f.leg.Secure()); err != nil {
		return err
	}
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
	clip := confirmClip()
	if !done {
		clip = refuseClip()
	}
	session.Play(leg, clip, false)
	return f.leg.Answer(body)
}
