package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"
	"time"

	"switchroom/acd"
)

// Options say how to replay.
type Options struct {
	// Different hears of each difference, in the journal's order; nil: nobody.
	Different func(Difference)

	// Overlap is how long an input may take from the journal to the queue: of
	// two that lie closer together either may have been the first. 0: Overlap.
	Overlap time.Duration
}

// Overlap is how long that takes on a crowded machine.
const Overlap = 100 * time.Millisecond

// Report is what a replay found.
type Report struct {
	Events    uint64 `json:"events"`
	Runs      int    `json:"runs"`      // starts of the switch
	Skipped   uint64 `json:"skipped"`   // events before the first start, or behind a gap
	Decisions uint64 `json:"decisions"` // offers that were made, and judged
	Same      uint64 `json:"same"`      // made again with the same agent in the same ring
	Recounted uint64 `json:"recounted"` // of those, the explanation counts other agents or calls
	Close     uint64 `json:"close"`     // another agent; inputs overlapped
	Following uint64 `json:"following"` // another agent, by way of an earlier difference
	Different uint64 `json:"different"` // another agent, and no such reason
	Unjudged  uint64 `json:"unjudged"`  // offers of calls or agents that no configuration has
	Open      uint64 `json:"open"`      // decided again, and not yet told of where the journal or the run ends
	Hash      string `json:"hash"`      // of all decisions made again
}

// Difference is an offer that was not made again as it was made.
type Difference struct {
	Seq      uint64 // of the journal's entry
	Time     time.Time
	Call     string
	Queue    string
	Kind     string // close, following, different
	Was      string // agent
	Recorded *acd.Decision
	Now      string        // agent; "": none
	Replayed *acd.Decision // nil: none was made
	Note     string        // what lay close together
}

// Run replays events, which are in the journal's order.
func Run(events iter.Seq2[acd.Event, error], o Options) (Report, error) {
	if o.Overlap <= 0 {
		o.Overlap = Overlap
	}
	r := &replay{o: o, sum: sha256.New()}
	for ev, err := range events {
		if err != nil {
			return r.finish(), err
		}
		if err := r.take(&ev); err != nil {
			return r.finish(), fmt.Errorf("replay: event %d: %w", ev.Seq, err)
		}
	}
	return r.finish(), nil
}

// replay is one run over a journal.
type replay struct {
	o      Options
	report Report
	sum    hash.Hash
	floor  *floor // nil: no start was seen, or a gap since
	last   uint64 // number of the event before
}

func (r *replay) take(ev *acd.Event) error {
	r.report.Events++
	// Numbers are left out where entries were thrown away or damaged, and after
	// a repair, which a start follows.
	gap := r.last != 0 && ev.Seq != r.last+1
	r.last = ev.Seq
	if ev.Kind == acd.SwitchStarted {
		r.endRun()
		r.report.Runs++
		r.floor = newFloor(r, ev.Boot)
		return nil
	}
	if gap || ev.Kind == "journal.gap" {
		r.endRun()
	}
	if r.floor == nil || ev.Boot != r.floor.boot {
		if r.floor == nil {
			r.report.Skipped++
		}
		return nil // an entry of no run, as those of a repair are
	}
	return r.floor.take(ev)
}

// endRun leaves the state behind: of what comes now it says nothing.
func (r *replay) endRun() {
	if r.floor != nil {
		r.report.Open += r.floor.open()
	}
	r.floor = nil
}

func (r *replay) finish() Report {
	r.endRun()
	r.report.Hash = hex.EncodeToString(r.sum.Sum(nil))
	return r.report
}

// decided adds a decision that was made again to the hash.
func (r *replay) decided(call, agent string, ring int) {
	fmt.Fprintf(r.sum, "%s\x00%s\x00%d\n", call, agent, ring)
}
