package exchange

import (
	"fmt"
	"os"
	"runtime"

	"switchroom/acd"
	"switchroom/acd/api"
)

// SetAgentState carries out what somebody wishes for an agent. During an offer
// or a call it takes effect after it.
func (x *Exchange) SetAgentState(id, state, reason, by string) error {
	a := x.agents.get(id)
	if a == nil {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	wish, ok := acd.ParseWish(state)
	if !ok {
		return fmt.Errorf("state %q: wanted ready, not-ready or offline: %w", state, api.ErrConflict)
	}
	x.note(x.clock.now(), acd.Event{Kind: acd.SuperviseDid, Agent: id, State: "state " + state, Reason: by})
	if !a.wish(wish, reason, acd.Cause(by)) {
		return fmt.Errorf("agent %s is not registered, so it cannot be made ready: %w", id, api.ErrConflict)
	}
	return nil
}

// wish steps the agent with a new wish; false when it asks to be ready with a
// phone that is out of reach.
func (a *agent) wish(w acd.Wish, reason string, by acd.Cause) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w == acd.WishReady && (a.left || !a.core.Reachable()) {
		return false
	}
	a.stepLocked(acd.AgentInput{Kind: acd.AgentWish, Wish: w, Reason: reason, Cause: by})
	return true
}

func (a *agent) stateNow() (acd.AgentState, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, reason, _ := a.core.State()
	return s, reason
}

// HangUp releases a live call.
func (x *Exchange) HangUp(id, by string) error {
	c := x.find(id)
	if c == nil {
		return fmt.Errorf("call %q: %w", id, api.ErrNotFound)
	}
	client := ""
	if v := c.view.Load(); v != nil { // the call itself belongs to its goroutine
		client = v.Client
	}
	x.note(x.clock.now(), acd.Event{Kind: "call.released", Call: id, Client: client, Cause: string(acd.Supervisor), Reason: by})
	c.inbox.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputRelease, Cause: acd.Supervisor, Status: 480, Q850: 16}})
	return nil
}

// Invariants counts what must go back to where it was when all calls are over.
func (x *Exchange) Invariants() api.Invariants {
	s, m := x.ua.Stats(), x.media.Stats()
	v := api.Invariants{
		Goroutines: runtime.NumGoroutine(), Files: openFiles(),
		Ports: m.PortsInUse, Sessions: m.Sessions, Legs: s.Legs, Transactions: s.Transactions, Timers: s.Timers,
		Admitted: x.admitted.Load(), Records: x.recorded.Load(), Agents: map[string]int{}, Violations: []string{},
	}
	for _, c := range x.Calls() {
		v.Calls++
		if c.State == acd.Waiting.String() {
			v.Waiting++
		}
	}
	for _, a := range x.agents.all() {
		state, _ := a.stateNow()
		v.Agents[state.String()]++
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	v.HeapBytes = mem.HeapAlloc
	x.mu.Lock()
	v.Violations = append(v.Violations, x.violations...)
	x.mu.Unlock()
	return v
}

// openFiles counts the process's file descriptors; 0 where the system does not
// tell.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
