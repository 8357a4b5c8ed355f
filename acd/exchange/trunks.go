package exchange

import "switchroom/acd"

// TrunkState hears that a trunk ceased to answer, or answers again.
func (x *Exchange) TrunkState(trunk string, up bool) {
	state := trunkState(up)
	x.note(x.clock.now(), acd.Event{Kind: acd.TrunkState, Trunk: trunk, State: state, Was: trunkState(!up)})
}

// trunkState is how a trunk's health is told.
func trunkState(up bool) string {
	if up {
		return "up"
	}
	return "down"
}
