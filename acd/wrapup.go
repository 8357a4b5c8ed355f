package acd

import (
	"fmt"
	"time"
)

// WrapUpMode says what ends after-call work.
type WrapUpMode uint8

const (
	WrapUpEarly WrapUpMode = iota // its time, or the agent before
	WrapUpFixed                   // its time alone
	WrapUpAgent                   // the agent alone; what is forgotten for its time becomes a break
)

var wrapUpNames = [...]string{"early", "fixed", "agent"}

func (m WrapUpMode) String() string {
	if int(m) < len(wrapUpNames) {
		return wrapUpNames[m]
	}
	return fmt.Sprintf("WrapUpMode(%d)", uint8(m))
}

// Forgotten is the reason of the break that after-call work becomes which only
// its agent could end, and did not.
const Forgotten = "wrap-up-forgotten"

// AfterCall is what a queue asks of an agent after one of its calls. It is
// immutable and shared by the calls that were given it.
type AfterCall struct {
	Mode     WrapUpMode
	Codes    []Disposition // what the call's client files calls under; Code and Name
	Required bool          // one of Codes is owed
	Default  string        // the code of a call whose agent gave none in time
}

// code finds one of the client's dispositions.
func (p *AfterCall) code(code string) (Disposition, bool) {
	if p != nil {
		for _, d := range p.Codes {
			if d.Code == code {
				return d, true
			}
		}
	}
	return Disposition{}, false
}

// workedCall is the call that an agent talks in, or talked in last: the one
// that it may file.
type workedCall struct {
	id, client, queue string
	after             *AfterCall // nil: nothing is asked
	filed             string     // the code it was filed under, or ""
	owes              bool       // a disposition. Invariant: only while after-call work runs
}

// work notes which call the agent talks in.
func (a *Agent) work(in AgentInput) {
	if in.Call != a.worked.id {
		a.worked = workedCall{id: in.Call}
	}
	a.worked.client, a.worked.queue, a.worked.after = in.Client, in.Queue, in.After
}

// wrapUp begins after-call work of a length, or settles at once what would
// have been owed in it.
func (a *Agent) wrapUp(now Instant, length time.Duration, out []AgentAction) []AgentAction {
	w := &a.worked
	w.owes = w.after != nil && w.after.Required && w.filed == ""
	if length > 0 {
		a.wrapUntil = now.Mono + length
		return out
	}
	return a.fileDefault(out)
}

// endWrapUp ends after-call work before its time; it does nothing where the
// agent has no say in it.
func (a *Agent) endWrapUp() {
	if a.MayEndWrapUp() == nil {
		a.wrapUntil = 0
	}
}

// MayEndWrapUp says why the agent cannot end its after-call work now; nil: it
// can.
func (a *Agent) MayEndWrapUp() error {
	switch {
	case a.wrapUntil == 0:
		return fmt.Errorf("%w: there is no after-call work", ErrNotNow)
	case a.worked.owes:
		return fmt.Errorf("%w: the call needs a disposition first", ErrNotNow)
	case a.worked.after != nil && a.worked.after.Mode == WrapUpFixed:
		return fmt.Errorf("%w: this queue's after-call work has a fixed length", ErrNotNow)
	}
	return nil
}

// wrapUpOver: the time of the after-call work is over.
func (a *Agent) wrapUpOver(out []AgentAction) []AgentAction {
	a.wrapUntil = 0
	if a.worked.after != nil && a.worked.after.Mode == WrapUpAgent && a.wish == WishReady {
		a.rest(Forgotten, 0)
	}
	return a.fileDefault(out)
}

// rest takes the agent out until it says that it is ready, or, unless it is 0,
// until the moment back on the monotonic clock.
func (a *Agent) rest(reason string, back time.Duration) {
	a.wish, a.reason, a.backAt, a.imposed, a.fresh = WishNotReady, reason, back, true, true
}
