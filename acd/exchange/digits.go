package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/sip"
)

// findsTones tells whether keys are looked for in the party's sound: where its
// trunk or the queue it called says so.
func (p *party) findsTones() bool {
	c := p.call
	return p.role == acd.CallerParty && (p.trunk().InbandDTMF || c.queue != nil && c.queue.config.InbandDTMF)
}

// told takes a key that a party pressed, told by INFO. The engine knows whether
// the same key came with the sound too, and who hears the party: it says the key
// again as its own.
func (c *call) told(p *party, e sip.Event) {
	if p.media != nil {
		c.session.KeyPressed(p.media, e.Digit, time.Duration(e.DigitMs)*time.Millisecond)
	}
}
