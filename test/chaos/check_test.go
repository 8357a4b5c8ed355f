package chaos

import (
	"fmt"
	"maps"
	"time"

	"switchroom/acd/api"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// soon bounds what has to happen by itself: 64*T1 for what peers leave open,
// and room for a machine that is busy with other things.
const soon = 15 * time.Second

// eventually waits until there is nothing left to say.
func (w *world) eventually(what string, wrong func() string) {
	w.t.Helper()
	until := time.Now().Add(soon)
	for {
		text := wrong()
		if text == "" {
			return
		}
		if time.Now().After(until) {
			assert.Fail(w.t, what, text)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// doubts looks again and again whether each agent's state is what follows from
// its phone, its calls and its wish. What does not for as long as things may be
// on their way is a fault.
func (w *world) doubts(stop <-chan struct{}) {
	since := map[string]time.Time{}
	for {
		held := map[string]bool{}
		for _, text := range w.exchange.Contradictions() {
			held[text] = true
			if first, ok := since[text]; !ok {
				since[text] = time.Now()
			} else if time.Since(first) > soon {
				w.fault("contradiction: %s", text)
				return
			}
		}
		maps.DeleteFunc(since, func(text string, _ time.Time) bool { return !held[text] })
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// drains waits until no caller is there any more, and then for everything that
// calls leave behind to go.
func (w *world) drains(sides []*side) {
	for _, s := range sides {
		select {
		case <-s.over:
		case <-time.After(soon):
			require.Fail(w.t, "a caller's leg does not end")
		}
	}
	for _, p := range w.phones {
		p.codes.Wait()
	}
	w.quiet.Store(true)
	w.eventually("nothing is left of the calls", func() string {
		v := w.exchange.Invariants()
		v.Recordings = w.tapes.Stats().Open
		return leftOver(v)
	})
}

// leftOver leaves out SIP transactions: an INVITE that was refused over UDP is
// remembered for the 32 s of Timer D, whatever T1 is.
func leftOver(v api.Invariants) string {
	left := ""
	for name, n := range map[string]int{"calls": v.Calls, "waiting": v.Waiting, "sip legs": v.Legs,
		"ports": v.Ports, "sessions": v.Sessions, "recordings": v.Recordings, "admitted but no record": int(v.Admitted - v.Records)} {
		if n != 0 {
			left += fmt.Sprintf("%d %s; ", n, name)
		}
	}
	for _, state := range []string{"reserved", "ringing", "talking", "held", "wrap-up", "outbound"} {
		if n := v.Agents[state]; n != 0 {
			left += fmt.Sprintf("%d agents %s; ", n, state)
		}
	}
	for _, text := range v.Violations {
		left += text + "; "
	}
	return left
}

// recovers brings everybody back and sees that each agent can work, one call
// after the other, and that those who left are offline.
func (w *world) recovers() {
	time.Sleep(time.Second) // a code dialled last may be on its way
	if w.scarce {
		time.Sleep(5500 * time.Millisecond) // ports that were used have to rest
	}
	w.plan.calm()
	w.reload()
	require.NoError(w.t, w.exchange.SetAgentState("8000", "offline", "", "calm"))
	for _, p := range w.phones {
		p.register(true) // also one that has taken a late answer for none
	}
	last := w.phones[7]
	last.register(false)
	w.eventually("an agent without a phone is offline", func() string {
		if a, ok := w.exchange.Agent(last.id); !ok || a.State != "offline" || a.Registered {
			return fmt.Sprintf("%+v", a)
		}
		return ""
	})
	working := w.phones[:7]
	for _, p := range working {
		w.eventually("an agent is ready", func() string {
			if a, _ := w.exchange.Agent(p.id); !a.Registered {
				p.again()
			}
			err := w.exchange.SetAgentState(p.id, "ready", "", "calm")
			if a, _ := w.exchange.Agent(p.id); err != nil || a.State != "ready" && a.State != "reserved" {
				return fmt.Sprintf("%+v, %v", a, err)
			}
			return ""
		})
	}
	before := len(w.talks())
	var sides []*side
	for i := range working {
		sides = append(sides, w.call(900000+i, 8*time.Second))
	}
	w.eventually("each ready agent gets a call", func() string {
		if n := len(w.talks()) - before; n < len(working) {
			return fmt.Sprintf("%d of %d; agents %v, calls %v, ends %v", n, len(working), w.exchange.Agents(), w.exchange.Calls(), w.ends())
		}
		return ""
	})
	w.drains(sides)
}
