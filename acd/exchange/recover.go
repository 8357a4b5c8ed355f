package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// Recover writes the records that a crash kept from being written: each call
// that the journal knows to have arrived, and not to have ended, gets one, with
// cause system. It comes before New, once per start; a second run finds
// nothing. It returns the records written.
func Recover(ctx context.Context, j *journal.Journal, boot string) ([]acd.CDR, error) {
	from, open, crashed, err := lastCheckpoint(j)
	if err != nil {
		return nil, fmt.Errorf("exchange: looking for calls that were cut off: %w", err)
	}
	f := &fold{open: map[string]*cutOff{}, done: map[string]bool{}, since: from, last: map[string]time.Time{}}
	for _, v := range open {
		f.open[v.ID] = fromView(v, crashed)
	}
	if err := each(j, max(from, recordMargin)-recordMargin, f.take); err != nil {
		return nil, fmt.Errorf("exchange: folding calls that were cut off: %w", err)
	}
	var out []acd.CDR
	for _, c := range f.sorted() {
		cdr := c.record(f.last[c.boot])
		if _, err := j.AppendSync(ctx, acd.Event{Kind: acd.CallRecord, Time: time.Now().UTC(), Boot: boot, Call: cdr.ID, Client: cdr.Client,
			Queue: cdr.Queue, Agent: cdr.Agent, Site: cdr.Site, Trunk: cdr.Trunk, Cause: cdr.Cause, CDR: &cdr}); err != nil {
			return out, fmt.Errorf("exchange: record of call %s: %w", cdr.ID, err)
		}
		out = append(out, cdr)
	}
	return out, nil
}

// recordMargin: a call whose record was being written while a checkpoint was
// taken may be in the list and have its record just before Since.
const recordMargin = 10000

// lastCheckpoint looks back from the journal's end, further each time, and
// gives the number to fold from, and the calls that were live there and the
// run of the process that had them.
func lastCheckpoint(j *journal.Journal) (since uint64, calls []acd.CallView, boot string, err error) {
	end := j.Synced()
	oldest := j.Status().Oldest
	for back := uint64(1 << 13); ; back *= 8 {
		from := oldest
		if end > back && end-back > oldest {
			from = end - back
		}
		var found *checkpoint
		err := each(j, from, func(e acd.Event) {
			if e.Kind != Checkpoint {
				return
			}
			var cp checkpoint
			if json.Unmarshal(e.Detail, &cp) == nil {
				found, boot = &cp, e.Boot
			}
		})
		if err != nil {
			return 0, nil, "", err
		}
		if found != nil {
			return found.Since, found.Calls, boot, nil
		}
		if from == oldest {
			return oldest, nil, "", nil
		}
	}
}

func each(j *journal.Journal, from uint64, do func(acd.Event)) error {
	r := j.Read(from)
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		do(e)
	}
}

// fold follows calls through the journal's end.
type fold struct {
	since uint64
	open  map[string]*cutOff
	done  map[string]bool
	// last is the time of each run's last entry: when its crash was, to a
	// second. What a later start has written is no sign of life of it.
	last map[string]time.Time
}

// cutOff is what is known of a call that has no record yet.
type cutOff struct {
	acd.CDR
	boot string // the run of the process that had it
}

func fromView(v acd.CallView, boot string) *cutOff {
	return &cutOff{boot: boot, CDR: acd.CDR{ID: v.ID, Client: v.Client, Queue: v.Queue, From: v.From, Number: v.Number, Trunk: v.Trunk,
		Agent: v.Agent, Site: v.Site, Started: v.Started, Queued: v.Queued, Answered: v.Answered}}
}

func (f *fold) take(e acd.Event) {
	if e.Kind == acd.CallRecord {
		f.done[e.Call] = true
		delete(f.open, e.Call)
		return
	}
	if e.Seq < f.since {
		return
	}
	f.last[e.Boot] = e.Time
	if e.Kind == acd.CallArrived && !f.done[e.Call] {
		if f.open[e.Call] == nil {
			f.open[e.Call] = &cutOff{boot: e.Boot, CDR: acd.CDR{ID: e.Call, Client: e.Client, Queue: e.Queue, From: e.From, Number: e.Number,
				Trunk: e.Trunk, Started: e.Time, Version: e.Version}}
		}
		return
	}
	if c := f.open[e.Call]; c != nil {
		c.take(e)
	}
}

func (c *cutOff) take(e acd.Event) {
	at := e.Time
	switch e.Kind {
	case acd.CallQueued:
		c.Queue, c.Queued = e.Queue, &at
	case acd.CallConnected:
		c.Agent, c.Site, c.Answered = e.Agent, e.Site, &at
	case acd.RecordingStarted, acd.RecordingSealed:
		// Sealed: just now, since its crash. Of a long call that may be all
		// that is told of its recording after the checkpoint.
		c.Recording = e.Call
	case acd.RecordingFailed:
		c.Recording = ""
	}
}

// record closes the call at the moment of the crash. The durations are of the
// wall clock, since no other was left; a step of it cannot make them negative.
func (c *cutOff) record(crash time.Time) acd.CDR {
	r := c.CDR
	r.Ended = crash
	if r.Ended.Before(r.Started) {
		r.Ended = r.Started
	}
	r.Cause, r.Side, r.Q850 = string(acd.System), string(acd.SystemParty), 41
	r.Duration = span(r.Started, r.Ended)
	r.Segments = []acd.Segment{}
	if r.Queued != nil {
		until := r.Ended
		if r.Answered != nil {
			until = *r.Answered
		}
		r.Waited = span(*r.Queued, until)
		r.Segments = append(r.Segments, acd.Segment{Kind: "queue", Queue: r.Queue, Start: span(r.Started, *r.Queued), Length: r.Waited})
	}
	if r.Answered != nil {
		r.Talked = span(*r.Answered, r.Ended)
		r.Segments = append(r.Segments, acd.Segment{Kind: "talk", Agent: r.Agent, Site: r.Site, Queue: r.Queue,
			Start: span(r.Started, *r.Answered), Length: r.Talked, Cause: string(acd.System)})
	} else {
		r.Agent, r.Site = "", ""
	}
	return r
}

func span(from, to time.Time) float64 {
	return float64(max(to.Sub(from), 0).Milliseconds()) / 1000
}

func (f *fold) sorted() []*cutOff {
	out := make([]*cutOff, 0, len(f.open))
	for _, c := range f.open {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *cutOff) int { return strings.Compare(a.ID, b.ID) })
	return out
}
