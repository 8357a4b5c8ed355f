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
	"lost-decline": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoDecline && w.chance(0.1) },
	"lost-enter":   func(w *world, d acd.CallAction) bool { return d.Do == acd.DoEnter && w.chance(0.02) },
	"lost-abandon": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoAbandon && w.chance(0.05) },
	"kept-agent": func(w *world, d acd.CallAction) bool {
		return d.Do == acd.DoAgent && d.Phase == acd.PhaseFree && w.chance(0.02)
	},
	"endless-tape":   func(w *world, d acd.CallAction) bool { return d.Do == acd.DoStopRecord && w.chance(0.05) },
	"no-record":      func(w *world, d acd.CallAction) bool { return d.Do == acd.DoSettle && w.chance(0.02) },
	"no-tape":        func(w *world, d acd.CallAction) bool { return d.Do == acd.DoRecord && w.chance(0.05) },
	"zombie-phone":   func(w *world, d acd.CallAction) bool { return d.Do == acd.DoHangupAgent && w.chance(0.05) },
	"unclosed-call":  func(w *world, d acd.CallAction) bool { return d.Do == acd.DoClose && w.chance(0.02) },
	"forgotten-exit": func(w *world, d acd.CallAction) bool { return d.Do == acd.DoExit && w.chance(0.2) },
}

func (w *world) mutates(d acd.CallAction) bool {
	broken := mutants[w.mutant]
	return broken != nil && broken(w, d)
}

func mutantNames() string { return strings.Join(slices.Sorted(maps.Keys(mutants)), ", ") }
