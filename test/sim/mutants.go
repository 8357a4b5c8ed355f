package main

import (
	"maps"
	"slices"
	"strings"

	"switchroom/acd"
)

// mutants are faults that can be built into the exchange's part: each leaves a
// deed out, now and then. What they break has to be found.
var mutants = map[string]func(*world, acd.CallAction) bool{
	"lost-decline": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoDecline && w.rarely(0.1) },
	"lost-enter":   func(w *world, d acd.CallAction) bool { return d.Do == acd.DoEnter && w.rarely(0.02) },
	"lost-abandon": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoAbandon && w.rarely(0.05) },
	"kept-agent": func(w *world, d acd.CallAction) bool {
		return d.Do == acd.DoAgent && d.Phase == acd.PhaseFree && w.rarely(0.02)
	},
	"endless-tape": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoStopRecord && w.rarely(0.05) },
	"no-record":    func(w *world, d acd.CallAction) bool { return d.Do == acd.DoSettle && w.rarely(0.02) },
	"no-tape":      func(w *world, d acd.CallAction) bool { return d.Do == acd.DoRecord && w.rarely(0.05) },
	"zombie-phone": func(w *world, d acd.CallAction) bool {
		return (d.Do == acd.DoHangupAgent || d.Do == acd.DoCancelRing) && w.rarely(0.05)
	},
	"unclosed-call":  func(w *world, d acd.CallAction) bool { return d.Do == acd.DoClose && w.rarely(0.02) },
	"forgotten-exit": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoExit && w.rarely(0.2) },
	"no-ring":        func(w *world, d acd.CallAction) bool { return d.Do == acd.DoRing && w.rarely(0.05) },
}

// Faults that do not leave a deed out.
const (
	lateAnswer   = "late-answer"    // an answer that crossed our CANCEL counts
	freeTooEarly = "free-too-early" // the agent is let go before its offer is given back
	staleOffer   = "stale-offer"    // an offer of a place that the call has left is taken
)

// rarely is true now and then, and always in a plot, which leaves nothing to
// chance.
func (w *world) rarely(p float64) bool { return w.plot != nil || w.chance(p) }

func (w *world) is(mutant string) bool { return w.mutant == mutant }

// mutated gives the deeds that are carried out of those that were decided on.
func (w *world) mutated(deeds []acd.CallAction) []acd.CallAction {
	if w.mutant == "" {
		return deeds
	}
	if w.is(freeTooEarly) {
		deeds = slices.Clone(deeds)
		for i := 1; i < len(deeds); i++ {
			if deeds[i].Do == acd.DoAgent && deeds[i-1].Do == acd.DoDecline {
				deeds[i-1], deeds[i] = deeds[i], deeds[i-1]
			}
		}
		return deeds
	}
	broken := mutants[w.mutant]
	return slices.DeleteFunc(slices.Clone(deeds), func(d acd.CallAction) bool { return broken != nil && broken(w, d) })
}

func mutantNames() string {
	return strings.Join(append(slices.Sorted(maps.Keys(mutants)), lateAnswer, freeTooEarly, staleOffer), ", ")
}
