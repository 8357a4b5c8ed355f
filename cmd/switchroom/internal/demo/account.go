package demo

import (
	"context"
	"fmt"
	"strings"

	"switchroom/acd"
)

// account tells what the switch says of itself as it happens, and remembers
// what the demonstration is to be judged by. It belongs to the goroutine that
// reads the events.
type account struct {
	cast
	*printer
	// why asks the switch why a call was offered to an agent.
	why func(ctx context.Context, call string) (decision, error)

	callers map[string]string // names, by call
	talked  map[string]bool   // calls that had an agent
	sealed  map[string]bool   // calls with a complete recording
	over    map[string]bool

	rangOut, abandoned, opened int
	failures                   []string
}

func newAccount(c cast, p *printer, why func(context.Context, string) (decision, error)) *account {
	return &account{
		cast: c, printer: p, why: why, callers: map[string]string{},
		talked: map[string]bool{}, sealed: map[string]bool{}, over: map[string]bool{},
	}
}

// complete is whether all expected calls are over and recorded.
func (a *account) complete(calls int) bool {
	return len(a.over) == calls && len(a.sealed) >= len(a.talked)
}

// tell takes one event in.
func (a *account) tell(ctx context.Context, e acd.Event) {
	switch e.Kind {
	case acd.CallArrived:
		a.arrived(e)
	case acd.CallQueued:
		a.at(e.Time, a.caller(e), "waits in queue %s and hears music", plain(e.Queue))
	case acd.CallOffered:
		a.offered(ctx, e)
	case acd.CallDeclined:
		a.declined(e)
	case acd.CallConnected:
		a.talked[e.Call] = true
		a.at(e.Time, a.caller(e), "%s %s after %.1f s", a.good("talks to"), a.agentName(e.Agent), e.Seconds)
	case acd.CallLeft:
		a.left(e)
	case acd.CallEnded:
		a.over[e.Call] = true
		a.at(e.Time, a.caller(e), "call over: %s", plain(e.Cause))
	case acd.CallRefused:
		a.fail("a call from %s to %s was refused: %s", plain(e.From), plain(e.Number), plain(e.Cause))
	case acd.RecordingSealed:
		a.sealed[e.Call] = true
		a.at(e.Time, a.caller(e), "recorded: %.1f s, hashed and signed", e.Seconds)
	case acd.RecordingFailed:
		a.fail("no recording of the call of %s: %s", a.caller(e), plain(e.Reason))
	default:
		a.tellAgent(e)
	}
}

func (a *account) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	a.failures = append(a.failures, text)
	a.line("%s", a.bad(text))
}

func (a *account) arrived(e acd.Event) {
	name := plain(e.From)
	if who, ok := a.cast.caller(e.From); ok {
		name = who.name
	}
	a.callers[e.Call] = name
	a.at(e.Time, name, "calls %s of %s, from %s by trunk %s", plain(e.Number), plain(e.Client), plain(e.From), plain(e.Trunk))
}

// caller is who a call is from.
func (a *account) caller(e acd.Event) string {
	if name := a.callers[e.Call]; name != "" {
		return name
	}
	return "?"
}

func (a *account) agentName(id string) string {
	if who, ok := a.agent(id); ok {
		return fmt.Sprintf("%s (%s, %s)", who.name, who.id, who.site)
	}
	return plain(id)
}

func (a *account) offered(ctx context.Context, e acd.Event) {
	why, err := a.why(ctx, e.Call)
	if (err != nil || why.Agent != e.Agent) && e.Decision != nil {
		why.Decision = *e.Decision // the call has gone on meanwhile
	}
	if why.Ring > 0 {
		a.opened++
		a.at(e.Time, a.caller(e), "has waited %.1f s: ring %d is open to it", why.Waited, why.Ring+1)
	}
	a.at(e.Time, a.caller(e), "offered to %s", a.agentName(e.Agent))
	a.at(e.Time, a.caller(e), "%s", a.dim("  because: "+reason(why.Decision)))
}

// reason puts a decision into words: what made it possible, why this agent
// among those who were free, and why not the others.
func reason(d acd.Decision) string {
	when := map[string]string{
		"arrival": "on arrival", "freed-agent": "just became free", "ring-opened": "as the ring opened", "decline": "as another did not answer",
	}[d.Trigger]
	if when == "" {
		when = plain(d.Trigger)
	}
	chosen := "the only one free"
	if free := d.Considered - d.NotReady - d.Declined; free > 1 {
		chosen = fmt.Sprintf("%s of %d free", merit(d), free)
	}
	text := fmt.Sprintf("%s, %s; ring %d admits %d agents", when, chosen, d.Ring+1, d.Considered)
	var out []string
	for _, x := range []struct {
		n   int
		why string
	}{{d.NoQueue, "of other queues"}, {d.NoSite, "at other sites"}, {d.NoSkill, "without the skills"}} {
		if x.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", x.n, x.why))
		}
	}
	if len(out) > 0 {
		text += ", not " + strings.Join(out, ", ")
	}
	return text
}

// merit is what an agent was better at than the others, by the strategy.
func merit(d acd.Decision) string {
	switch d.Strategy {
	case "longest-idle":
		return fmt.Sprintf("longest idle (%.1f s)", d.Idle)
	case "best-skill":
		return fmt.Sprintf("best skilled (levels add up to %d)", d.SkillSum)
	}
	return "by " + plain(d.Strategy)
}

func (a *account) declined(e acd.Event) {
	switch acd.Cause(e.Cause) {
	case acd.NoAnswer:
		a.rangOut++
		a.at(e.Time, a.caller(e), "%s by %s in %.1f s: keeps the place in the queue", a.bad("not answered"), a.agentName(e.Agent), e.Seconds)
	default:
		a.at(e.Time, a.caller(e), "offer to %s ended: %s", a.agentName(e.Agent), plain(e.Cause))
	}
}

func (a *account) left(e acd.Event) {
	if acd.Cause(e.Cause) == acd.Abandoned {
		a.abandoned++
	}
	a.at(e.Time, a.caller(e), "left the queue without an agent: %s", plain(e.Cause))
}

// tellAgent tells of agents what calls don't tell already.
func (a *account) tellAgent(e acd.Event) {
	if e.Kind != acd.AgentChanged {
		return
	}
	who, ok := a.agent(e.Agent)
	if !ok {
		return
	}
	switch {
	case e.Was == "offline" && e.State == "ready":
		a.at(e.Time, who.name, "phone %s registered from %s; ready, skills %s", who.id, who.site, strings.Trim(who.skills, "{}"))
	case e.State == "not-ready" && e.Was != "offline":
		a.at(e.Time, who.name, "made not ready: %s", plain(e.Reason))
	case e.State == "wrap-up":
		a.at(e.Time, who.name, "%s", a.dim("writes the call up"))
	}
}
