package main

import (
	"time"

	"switchroom/acd"
)

// leads is what DoLead begins: a menu of all queues, or words on the way out.
func (c *call) leads() {
	if c.core.Plan.Led == acd.InMenu && c.hops == 0 && c.next.Queue == "" && len(c.next.Say) == 0 {
		menu := &acd.Menu{Prompt: []string{"press"}, Keys: map[byte]acd.Exit{}, Timeout: 5 * time.Second, Repeats: 1,
			Otherwise: acd.Exit{Queue: pick(c.w, c.w.queues...).id}}
		for i, q := range c.w.queues {
			menu.Keys[byte('1'+i)] = acd.Exit{Queue: q.id}
		}
		c.guided(c.guide.Open(menu))
		if c.w.chance(0.8) {
			key := byte('1' + c.w.dice.IntN(6))
			c.in(c.w.about(5*time.Second), "presses a key", func() { c.guided(c.guide.Key(key)) })
		}
		return
	}
	c.guided(c.guide.Leave(c.next))
}

// guided says what the guide wants said, and goes where it leads.
func (c *call) guided(g acd.Guiding) {
	if c.core.State() != acd.Led {
		return
	}
	if g.Hush {
		c.w.drop(c.guiding)
	}
	if len(g.Say) > 0 {
		c.guiding = c.in(c.w.between(time.Second, 6*time.Second), "has heard "+g.Say[0], func() { c.guided(c.guide.Ended(c.w.instant())) })
	}
	if at := c.guide.Deadline(); at != 0 {
		c.in(at-c.w.now, "no key in time", func() { c.guided(c.guide.Due(c.w.instant())) })
	}
	if g.Exit != nil {
		c.goTo(c.core.Plan.Led, *g.Exit)
	}
}

func (c *call) leaves(why acd.Cause, x acd.Exit) {
	c.next = x
	if len(x.Say) == 0 {
		c.goTo(why, x)
		return
	}
	c.step(acd.CallInput{Kind: acd.InputGuide, Cause: why})
}

func (c *call) goTo(why acd.Cause, x acd.Exit) {
	if why == "" {
		why = acd.Overflowed
	}
	c.hops++
	q := c.w.lineOf(x.Queue)
	if q == nil || c.hops > 5 {
		c.step(acd.CallInput{Kind: acd.InputDismiss, Cause: why})
		return
	}
	room := q.take()
	if room == nil {
		c.leaves(acd.QueueFull, acd.Exit{Say: []string{"full"}})
		return
	}
	c.leaveQueue()
	c.outside()
	c.line, c.counted = room, true
	c.carryOutAll(c.core.Route(c.w.instant(), why, room.plan, nil))
}
