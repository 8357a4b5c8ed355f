package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/queue"
	"switchroom/sip"
)

// party is one side of a call: its SIP leg, its media leg and what the two
// have agreed. The call's goroutine owns it; LegEvent alone is called from
// others.
type party struct {
	call  *call
	role  acd.Party   // the one it began with
	seat  acd.Seat    // who it is; zero for who has called us
	agent *agent      // nil for an outside party
	offer queue.Offer // what the agent was offered; zero when it was called by name

	invite    sip.Invite // of a phone that has called us
	dialledIn bool       // it has
	dialled   bool       // we have called it

	leg   *sip.Leg
	media *media.Leg
	local sdp.Local        // our side of the session description
	body  []byte           // what we last said of it
	peers *sdp.Description // what the peer last said; nil before it spoke

	params   media.Params
	agreed   bool      // offer and answer have met
	held     bool      // the peer holds us
	rang     bool      // a provisional response came
	answered bool      // by 200, ours or the peer's
	settled  bool      // whether its sound is encrypted
	opened   bool      // its agent counts a dialog
	over     bool      // the SIP leg is over
	sound    acd.Sound // what is played to it
	keys     keys      // what it has pressed

	// Of a call outside that is counted: whose it is. payer is the agent who has
	// asked for it, "" for nobody.
	payer, client string
	counted       bool

	heard media.LegStats // of a media leg that is gone
}

// LegEvent posts what the leg says to the call.
func (p *party) LegEvent(e sip.Event) {
	p.call.inbox.put(message{kind: fromSIP, party: p, sip: e})
}

// openMedia gives the party a port pair, once; it keeps it for its life.
func (p *party) openMedia() error {
	if p.media != nil {
		return nil
	}
	side := media.Other
	switch p.role {
	case acd.CallerParty:
		side = media.Caller
	case acd.AgentParty:
		side = media.Agent
	}
	leg, err := p.call.session.NewLeg(side)
	if err != nil {
		return err
	}
	p.media = leg
	at := leg.Local()
	p.local = sdp.Local{Addr: at.Addr(), Port: at.Port(), RTCPPort: at.Port() + 1,
		SessionID: uint64(time.Now().UnixNano()), Version: 1,
		Codecs: codecsOf(p.trunk()), DTMF: dtmfPayloadType, PtimeMs: 20, Direction: sdp.SendRecv}
	return nil
}

const dtmfPayloadType = 101

// answerTo makes our answer to an offer and puts it in force.
func (p *party) answerTo(offer []byte) ([]byte, error) {
	if err := p.openMedia(); err != nil {
		return nil, err
	}
	d, err := sdp.Parse(offer)
	if err != nil {
		return nil, err
	}
	body, params, err := p.answer(d)
	if err != nil {
		return nil, err
	}
	if err := p.mayHear(params, d.Held()); err != nil {
		return nil, err
	}
	p.local.Version++
	p.body, p.peers = body, d
	p.agree(params, d.Held())
	return body, nil
}

// offering makes our offer. prefer is the codec that would spare transcoding.
func (p *party) offering(prefer media.Codec) ([]byte, error) {
	if err := p.openMedia(); err != nil {
		return nil, err
	}
	if err := p.secure(); err != nil {
		return nil, err
	}
	if prefer == media.PCMA {
		p.local.Codecs = preferring(p.local.Codecs, media.PCMA)
	}
	if p.peers != nil {
		p.body = sdp.Reoffer(p.local, p.peers) // keeps the lines there are (RFC 3264 8)
	} else {
		p.body = sdp.Offer(p.local)
	}
	p.local.Version++
	return p.body, nil
}

// acceptAnswer takes the peer's answer to our offer.
func (p *party) acceptAnswer(body []byte) error {
	d, err := sdp.Parse(body)
	if err != nil {
		return err
	}
	if err := p.secure(); err != nil {
		return err
	}
	params, err := sdp.Accept(p.local, d)
	if err != nil {
		return err
	}
	if err := p.mayHear(params, d.Held()); err != nil {
		return err
	}
	p.peers = d
	p.agree(params, d.Held())
	return nil
}

// mayHear refuses what a carrier may not have media sent to. A phone's is
// learned from where it is registered, whatever it says.
func (p *party) mayHear(params media.Params, held bool) error {
	if p.agent != nil || held {
		return nil
	}
	return p.call.x.media.CheckRemote(params.Remote)
}

func (p *party) agree(params media.Params, held bool) {
	if p.agent != nil {
		// A phone may sit behind a NAT that its SDP does not know of.
		params.Learn = p.leg.MediaSource()
	}
	// Until the caller is answered its silence is no fault.
	params.Early = !p.answered && (p.role == acd.CallerParty || p.dialledIn)
	params.InbandDTMF = p.findsTones() || p.role == acd.CallerParty && params.DTMFPayloadType == 0 && p.call.wantsKeys()
	p.params, p.agreed, p.held = params, true, held
	p.media.Connect(params)
}

// answeredNow ends the time in which silence is no fault.
func (p *party) answeredNow() {
	p.answered = true
	if p.agreed && p.params.Early {
		p.params.Early = false
		p.media.Connect(p.params)
	}
}

// codec is what the party speaks, once that is agreed.
func (p *party) codec() media.Codec {
	if p.agreed {
		return p.params.Codec
	}
	return media.PCMU
}

// openLeg counts the dialog with its agent, if it is one.
func (p *party) openLeg() {
	if p.agent == nil {
		return
	}
	p.opened = true
	p.agent.step(acd.AgentInput{Kind: acd.AgentLegOpen})
}

// closeLeg notes, once, that the SIP leg is over.
func (p *party) closeLeg() bool {
	if p.over {
		return false
	}
	p.over = true
	p.endToll()
	if p.opened && p.agent != nil {
		p.agent.step(acd.AgentInput{Kind: acd.AgentLegOver})
	}
	return true
}

var _ sip.Sink = (*party)(nil)
