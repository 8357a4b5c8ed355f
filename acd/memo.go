package acd

import "time"

// AgentMemo is what of an agent has to outlast the switch: what it wishes and
// what it owes. Who talks and which phone is there is found anew. It is
// written down whenever it changes.
type AgentMemo struct {
	Agent   string    `json:"agent"`
	Phone   string    `json:"phone,omitempty"` // it sits at another's than its own
	Wish    string    `json:"wish"`            // ready, not-ready, offline
	Reason  string    `json:"reason,omitempty"`
	Imposed bool      `json:"imposed,omitempty"` // by the switch
	Back    time.Time `json:"back,omitzero"`     // when an imposed break ends
	Misses  int       `json:"misses,omitempty"`

	// After-call work; zero when there is none.
	WrapUp time.Time `json:"wrap_up,omitzero"` // its end
	Call   string    `json:"call,omitempty"`
	Client string    `json:"client,omitempty"`
	Queue  string    `json:"queue,omitempty"`
	Filed  string    `json:"filed,omitempty"`
	Owes   bool      `json:"owes,omitempty"`
}

var wishNames = [...]string{"offline", "not-ready", "ready"}

func (w Wish) String() string { return wishNames[w] }

// MemoKey changes exactly when what a memo says does.
type MemoKey struct {
	wish      Wish
	reason    string
	imposed   bool
	backAt    time.Duration
	misses    int
	wrapUntil time.Duration
	filed     string
	owes      bool
}

// MemoKey is the key of the agent's memo as it stands.
func (a *Agent) MemoKey() MemoKey {
	k := MemoKey{wish: a.wish, reason: a.reason, imposed: a.imposed, backAt: a.backAt, misses: a.misses, wrapUntil: a.wrapUntil}
	if a.wrapUntil != 0 {
		k.filed, k.owes = a.worked.filed, a.worked.owes
	}
	return k
}

// Memo is what is to be written down of the agent.
func (a *Agent) Memo(now Instant) AgentMemo {
	m := AgentMemo{Agent: a.ID, Wish: a.wish.String(), Reason: a.reason, Imposed: a.imposed, Misses: a.misses}
	if a.backAt != 0 {
		m.Back = now.Wall.Add(a.backAt - now.Mono)
	}
	if a.wrapUntil != 0 {
		w := &a.worked
		m.WrapUp = now.Wall.Add(a.wrapUntil - now.Mono)
		m.Call, m.Client, m.Queue, m.Filed, m.Owes = w.id, w.client, w.queue, w.filed, w.owes
	}
	return m
}

// Restore puts a new agent where its memo left it, before its first Step. Time
// that passed meanwhile counts: what has run out ends at once. after is what
// the call in the memo asks of it.
func (a *Agent) Restore(now Instant, m AgentMemo, after *AfterCall) {
	wish, ok := ParseWish(m.Wish)
	if !ok {
		return
	}
	a.restored = true
	a.wish, a.reason, a.imposed, a.misses = wish, m.Reason, m.Imposed, m.Misses
	if !m.Back.IsZero() {
		a.backAt = now.Mono + max(m.Back.Sub(now.Wall), 1)
	}
	if !m.WrapUp.IsZero() {
		a.wrapUntil = now.Mono + max(m.WrapUp.Sub(now.Wall), 1)
		a.call = m.Call
		a.worked = workedCall{id: m.Call, client: m.Client, queue: m.Queue, after: after, filed: m.Filed, owes: m.Owes && after != nil}
	}
}
