package exchange

import (
	"strings"

	"switchroom/acd"
)

// feature is what a code dialled from an agent's phone does.
type feature struct {
	// check says why it cannot be done; the phone then hears a refusal.
	check func() error
	apply func()
	// late: it takes effect when the phone is free again, or the first call
	// offered to it would find it busy.
	late bool
}

// featureOf reads a feature code; false when number is none.
//
//	*50    log out, and leave a phone that is not one's own
//	*51    ready
//	*51*AGENT*PIN    take this phone, and be ready; see loginOf
//	*52NN  not ready, with reason code NN
//	*53    end after-call work
//	*54DD  the last call comes to disposition DD
func (a *agent) featureOf(number string) (feature, bool) {
	code, argument := number, ""
	if len(number) > 3 {
		code, argument = number[:3], number[3:]
	}
	wish := func(w acd.Wish, reason string) (feature, bool) {
		return feature{late: true, apply: func() {
			a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: w, Reason: reason, Cause: byCode})
		}}, true
	}
	switch {
	case number == "*50":
		f, ok := wish(acd.WishOffline, "")
		out := f.apply
		f.apply = func() { out(); a.x.goHome(a) }
		return f, ok
	case number == "*51":
		return wish(acd.WishReady, "")
	case code == "*52" && len(argument) <= 2:
		return wish(acd.WishNotReady, argument)
	case number == "*53":
		return feature{late: true, check: a.mayEndWrapUp,
			apply: func() { a.step(acd.AgentInput{Kind: acd.AgentEndWrapUp, Cause: byCode}) }}, true
	case code == "*54" && argument != "" && strings.Trim(argument, "0123456789") == "":
		return feature{check: func() error { return a.file("", acd.Disposition{Code: argument}, byCode) }}, true
	}
	return feature{}, false
}

// byCode is the cause of what was dialled.
const byCode acd.Cause = "feature-code"
