package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"

	"switchroom/acd"
)

// seqPrefix begins the JSON of an event that has no number yet.
const seqPrefix = `{"seq":0`

// scratches are the buffers in which events are written before their length
// is known.
var scratches = sync.Pool{New: func() any {
	b := make([]byte, 0, 2048)
	return &b
}}

// encodeEvent gives the event's JSON, not longer than limit. What JSON can't
// hold is left out rather than the event: a number that is none, a Detail
// that is not JSON or makes the event too long.
func encodeEvent(ev *acd.Event, limit int) ([]byte, error) {
	ev.Seq = 0
	limit -= len("18446744073709551615")
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	payload, err := acd.AppendEvent((*scratch)[:0], ev)
	if err == nil && len(payload) <= limit {
		if cap(payload) <= 64<<10 {
			*scratch = payload
		}
		return bytes.Clone(payload), nil
	}
	payload, err = json.Marshal(sane(*ev))
	if err != nil {
		return nil, fmt.Errorf("journal: encode event: %w", err)
	}
	if len(payload) > limit {
		return nil, fmt.Errorf("event of %d bytes: %w", len(payload), ErrRefused)
	}
	return payload, nil
}

// sane is the event without its Detail, and with 0 for numbers that are none.
func sane(ev acd.Event) acd.Event {
	finite(&ev.Seconds)
	if ev.Detail != nil {
		ev.Detail = json.RawMessage(`{"left_out":true}`)
	}
	if ev.Decision != nil {
		d := *ev.Decision
		finite(&d.Waited, &d.Score, &d.Idle)
		ev.Decision = &d
	}
	if ev.CDR != nil {
		c := *ev.CDR
		finite(&c.Waited, &c.Talked, &c.Held, &c.Duration)
		c.Segments = append([]acd.Segment(nil), c.Segments...)
		for i := range c.Segments {
			finite(&c.Segments[i].Start, &c.Segments[i].Length)
		}
		ev.CDR = &c
	}
	return ev
}

func finite(fs ...*float64) {
	for _, f := range fs {
		if math.IsNaN(*f) || math.IsInf(*f, 0) {
			*f = 0
		}
	}
}

// appendNumbered adds the payload with its number written in.
func appendNumbered(b []byte, e entry) []byte {
	rest, ok := bytes.CutPrefix(e.payload, []byte(seqPrefix))
	if !ok {
		return append(b, e.payload...)
	}
	b = append(b, seqPrefix[:len(seqPrefix)-1]...)
	b = strconv.AppendUint(b, e.seq, 10)
	return append(b, rest...)
}

// decodeEvent reads a record's payload.
func decodeEvent(r record) (acd.Event, error) {
	var ev acd.Event
	if err := acd.ParseEvent(r.payload, &ev); err != nil {
		return acd.Event{}, fmt.Errorf("journal: decode event %d: %w", r.seq, err)
	}
	ev.Seq = r.seq
	return ev, nil
}

// own makes one of the journal's own events.
func (j *Journal) own(k acd.Kind, detail any) *acd.Event {
	ev := &acd.Event{Kind: k}
	j.cfg.Stamp(ev)
	if b, err := json.Marshal(detail); err == nil {
		ev.Detail = b
	}
	return ev
}
