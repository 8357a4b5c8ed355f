package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// errPoison marks an event that can never be folded.
var errPoison = errors.New("store: event makes no sense")

// fold turns events into rows. What it knows beyond the events of a batch is
// what lasts: agents' states and runs of the switch. Both are in the database
// too, so that a fold can begin at any position that was committed; after a
// failure it is thrown away and another one begun.
type fold struct {
	live  *live
	skip  func(seq uint64) bool // events that the database refused
	batch *batch

	states map[string]*state // by agent
	dirty  map[string]bool   // agents whose state the batch has changed
	boots  map[string]int64  // the last sign of life of each run
	boot   string            // the run that the last event came from
}

func newFold(live *live, skip func(uint64) bool) *fold {
	return &fold{live: live, skip: skip, states: map[string]*state{}, boots: map[string]int64{}}
}

// begin starts a batch.
func (f *fold) begin(from uint64) {
	f.batch = newBatch(from)
	f.dirty = map[string]bool{}
}

// finish completes the batch: next is the lowest number not folded.
func (f *fold) finish(next uint64) *batch {
	b := f.batch
	b.next = next
	for agent := range f.dirty {
		b.last(stateRows, agent, f.states[agent].row()...)
	}
	for _, boot := range append(b.runs, f.boot) {
		if boot != "" {
			b.last(bootRows, boot, boot, f.boots[boot])
		}
	}
	return b
}

// wanted are the kinds that are folded; others are not even decoded.
func wanted(kind []byte) bool {
	switch acd.Kind(kind) {
	case acd.SwitchStarted, acd.CallRecord, acd.CallFiled, acd.CallOffered, acd.RecordingSealed, acd.RecordingDeleted, acd.AgentChanged,
		acd.CallArrived, acd.CallQueued, acd.CallConnected, acd.CallConsulted, acd.CallLeft, acd.CallDeclined:
		return true
	}
	return false
}

// take folds one record of the journal. errPoison when it makes no sense.
func (f *fold) take(r journal.Record) error {
	head, ok := acd.PeekEvent(r.Payload)
	if ok {
		f.alive(head.Boot, head.Mono)
		if !wanted(head.Kind) {
			return nil
		}
	}
	ev, err := r.Event()
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	if !ok {
		f.alive([]byte(ev.Boot), ev.Mono)
	}
	f.live.take(&ev)
	if f.skip(r.Seq) {
		return fmt.Errorf("%w: the database refused it", errPoison)
	}
	return f.event(&ev)
}

// alive notes a sign of life of a run.
func (f *fold) alive(boot []byte, mono int64) {
	if len(boot) == 0 {
		return
	}
	if string(boot) != f.boot {
		f.batch.runs = append(f.batch.runs, f.boot)
		f.boot = clean(string(boot))
	}
	f.boots[f.boot] = max(f.boots[f.boot], mono)
}

func (f *fold) event(ev *acd.Event) error {
	switch ev.Kind {
	case acd.SwitchStarted:
		f.closeOld(ev)
	case acd.CallOffered:
		return f.decision(ev)
	case acd.CallRecord:
		return f.record(ev)
	case acd.CallFiled:
		return f.filed(ev)
	case acd.RecordingSealed:
		return f.recording(ev)
	case acd.RecordingDeleted:
		return f.deletion(ev)
	case acd.AgentChanged:
		f.agent(ev)
	}
	return nil
}

// record takes in a finished call.
func (f *fold) record(ev *acd.Event) error {
	c := ev.CDR
	if c == nil || c.ID == "" {
		return fmt.Errorf("%w: record without a call", errPoison)
	}
	text, err := acd.AppendCDR(make([]byte, 0, 1024), c)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	// The first record of a call is the one that counts: others are not kept.
	f.batch.add(cdrRows, clean(c.ID), c.Started.UnixMilli(), c.Ended.UnixMilli(), clean(c.Client), clean(c.Queue), clean(c.Agent),
		clean(c.Trunk), bare(c.Number), bare(c.From), string(text))
	f.batch.records = append(f.batch.records, *c)
	return nil
}

// bare is a number as it is looked for: without its plus.
func bare(number string) string { return strings.TrimPrefix(clean(number), "+") }

func (f *fold) decision(ev *acd.Event) error {
	if ev.Decision == nil {
		return fmt.Errorf("%w: offer without a decision", errPoison)
	}
	text, err := acd.AppendDecision(make([]byte, 0, 512), ev.Decision)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	f.batch.add(decisionRows, int64(ev.Seq), clean(ev.Call), clean(ev.Agent), clean(ev.Client), ev.Time.UnixMilli(), string(text))
	return nil
}

// state is the state that an agent is in.
type state struct {
	seq                                    uint64 // of the event that began it
	agent, site, state, reason, call, boot string
	start                                  int64 // ms since 1970
	mono                                   int64 // ns
}

func (s *state) row() []any {
	return []any{s.agent, int64(s.seq), s.site, s.state, s.reason, s.call, s.boot, s.start, s.mono}
}

// agent ends the agent's stretch of state and begins the next. Its length is
// the difference of two readings of one monotonic clock.
func (f *fold) agent(ev *acd.Event) {
	agent := clean(ev.Agent)
	if was := f.states[agent]; was != nil {
		if was.seq >= ev.Seq {
			return
		}
		until := ev.Mono
		if was.boot != ev.Boot {
			until = f.boots[was.boot]
		}
		f.spell(was, until)
	}
	f.states[agent] = &state{seq: ev.Seq, agent: agent, site: clean(ev.Site), state: clean(ev.State), reason: clean(ev.Reason),
		call: clean(ev.Call), boot: clean(ev.Boot), start: ev.Time.UnixMilli(), mono: ev.Mono}
	f.dirty[agent] = true
}

// closeOld ends the states of earlier runs, at the last sign of life that
// those gave: from then on their agents are offline until they are heard of.
func (f *fold) closeOld(ev *acd.Event) {
	var agents []string
	for agent, was := range f.states {
		if was.boot != ev.Boot {
			agents = append(agents, agent)
		}
	}
	slices.Sort(agents)
	for _, agent := range agents {
		was := f.states[agent]
		f.spell(was, f.boots[was.boot])
		f.states[agent] = &state{seq: ev.Seq, agent: agent, site: was.site, state: "offline", boot: clean(ev.Boot),
			start: ev.Time.UnixMilli(), mono: ev.Mono}
		f.dirty[agent] = true
	}
}

// partMax is the longest stretch that one row holds.
const partMax = 24 * time.Hour

// spell writes down a state that lasted until a moment of its run's clock.
// What is offline has no length that counts, and is one row.
func (f *fold) spell(s *state, until int64) {
	length := max(0, until-s.mono)
	for part := 0; ; part++ {
		n := length
		if s.state != "offline" {
			n = min(n, int64(partMax))
		}
		start := s.start + int64(part)*partMax.Milliseconds()
		f.batch.add(spellRows, int64(s.seq), int64(part), s.agent, s.site, s.state, s.reason, s.call, start, n)
		if length -= n; length <= 0 {
			return
		}
	}
}
