package exchange

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"

	"go.uber.org/zap"
)

// Journal entries by which agents' wishes and what they owe outlast the switch.
const (
	// MemoNoted is what there is to remember of an agent, written whenever it
	// changes. Detail: an acd.AgentMemo.
	MemoNoted acd.Kind = "memo.agent"
	// MemosNoted are those of all agents of whom there is something to
	// remember, so that a restart need not look back further. Detail: a list.
	MemosNoted acd.Kind = "memo.agents"
)

// memosEvery is how far a restart looks back for them at most.
const memosEvery = 10 * time.Minute

// memoKey changes when an agent's memo does.
type memoKey struct {
	acd.MemoKey
	phone string
}

// remember writes the agent's memo down if it has changed. a.mu is held.
func (a *agent) remember(now acd.Instant) {
	key := memoKey{a.core.MemoKey(), a.phone}
	if key == a.memo {
		return
	}
	a.memo = key
	detail, err := json.Marshal(a.memoLocked(now))
	if err != nil {
		a.x.log.Error("an agent's memo cannot be written", zap.String("agent", a.id), zap.Error(err))
		return
	}
	a.x.note(now, acd.Event{Kind: MemoNoted, Agent: a.id, Detail: detail})
}

func (a *agent) memoLocked(now acd.Instant) acd.AgentMemo {
	m := a.core.Memo(now)
	if a.phone != a.id {
		m.Phone = a.phone
	}
	return m
}

// rememberAll writes all memos down.
func (x *Exchange) rememberAll(now acd.Instant) {
	memos := []acd.AgentMemo{}
	blank := acd.NewAgent("", false, false, now).MemoKey()
	for _, a := range x.agents.all() {
		a.mu.Lock()
		if m := a.memoLocked(now); a.memo.MemoKey != blank || m.Phone != "" {
			memos = append(memos, m)
		}
		a.mu.Unlock()
	}
	detail, err := json.Marshal(memos)
	if err != nil {
		x.log.Error("agents' memos cannot be written", zap.Error(err))
		return
	}
	x.note(now, acd.Event{Kind: MemosNoted, Detail: detail})
}

// RecoverAgents reads from the journal what agents wished and owed when the
// switch last ran, in the order of their ids.
func RecoverAgents(j *journal.Journal) ([]acd.AgentMemo, error) {
	end, oldest := j.Synced(), j.Status().Oldest
	for back := uint64(1 << 13); ; back *= 8 {
		from := oldest
		if end > back && end-back > oldest {
			from = end - back
		}
		memos, whole := map[string]acd.AgentMemo{}, from == oldest
		err := each(j, from, isMemo, func(acd.EventHead) {}, func(e acd.Event) {
			switch e.Kind {
			case MemoNoted:
				var m acd.AgentMemo
				if json.Unmarshal(e.Detail, &m) == nil && m.Agent != "" {
					memos[m.Agent] = m
				}
			case MemosNoted:
				var all []acd.AgentMemo
				if json.Unmarshal(e.Detail, &all) != nil {
					return
				}
				whole = true
				clear(memos)
				for _, m := range all {
					memos[m.Agent] = m
				}
			}
		})
		if err != nil {
			return nil, fmt.Errorf("exchange: what agents wished: %w", err)
		}
		if whole {
			var out []acd.AgentMemo
			for _, id := range slices.Sorted(maps.Keys(memos)) {
				out = append(out, memos[id])
			}
			return out, nil
		}
	}
}

func isMemo(kind []byte) bool {
	return string(kind) == string(MemoNoted) || string(kind) == string(MemosNoted)
}

// recall puts agents where the last run left them, before anything else befalls
// them.
func (x *Exchange) recall(memos []acd.AgentMemo) {
	p, now := x.plan.Load(), x.clock.now()
	for _, m := range memos {
		a := x.agents.get(m.Agent)
		if a == nil {
			continue
		}
		var after *acd.AfterCall
		if q := p.queues[m.Queue]; q != nil {
			after = p.afterCall(q.config, m.Client)
		}
		a.mu.Lock()
		a.core.Restore(now, m, after)
		if at := a.core.Deadline(); at != 0 {
			a.timer.Reset(max(at-now.Mono, 0))
		}
		a.mu.Unlock()
		if m.Phone != "" && p.phone(m.Phone) {
			x.desks.mu.Lock()
			x.moveLocked(a, m.Phone)
			x.desks.mu.Unlock()
		}
	}
}

// phone reports whether there is a phone of that account.
func (p *plan) phone(account string) bool {
	for _, v := range p.config.Phones {
		if v.ID == account {
			return true
		}
	}
	for _, v := range p.config.Agents {
		if v.ID == account {
			return true
		}
	}
	return false
}
