package exchange

import (
	"switchroom/acd"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/sip"
)

// Counters only ever grow.
type Counters struct{ Admitted, Recorded, Refused, Panics uint64 }

// Counters of the exchange's own since its start.
func (x *Exchange) Counters() Counters {
	return Counters{x.admitted.Load(), x.recorded.Load(), x.refused.Load(), x.panics.Load()}
}

// SIP and Media are the figures of the rooms the exchange runs.
func (x *Exchange) SIP() sip.Stats { return x.ua.Stats() }

// Media is SIP's sister.
func (x *Exchange) Media() media.Stats { return x.media.Stats() }

// Config is the configuration in force.
func (x *Exchange) Config() *configs.Config { return x.plan.Load().config }

// Stamp gives an event of another room this run's clocks.
func (x *Exchange) Stamp(e *acd.Event) {
	now := x.clock.now()
	e.Time, e.Mono, e.Boot = now.Wall, int64(now.Mono), x.boot
}

// Now is a reading of this run's clocks.
func (x *Exchange) Now() acd.Instant { return x.clock.now() }
