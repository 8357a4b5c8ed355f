package exchange

import (
	"fmt"
	"strings"

	"switchroom/acd"
	"switchroom/media"
)

// arrange makes what is heard what the state machine says. What has not
// changed is not touched, so that nobody's sound breaks for another's sake.
//
// anew: whatever was played before by others ends.
func (c *call) arrange(anew bool) {
	var mix []media.Hears
	var plan strings.Builder
	plays := map[*party]acd.Sound{}
	for _, h := range c.core.Hearing() {
		p := c.at(h.Party)
		if p == nil || p.media == nil {
			continue
		}
		fmt.Fprintf(&plan, "%p %d", p.media, h.Play)
		one := media.Hears{Leg: p.media}
		for _, from := range h.From {
			if q := c.at(from); q != nil && q.media != nil {
				one.Others = append(one.Others, q.media)
				fmt.Fprintf(&plan, " %p", q.media)
			}
		}
		plan.WriteByte(';')
		mix = append(mix, one)
		plays[p] = h.Play
	}
	if plan.String() == c.heard && !anew {
		return
	}
	c.heard = plan.String()
	for p, sound := range plays {
		if p.sound != sound || anew {
			c.play(p, sound)
		}
	}
	c.session.Mix(mix...)
	c.tapeWaits()
}

// play plays a sound to a party in place of the one before.
func (c *call) play(p *party, sound acd.Sound) {
	p.sound = sound
	switch sound {
	case acd.Music:
		c.session.Play(p.media, c.music(), true)
	case acd.Ringback:
		c.session.Play(p.media, media.RingbackClip(), true)
	default:
		c.session.StopPlay(p.media)
	}
}
