package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// CutOff is what a crash left: the calls whose records were missing and have
// been written now, and the dialogs that their peers take to be up.
type CutOff struct {
	Records []acd.CDR
	Dialogs []Dialog
}

// Recover writes the records that a crash kept from being written: each call
// that the journal knows to have arrived, and not to have ended, gets one, with
// cause system. It comes before New, once per start; a second run finds no
// calls, and those dialogs alone that nobody has ended meanwhile.
//
// kept says whether there is a recording. One that had begun just before the
// crash may never have come to the disk, and is not promised by the record then.
func Recover(ctx context.Context, j *journal.Journal, boot string, kept func(recording string) bool) (CutOff, error) {
	cp, err := lastCheckpoint(j)
	if err != nil {
		return CutOff{}, fmt.Errorf("exchange: looking for calls that were cut off: %w", err)
	}
	f := newFold(cp)
	if err := each(j, max(cp.Since, recordMargin)-recordMargin, folded, f.alive, f.take); err != nil {
		return CutOff{}, fmt.Errorf("exchange: folding calls that were cut off: %w", err)
	}
	out := CutOff{Dialogs: f.standing()}
	last := uint64(0)
	for _, c := range f.sorted() {
		cdr := c.record(f.crashed(c.boot))
		if cdr.Recording != "" && !kept(cdr.Recording) {
			cdr.Recording = ""
		}
		last = j.Append(acd.Event{Kind: acd.CallRecord, Time: time.Now().UTC(), Boot: boot, Call: cdr.ID, Client: cdr.Client,
			Queue: cdr.Queue, Agent: cdr.Agent, Site: cdr.Site, Trunk: cdr.Trunk, Cause: cdr.Cause, CDR: &cdr})
		if last == 0 {
			return out, fmt.Errorf("exchange: record of call %s: %w", cdr.ID, journal.ErrRefused)
		}
		out.Records = append(out.Records, cdr)
	}
	if last > 0 {
		if err := j.Commit(ctx, last); err != nil { // one sync for all of them
			return out, fmt.Errorf("exchange: records of calls that were cut off: %w", err)
		}
	}
	return out, nil
}

// recordMargin: a call whose record was being written while a checkpoint was
// taken may be in the list and have its record just before Since.
const recordMargin = 10000

// each gives the entries from a number on whose kind is wanted, and of the
// others what stands at their head: a switch's day is not decoded to find its
// last minutes.
func each(j *journal.Journal, from uint64, wanted func(kind []byte) bool, skipped func(acd.EventHead), do func(acd.Event)) error {
	r := j.Read(from)
	defer r.Close()
	for {
		rec, err := r.NextRecord()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h, ok := acd.PeekEvent(rec.Payload); ok && !wanted(h.Kind) {
			skipped(h)
			continue
		}
		if e, err := rec.Event(); err == nil { // else nothing will ever read it
			do(e)
		}
	}
}

// folded are the kinds that tell of calls, their recordings and dialogs.
func folded(kind []byte) bool {
	for _, begin := range []string{"call.", "recording.", "dialog."} {
		if bytes.HasPrefix(kind, []byte(begin)) {
			return true
		}
	}
	return false
}

// fold follows calls through the journal's end.
type fold struct {
	since uint64
	open  map[string]*cutOff
	done  map[string]bool
	// last is the time of each run's last entry: when its crash was, to a
	// second. What a later start has written is no sign of life of it.
	last  map[string]time.Time
	signs map[string]*[]byte // the same, of entries that were not decoded
	// dialogs that stand, by run and name.
	dialogs map[dialogName]Dialog
}

func newFold(cp checkpoint) *fold {
	f := &fold{since: cp.Since, open: map[string]*cutOff{}, done: map[string]bool{}, last: map[string]time.Time{}, signs: map[string]*[]byte{},
		dialogs: map[dialogName]Dialog{}}
	for _, v := range cp.Calls {
		f.open[v.ID] = fromView(v, cp.boot)
	}
	for _, d := range cp.Dialogs {
		if d.Boot == "" {
			d.Boot = cp.boot
		}
		f.dialogs[d.name()] = d
	}
	return f
}

// cutOff is what is known of a call that has no record yet.
type cutOff struct {
	acd.CDR
	boot string // the run of the process that had it
}

func fromView(v acd.CallView, boot string) *cutOff {
	return &cutOff{boot: boot, CDR: acd.CDR{ID: v.ID, Client: v.Client, Queue: v.Queue, From: v.From, Number: v.Number, Trunk: v.Trunk,
		Agent: v.Agent, Site: v.Site, Version: v.Version, Direction: v.Direction, Started: v.Started, Queued: v.Queued, Answered: v.Answered}}
}

// alive notes that a run lived when it wrote an entry that says no more. The
// time is read once, at the end.
func (f *fold) alive(h acd.EventHead) {
	if s := f.signs[string(h.Boot)]; s != nil {
		*s = append((*s)[:0], h.Time...)
		return
	}
	first := bytes.Clone(h.Time)
	f.signs[string(h.Boot)] = &first
}

// crashed is when the run that had a call ended, as far as it is known.
func (f *fold) crashed(boot string) time.Time {
	last := f.last[boot]
	if s := f.signs[boot]; s != nil {
		if at, err := time.Parse(time.RFC3339Nano, string(*s)); err == nil && at.After(last) {
			return at
		}
	}
	return last
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
	f.takeDialog(&e)
	if e.Kind == acd.CallArrived && !f.done[e.Call] {
		if f.open[e.Call] == nil {
			f.open[e.Call] = &cutOff{boot: e.Boot, CDR: acd.CDR{ID: e.Call, Client: e.Client, Queue: e.Queue, From: e.From, Number: e.Number,
				Trunk: e.Trunk, Started: e.Time, Version: e.Version, Direction: e.Direction}}
		}
		return
	}
	if c := f.open[e.Call]; c != nil {
		c.take(e)
	}
}

func (f *fold) takeDialog(e *acd.Event) {
	switch e.Kind {
	case acd.DialogUp:
		d := Dialog{Boot: e.Boot}
		if json.Unmarshal(e.Detail, &d.Standing) == nil {
			f.dialogs[d.name()] = d
		}
	case acd.DialogOver:
		boot := e.Boot
		if e.Was != "" {
			boot = e.Was // a later run ended it
		}
		delete(f.dialogs, dialogName{boot, e.Dialog})
	}
}

// standing lists the dialogs by name, and so by age.
func (f *fold) standing() []Dialog {
	out := slices.Collect(maps.Values(f.dialogs))
	slices.SortFunc(out, func(a, b Dialog) int { return strings.Compare(a.Leg, b.Leg) })
	return out
}

func (c *cutOff) take(e acd.Event) {
	at := e.Time
	switch e.Kind {
	case acd.CallQueued:
		if e.Cause == string(acd.Consulting) {
			return // its agent's, beside the caller
		}
		c.Queue, c.Queued = e.Queue, &at
	case acd.CallConnected:
		if e.Agent != "" { // an outside party is nobody's agent
			c.Agent, c.Site = e.Agent, e.Site
		}
		if c.Answered == nil { // a transfer connects anew
			c.Answered = &at
		}
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
		until, why := r.Ended, string(acd.System)
		if r.Answered != nil {
			until, why = *r.Answered, "answered"
		}
		r.Waited = span(*r.Queued, until)
		r.Segments = append(r.Segments, acd.Segment{Kind: "queue", Queue: r.Queue, Start: span(r.Started, *r.Queued), Length: r.Waited, Cause: why})
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
