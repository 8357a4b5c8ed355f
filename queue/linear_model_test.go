package queue

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// The sequential specification for porcupine: every operation is atomic, and
// a match is an operation of its own that lies anywhere between the start of
// what made it possible and its delivery. It has two steps, for the engine
// promises each at its own instant: choose, at which the call is the oldest
// waiting one of its class, and match, at which agent and call are paired.
// A decline too: the agent is out of the offer, and the call is back in sight.
const (
	linAgents, linCalls = 3, 5

	linNotReady  = 0
	linAvailable = 1
	linServing   = 2
	linOffered   = 10 // + call

	linOutside = 0
	linWaiting = 1
	linLimbo   = 2 // declined, not yet back in sight
	linServed  = 3
	linGone    = 4
	linTo      = 10 // + agent: offered
)

type linState struct {
	a      [linAgents]int8
	c      [linCalls]int8
	chosen [linAgents]int8 // call + 1
}

type linOp struct {
	op   string
	a, c int
	seen *linState // observe
}

type linOut struct {
	ok      bool
	offered bool
	agent   int
}

// linWorld says which calls a history has: their arrivals and classes.
type linWorld struct {
	arrival [linCalls]int64
	class   [linCalls]int
}

func (w *linWorld) oldest(s *linState, c int) bool {
	for i := range s.c {
		if s.c[i] == linWaiting && w.class[i] == w.class[c] && w.arrival[i] < w.arrival[c] {
			return false
		}
	}
	return true
}

func (w *linWorld) step(s linState, o linOp, out linOut) (bool, linState) {
	agent, call := &s.a[max(o.a, 0)], &s.c[max(o.c, 0)]
	held := *agent >= linOffered
	mine := *call == int8(linTo+o.a)
	switch o.op {
	case "enter":
		*call = linWaiting
		return true, s
	case "ready", "return":
		if held || *agent == linServing && o.op == "return" {
			return !out.ok, s
		}
		*agent = linAvailable
		return out.ok, s
	case "not ready":
		if held || *agent == linServing {
			return !out.ok, s
		}
		*agent = linNotReady
		return out.ok, s
	case "choose":
		if *call != linWaiting || !w.oldest(&s, o.c) {
			return false, s
		}
		s.chosen[o.a] = int8(o.c + 1)
		return true, s
	case "match":
		if *agent != linAvailable || *call != linWaiting || s.chosen[o.a] != int8(o.c+1) {
			return false, s
		}
		*agent, *call, s.chosen[o.a] = int8(linOffered+o.c), int8(linTo+o.a), 0
		return true, s
	case "abandon":
		return w.abandon(s, o, out)
	case "accept":
		if mine {
			*call, *agent = linServed, linServing
		}
		return out.ok == mine, s
	case "decline":
		if mine {
			*call, *agent = linLimbo, linNotReady
		}
		return out.ok == mine, s
	case "back":
		if *call == linLimbo {
			*call = linWaiting
		}
		return true, s
	case "observe":
		s.chosen = [linAgents]int8{}
		return s == *o.seen, s
	}
	panic(o.op)
}

func (w *linWorld) abandon(s linState, o linOp, out linOut) (bool, linState) {
	switch c := s.c[o.c]; {
	case c == linWaiting || c == linLimbo:
		s.c[o.c] = linGone
		return out.ok && !out.offered, s
	case c >= linTo:
		s.c[o.c], s.a[c-linTo] = linGone, linNotReady
		return out.ok && out.offered && out.agent == int(c-linTo), s
	}
	return !out.ok, s
}

func (w *linWorld) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return linState{} },
		Step: func(s, in, out any) (bool, any) {
			ok, next := w.step(s.(linState), in.(linOp), out.(linOut))
			return ok, next
		},
		Equal: func(a, b any) bool { return a.(linState) == b.(linState) },
		DescribeOperation: func(in, out any) string {
			return fmt.Sprintf("%s a%d c%d = %+v", in.(linOp).op, in.(linOp).a, in.(linOp).c, out)
		},
	}
}
