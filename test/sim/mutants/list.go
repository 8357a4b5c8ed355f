package main

// mutant is one fault in one file of acd: from, which occurs once, becomes to.
type mutant struct{ name, file, from, to string }

var mutants = []mutant{
	{"an agent is free while its phone still rings", "agent.go",
		"case a.legs > 0:", "case false:"},
	{"an agent whose offer has ended is not offered again", "agentstep.go",
		"a.offered = false\n\twas := a.phase", "was := a.phase"},
	{"after-call work never ends", "agentstep.go",
		"if a.wrapUntil != 0 && now.Mono >= a.wrapUntil {", "if false {"},
	{"an imposed break never ends", "agentstep.go",
		"if a.backAt != 0 && now.Mono >= a.backAt {", "if false {"},
	{"a caller who is gone leaves the phone ringing", "callring.go",
		"out = append(out, CallAction{Do: DoCancelRing, Seat: seat, Party: AgentParty, Cause: CallerGone})", ""},
	{"an offer that has rung out is not given back", "callring.go",
		"CallAction{Do: DoDecline, Seat: seat, Cause: why},", ""},
	{"the agent is let go before its offer is given back", "callring.go",
		"CallAction{Do: DoDecline, Seat: seat, Cause: why},\n\t\tCallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: why})",
		"CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: why},\n\t\tCallAction{Do: DoDecline, Seat: seat, Cause: why})"},
	{"a ring has no limit", "callring.go",
		"c.ringDeadline = now.Mono + c.Plan.RingTimeout", "c.ringDeadline = 0"},
	{"a dialog is not counted", "callring.go",
		"c.phonesOpen++\n\tout = c.note(out, Event{Kind: CallOffered", "out = c.note(out, Event{Kind: CallOffered"},
	{"the queue does not hear of an answer", "calltalk.go",
		"out = append(out, CallAction{Do: DoAccept, Seat: c.agent})", ""},
	{"the end of a talk keeps its agent", "calltalk.go",
		"out = c.free(seat, why, c.Plan.WrapUp, out)\n\treturn c.release(now, withCause(in, why), by, out)", "return c.release(now, withCause(in, why), by, out)"},
	{"a caller who hangs up stays in the queue", "callwait.go",
		"out = append(out, CallAction{Do: DoAbandon})\n\tc.endWait(now)", "c.endWait(now)"},
	{"a wait has no limit", "callwait.go",
		"c.waitDeadline = now.Mono + c.Plan.MaxWait\n\t\t}\n\t\tout = c.note(out, Event{Kind: CallArrived", "c.waitDeadline = 0\n\t\t}\n\t\tout = c.note(out, Event{Kind: CallArrived"},
	{"a crash forgets what an agent wished", "memo.go",
		"a.wish, a.reason, a.imposed, a.misses = wish, m.Reason, m.Imposed, m.Misses", "_, a.reason, a.imposed, a.misses = wish, m.Reason, m.Imposed, m.Misses"},
	{"a crash forgets when a break ends", "memo.go",
		"a.backAt = now.Mono + max(m.Back.Sub(now.Wall), 1)", ""},
}
