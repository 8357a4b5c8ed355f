package exchange

import (
	"net/netip"

	"switchroom/acd"

	"go.uber.org/zap"
)

// Guessing hears that a source has guessed passwords until nobody listens to it
// any more.
func (x *Exchange) Guessing(source netip.AddrPort, user string) {
	e := acd.Event{Kind: acd.Guessing, Reason: source.String()}
	if a := x.agents.get(user); a != nil { // else what it wrote is nobody's name
		e.Agent = a.id
	}
	x.note(x.clock.now(), e)
	x.log.Error("alarm", zap.String("kind", "guessing"), zap.Stringer("source", source), zap.String("agent", e.Agent))
}
