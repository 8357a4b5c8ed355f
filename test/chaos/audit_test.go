package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"switchroom/acd"
	"switchroom/acd/store"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// events reads the journal as far as it is synced.
func (w *world) events() []acd.Event {
	var all []acd.Event
	r := w.journal.Read(0)
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(w.t, err)
		all = append(all, e)
	}
}

// talks are the connections there were.
func (w *world) talks() (talks []acd.Event) {
	for _, e := range w.events() {
		if e.Kind == acd.CallConnected {
			talks = append(talks, e)
		}
	}
	return talks
}

// ends are how the last calls ended.
func (w *world) ends() (ends []string) {
	for _, e := range w.events() {
		switch e.Kind {
		case acd.CallRefused, acd.CallEnded, acd.CallDeclined:
			ends = append(ends, fmt.Sprintf("%s %s %d %s", e.Kind, e.Cause, e.Status, e.Agent))
		}
	}
	return ends[max(len(ends)-20, 0):]
}

// ledger is what the journal says of everything.
type ledger struct {
	arrived, ended  map[string]int
	records         map[string][]*acd.CDR
	started, sealed map[string][]acd.Event
	states          map[string]string // of each agent, the last one told
	with            map[string]string // the call that each agent talks in
	holder          map[string]string // and the other way round
}

// audit reads the journal once the exchange has stopped and compares it with
// itself, the index and the recordings.
func (w *world) audit() {
	l := ledger{map[string]int{}, map[string]int{}, map[string][]*acd.CDR{}, map[string][]acd.Event{}, map[string][]acd.Event{},
		map[string]string{}, map[string]string{}, map[string]string{}}
	last := w.journal.Append(acd.Event{Kind: "chaos.over", Time: time.Now()})
	require.NoError(w.t, w.journal.Commit(context.Background(), last))
	for _, e := range w.events() {
		w.enter(&l, e)
	}
	v := w.exchange.Invariants()
	assert.Equal(w.t, v.Admitted, v.Records, "each call admitted has its record")
	assert.Len(w.t, l.arrived, int(v.Admitted))
	assert.Empty(w.t, v.Violations)
	assert.Zero(w.t, v.Ports, "ports after the end")
	for id := range l.arrived {
		if assert.Len(w.t, l.records[id], 1, "call %s", id) {
			w.checkRecord(&l, l.records[id][0])
		}
	}
	assert.Len(w.t, l.records, len(l.arrived), "records of calls that never were")
	w.checkIndex(&l, last)
}

// enter reads one event.
func (w *world) enter(l *ledger, e acd.Event) {
	switch e.Kind {
	case acd.CallArrived:
		l.arrived[e.Call]++
	case acd.CallConnected:
		if other := l.with[e.Agent]; other != "" {
			w.fault("agent %s is connected with call %s and with %s", e.Agent, other, e.Call)
		}
		l.with[e.Agent], l.holder[e.Call] = e.Call, e.Agent
	case acd.CallEnded:
		l.ended[e.Call]++
		delete(l.with, l.holder[e.Call])
	case acd.CallRecord:
		l.records[e.Call] = append(l.records[e.Call], e.CDR)
		delete(l.with, l.holder[e.Call])
	case acd.RecordingStarted:
		l.started[e.Call] = append(l.started[e.Call], e)
	case acd.RecordingSealed:
		l.sealed[e.Call] = append(l.sealed[e.Call], e)
	case acd.AgentChanged:
		w.checkState(l, e)
	}
}

// checkState: an agent's states form one chain, talking comes from a phone
// that was rung or from the end of a hold, and held from a talk or, where the
// caller held while it still waited, from the phone that was rung.
func (w *world) checkState(l *ledger, e acd.Event) {
	was, known := l.states[e.Agent]
	if known && e.Was != was {
		w.fault("agent %s went from %s to %s, but was %s", e.Agent, e.Was, e.State, was)
	}
	l.states[e.Agent] = e.State
	from := map[string][]string{
		"reserved": {"ready", "not-ready", "offline"}, // a wish may cross the offer
		"ringing":  {"reserved"},
		"talking":  {"reserved", "ringing", "held"},
		"held":     {"talking", "reserved", "ringing"},
	}
	if legal, ok := from[e.State]; ok && e.Was != e.State {
		assert.Contains(w.t, legal, e.Was, "agent %s to %s", e.Agent, e.State)
	}
	if e.Seconds < 0 {
		w.fault("agent %s was %s for %v s", e.Agent, e.Was, e.Seconds)
	}
}

// checkRecord: the record agrees with itself.
func (w *world) checkRecord(l *ledger, r *acd.CDR) {
	const eps = 0.0035 // three roundings
	t := w.t
	assert.LessOrEqual(t, r.Waited+r.Talked, r.Duration+eps, "%+v", r)
	assert.LessOrEqual(t, r.Held, r.Talked+eps, "%+v", r)
	assert.NotEmpty(t, r.Cause)
	talked := 0.0
	for _, s := range r.Segments {
		assert.GreaterOrEqual(t, s.Start, 0.0, "%+v", s)
		assert.GreaterOrEqual(t, s.Length, 0.0, "%+v", s)
		assert.LessOrEqual(t, s.Start+s.Length, r.Duration+eps, "%+v of %+v", s, r)
		if s.Kind == "talk" {
			talked += s.Length
		}
	}
	assert.Equal(t, r.Answered != nil, r.Agent != "", "%+v", r)
	assert.InDelta(t, r.Talked, talked, eps, "%+v", r)
	w.checkRecording(l, r)
}

// checkRecording: what was promised is there, once, and as long as the talk.
func (w *world) checkRecording(l *ledger, r *acd.CDR) {
	t := w.t
	if r.Recording == "" {
		assert.Empty(t, l.sealed[r.ID], "call %s was recorded, but its record does not say so", r.ID)
		return
	}
	assert.Len(t, l.started[r.ID], 1)
	if assert.Len(t, l.sealed[r.ID], 1, "call %s's recording", r.ID) {
		assert.InDelta(t, r.Talked, l.sealed[r.ID][0].Seconds, 0.5, "length of call %s's recording", r.ID)
	}
}

// checkIndex: the index has each record once and as the journal has it.
func (w *world) checkIndex(l *ledger, last uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	require.NoError(w.t, w.store.CaughtUp(ctx, last))
	got := map[string]acd.CDR{}
	for f := (store.Filter{Limit: 100}); ; {
		page, err := w.store.CDRs(ctx, f)
		require.NoError(w.t, err)
		for _, r := range page.Items {
			assert.NotContains(w.t, got, r.ID)
			got[r.ID] = r
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	assert.Len(w.t, got, len(l.records))
	for id, r := range l.records {
		assert.Equal(w.t, r[0].Cause, got[id].Cause)
		assert.Equal(w.t, r[0].Talked, got[id].Talked)
		assert.Equal(w.t, r[0].Recording, got[id].Recording)
	}
}
