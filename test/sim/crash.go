package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"switchroom/acd"
	"switchroom/acd/exchange"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
)

// commitEvery is how old an entry may be that a crash takes with it.
const commitEvery = 50 * time.Millisecond

// note writes an entry down, stamped as the exchange does.
func (w *world) note(e acd.Event) {
	if w.crashes && (w.plot == nil || e.Kind == exchange.MemoNoted) {
		at := w.instant()
		e.Time, e.Mono, e.Boot = at.Wall, int64(at.Mono), w.boot()
		w.book = append(w.book, e)
	}
}

func (w *world) boot() string { return string(rune('a' + w.runs%26)) }

// remember is exchange.agent.remember.
func (a *agent) remember() {
	key := a.core.MemoKey()
	if key == a.memo {
		return
	}
	a.memo, a.told, a.toldAt = key, a.core.Memo(a.w.instant()), a.w.now
	if !a.w.crashes {
		return
	}
	detail, err := json.Marshal(a.told)
	if err != nil {
		a.w.fail("memo: %v", err)
	}
	a.w.note(acd.Event{Kind: exchange.MemoNoted, Agent: a.id, Detail: detail})
}

// crash ends the switch between two steps: machines, queue and timers are gone,
// and with them what the journal had not synced. The phones hear nothing.
func (w *world) crash() {
	w.figures.crashes++
	w.down = true
	w.loseTail()
	for _, c := range w.calls {
		c.closed = true
		w.drop(c.timer)
		w.drop(c.guiding)
	}
	w.calls, w.offers = nil, nil
	clear(w.byID)
	for _, a := range w.agents {
		w.drop(a.timer)
		a.timer, a.dialogs = nil, 0
	}
	w.drop(w.ticking)
	w.in(w.between(time.Second, 10*time.Second), "restart", w.restart)
}

// loseTail takes away entries that nobody had waited for.
func (w *world) loseTail() {
	kept := len(w.book)
	for kept > 0 && w.book[kept-1].Kind != acd.CallRecord && epoch.Add(w.now).Sub(w.book[kept-1].Time) < commitEvery && w.chance(0.8) {
		kept--
	}
	w.book = w.book[:kept]
}

// restart replays the journal into new machines, by the exchange's own recovery.
func (w *world) restart() {
	memos, err := w.recovered()
	if err != nil {
		w.fail("recovery: %v", err)
		return
	}
	w.powers()
	for _, q := range w.queues {
		w.opens(q)
	}
	w.down = false
	for _, a := range w.agents {
		a.restarts(memos)
	}
}

// recovered writes the entries that have survived on a disk, and reads from it
// what agents wished and which calls were cut off.
func (w *world) recovered() (memos []acd.AgentMemo, err error) {
	if w.plot != nil {
		return w.memos()
	}
	j, err := journal.Open(journal.Config{FS: simdisk.New(), SegmentBytes: 1 << 22, MaxPending: 1 << 28})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	last := uint64(0)
	for _, e := range w.book {
		if last = j.Append(e); last == 0 {
			return nil, journal.ErrRefused
		}
	}
	if err := j.Commit(context.Background(), last); err != nil {
		return nil, err
	}
	cut, err := exchange.Recover(context.Background(), j, "next", func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	w.checkCutOff(cut.Records)
	return exchange.RecoverAgents(j)
}

// memos reads what agents wished without a disk, for plots, which crash a
// million times.
func (w *world) memos() (memos []acd.AgentMemo, err error) {
	last := map[string]acd.AgentMemo{}
	for _, e := range w.book {
		if e.Kind == exchange.MemoNoted {
			var m acd.AgentMemo
			if err := json.Unmarshal(e.Detail, &m); err != nil {
				return nil, err
			}
			last[e.Agent] = m
		}
	}
	return slices.Collect(maps.Values(last)), nil
}

// restarts gives the agent a new machine and what its memo says.
func (a *agent) restarts(memos []acd.AgentMemo) {
	w := a.w
	before := a.core.Memo(w.instant())
	a.made()
	if i := slices.IndexFunc(memos, func(m acd.AgentMemo) bool { return m.Agent == a.id }); i >= 0 {
		m := memos[i]
		var after *acd.AfterCall
		if q := w.lineOf(m.Queue); q != nil {
			after = q.plan.After
		}
		a.core.Restore(w.instant(), m, after)
		a.memo = a.core.MemoKey()
	}
	a.checkRestored(before)
	a.setTimer()
	a.step(acd.AgentInput{Kind: acd.AgentStart})
	e := w.in(w.between(0, 30*time.Second), a.id+" registers again", func() {
		if !a.dead {
			a.step(acd.AgentInput{Kind: acd.AgentReach, Cause: "registered"})
		}
	})
	if w.plot != nil {
		e.kind, e.by = message, w.now+zombie
	}
}

// checkRestored: what the agent wished and owed is there again, unless it had
// just been said.
func (a *agent) checkRestored(before acd.AgentMemo) {
	w := a.w
	after := a.core.Memo(w.instant())
	if w.crashedWithin(a.toldAt) {
		return
	}
	near := func(x, y time.Time) bool {
		return x.IsZero() == y.IsZero() && (x.IsZero() || math.Abs(x.Sub(y).Seconds()) < 0.002 || x.Before(epoch.Add(w.now)))
	}
	if before.Wish != after.Wish || before.Reason != after.Reason || before.Imposed != after.Imposed || before.Misses != after.Misses ||
		before.Call != after.Call || before.Owes != after.Owes || !near(before.Back, after.Back) || !near(before.WrapUp, after.WrapUp) {
		w.fail("%s was restored as %+v and had been %+v", a.id, after, before)
	}
}

// crashedWithin reports whether an entry of a moment may not have been synced
// when the switch crashed.
func (w *world) crashedWithin(at time.Duration) bool {
	return len(w.book) == 0 || epoch.Add(at).After(w.book[len(w.book)-1].Time)
}

// checkCutOff: each call that the journal knows of and that has no record gets
// one, and no other.
func (w *world) checkCutOff(records []acd.CDR) {
	open, taped := map[string]time.Time{}, map[string]bool{}
	for _, e := range w.book {
		switch e.Kind {
		case acd.CallArrived:
			open[e.Call] = e.Time
		case acd.CallRecord:
			delete(open, e.Call)
		case acd.RecordingStarted:
			taped[e.Call] = true
		}
	}
	for _, r := range records {
		began, ok := open[r.ID]
		switch {
		case !ok:
			w.fail("%s gets a record after the crash and was not cut off", r.ID)
		case r.Cause != string(acd.System) || !r.Started.Equal(began) || r.Duration < 0 || r.Waited+r.Talked > r.Duration+0.01:
			w.fail("%s gets a record after the crash that cannot be: %+v", r.ID, r)
		case (r.Recording != "") != taped[r.ID]:
			w.fail("%s: the record after the crash says %q of its recording", r.ID, r.Recording)
		}
		delete(open, r.ID)
		w.figures.cutOff++
		// The start writes it down, so that no later one writes another.
		at := w.instant()
		w.book = append(w.book, acd.Event{Kind: acd.CallRecord, Call: r.ID, CDR: &r, Time: at.Wall, Boot: "next"})
	}
	for id := range open {
		w.fail("%s was cut off and has no record", id)
	}
}
