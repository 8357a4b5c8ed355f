package exchange

import (
	"errors"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
)

// toPhone rings, answers or lets go of the phone of a role.
func (c *call) toPhone(d acd.CallAction) (acd.CallInput, bool) {
	p := c.at(d.Party)
	switch d.Do {
	case acd.DoRing:
		if p != nil && p.offer.Call != nil && p.leg == nil && !p.over {
			return c.ring(p, d.Party) // the queue has reserved it
		}
		return c.ringByName(d)
	case acd.DoRingLeg:
		if p != nil {
			c.ringBack(p, d.Status)
		}
	case acd.DoPickUp:
		if p != nil {
			c.pickUp(p)
		}
	case acd.DoCancelRing, acd.DoHangupAgent:
		if p != nil && p.leg != nil && !p.over {
			p.leg.Hangup(sip.Cause{Q850: max(d.Q850, 16), SIP: d.Status, Text: string(d.Cause), Side: sip.LocalSide})
		}
	}
	return acd.CallInput{}, false
}

// ringByName calls somebody whom no queue has chosen.
func (c *call) ringByName(d acd.CallAction) (acd.CallInput, bool) {
	p := &party{call: c, role: d.Party, seat: d.Seat}
	c.phones = append(c.phones, p)
	*c.slot(d.Party) = p
	if d.Seat.Agent != "" {
		a, err := c.claim(d.Seat.Agent, acd.PhaseReserved)
		if err != nil {
			return c.notRung(p, d.Party, err)
		}
		p.agent = a
	}
	return c.ring(p, d.Party)
}

// ring sends the INVITE. A phone that cannot be rung is a dialog that began
// and ended at once.
func (c *call) ring(p *party, role acd.Party) (acd.CallInput, bool) {
	p.openLeg()
	err := c.call(p)
	if err == nil {
		return acd.CallInput{}, false
	}
	return c.notRung(p, role, err)
}

func (c *call) notRung(p *party, role acd.Party, err error) (acd.CallInput, bool) {
	c.log.Info("nobody can be rung there", zap.String("who", p.seat.Who()), zap.Error(err))
	p.closeLeg()
	c.dropMedia(p)
	c.inbox.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputAgentOver}})
	why, status := whyNot(err)
	if errors.Is(err, media.ErrNoPorts) {
		why, status = acd.NoMedia, 503 // our want, not the phone's
	}
	return acd.CallInput{Kind: acd.InputAgentFail, Party: role, Cause: why, Status: status}, true
}

// call calls a party with an offer of ours: an agent's phone, or the world
// outside through the trunks of the call's client.
func (c *call) call(p *party) error {
	prefer := media.PCMU
	for _, other := range [...]*party{c.caller, c.agent} {
		if other != nil && other != p && other.agreed {
			prefer = other.codec()
			break
		}
	}
	body, err := p.offering(prefer)
	if err != nil {
		return err
	}
	d := sip.Dial{Account: c.x.phoneOf(p.seat.Agent), From: c.shownTo(p)}
	if p.seat.Agent == "" {
		if _, d, err = c.x.plan.Load().outbound(c.core.Plan.Client, p.seat.Number, ""); err != nil {
			return err
		}
		if err = p.toll(); err != nil {
			return err
		}
	}
	d.SDP, d.Sink = body, p
	p.offerKeys(&d)
	p.dialled = true
	leg, err := c.x.ua.Dial(d)
	p.leg = leg
	if err != nil {
		p.endToll()
		return err
	}
	c.traced(leg)
	return nil
}

// shownTo is the number that a phone is shown: the caller's, or of an agent's
// own call who is called, or who calls.
func (c *call) shownTo(p *party) sip.Identity {
	switch {
	case c.caller != nil && !c.caller.dialled && c.invite.From != (sip.Identity{}):
		return c.invite.From
	case p == c.caller && c.agent != nil:
		return sip.Identity{Number: c.agent.seat.Agent, Display: c.nameOf(c.agent.seat)}
	}
	return sip.Identity{Number: c.core.Number}
}

// ringBack tells a phone that has called us that it rings where it wants to
// go. Early media of who is called is passed on.
func (c *call) ringBack(p *party, status int) {
	var body []byte
	if status == 183 && p.invite.SDP != nil && c.caller != nil && c.caller.agreed {
		if !p.agreed {
			if _, err := p.answerTo(p.invite.SDP); err != nil {
				c.log.Info("no early media", zap.Error(err))
				status = 180
			}
		}
		body = p.body
	}
	if status != 183 || body == nil {
		status, body = 180, nil
	}
	if err := p.leg.Ring(status, body); err != nil {
		c.log.Debug("ringing back", zap.Error(err))
	}
	c.arrange(false)
}

// pickUp answers a phone that has called us.
func (c *call) pickUp(p *party) {
	p.answeredNow()
	body, err := p.body, error(nil)
	switch {
	case p.agreed: // as promised with the 183
	case p.invite.SDP == nil:
		body, err = p.offering(media.PCMU)
	default:
		body, err = p.answerTo(p.invite.SDP)
	}
	if err == nil {
		err = p.leg.Answer(body)
	}
	if err == nil || errors.Is(err, sip.ErrState) { // CANCEL was faster; its event is on its way
		return
	}
	status := 488
	if errors.Is(err, media.ErrNoPorts) {
		status = 503
	}
	c.log.Info("no common media with a phone", zap.String("who", p.seat.Who()), zap.Error(err))
	p.leg.Hangup(sip.Cause{Q850: 88, SIP: status, Side: sip.LocalSide})
}
