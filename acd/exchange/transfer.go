package exchange

import (
	"strings"

	"switchroom/acd"
	"switchroom/sip"

	"go.uber.org/zap"
)

// referred: a phone asks for a transfer (RFC 3515). Only the primary agent may
// send its caller away, on either of its lines. A Replaces names the line on
// which it consults, or from there the one with the caller (RFC 5589 section 7):
// both are of this call, so nothing has to be called anew.
func (c *call) referred(p *party, e sip.Event) {
	role := c.roleOf(p)
	if role != acd.AgentParty && role != acd.LineParty || c.core.State() != acd.Talking {
		c.refuseRefer(p)
		return
	}
	c.referrer = p.leg
	switch {
	case e.ReplacesGone:
		c.step(acd.CallInput{Kind: acd.InputTransfer, Cause: acd.Unreachable, Status: 481})
	case e.Replaces != nil:
		other := c.withLeg(func(q *party) bool { return q != p && q.leg == e.Replaces && (q == c.line || q == c.agent) })
		if other == nil || c.core.Stage() == acd.NoSecond {
			c.tellReferrer(481)
			return
		}
		c.step(acd.CallInput{Kind: acd.InputComplete})
	default:
		if err := c.handTo(userOf(e.ReferTo), p.agent, p.seat.Agent); err != nil {
			c.log.Info("transfer refused", zap.String("agent", p.seat.Agent), zap.Error(err))
			c.step(acd.CallInput{Kind: acd.InputTransfer, Cause: acd.Cause(refusalOf(err)), Status: statusFor(err)})
		}
	}
}

// refuseRefer declines a transfer.
func (c *call) refuseRefer(p *party) {
	if p.leg != nil && p.leg.Account() != "" {
		if err := p.leg.Refer(603); err != nil {
			c.log.Debug("declining a transfer", zap.Error(err))
		}
	}
}

// tellReferrer reports to the phone that asked for a transfer; a final status
// ends that.
func (c *call) tellReferrer(status int) {
	leg := c.referrer
	if leg == nil {
		return
	}
	if status >= 200 {
		c.referrer = nil
	}
	if err := leg.Refer(status); err != nil {
		c.log.Debug("telling of a transfer", zap.Error(err))
	}
}

// handTo hands the caller to what text names, without a word. rights as for
// lead.
func (c *call) handTo(text string, rights *agent, by string) error {
	if c.core.State() != acd.Talking || c.core.Stage() != acd.NoSecond {
		return errNotNow
	}
	to, err := c.x.lead(text, c.core.Plan.Client, rights)
	if err != nil {
		return err
	}
	if to.queue != nil {
		return c.toQueuePlan(to.queue, by)
	}
	if err := c.canRing(to.seat); err != nil {
		return err
	}
	c.step(acd.CallInput{Kind: acd.InputTransfer, Target: to.seat, By: by})
	return nil
}

// canRing says why an agent cannot be called now; what it says may be out of
// date a moment later, and the call then comes back.
func (c *call) canRing(to acd.Seat) error {
	if to.Agent == "" {
		return nil
	}
	a := c.x.agents.get(to.Agent)
	if a == nil || c.people[to.Agent] != nil {
		return errBusy
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.core.Reachable():
		return errAway
	case !a.core.Unbound():
		return errBusy
	}
	return nil
}

// toQueuePlan hands the caller to a queue that has room. One that takes no
// calls now, out of its hours or with nobody logged in, may name another; else
// the caller is better off with its agent.
func (c *call) toQueuePlan(q *queuePlan, by string) error {
	p, at := c.x.plan.Load(), c.x.clock.now().Wall
	if why, exit := c.x.refusal(p, q, at); why != "" {
		if q = p.queues[exit.Queue]; q == nil {
			return errClosed
		}
		if why, _ = c.x.refusal(p, q, at); why != "" {
			return errClosed
		}
	}
	if !q.take() {
		return errQueueFull
	}
	c.queue, c.counted = q, true
	if !q.config.KeepArrival {
		c.arrival = c.x.clock.mono()
	}
	now := c.x.clock.now()
	c.deeds = c.core.ToQueue(now, p.callPlan(q, c.core.Plan.Client), by, c.deeds[:0])
	c.carryOutAll(now)
	return nil
}

// userOf is the user part of a URI, or the number of a tel: one, without
// parameters.
func userOf(uri string) string {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return uri
	}
	if !strings.EqualFold(scheme, "tel") {
		user, _, at := strings.Cut(rest, "@")
		if !at {
			return ""
		}
		rest = user
	}
	rest, _, _ = strings.Cut(rest, ";")
	rest, _, _ = strings.Cut(rest, ":") // a password is nothing to dial
	return strings.ReplaceAll(rest, "%23", "#")
}
