package acd

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ParseEvent reads what AppendEvent wrote, and any other JSON of an event at
// encoding/json's pace.
func ParseEvent(b []byte, ev *Event) error {
	return parse(b, ev, func(r *jsonReader, ev *Event) { r.event(ev) })
}

// ParseCDR reads what AppendCDR wrote, and any other JSON of a record.
func ParseCDR(b []byte, c *CDR) error {
	return parse(b, c, func(r *jsonReader, c *CDR) { r.cdr(c) })
}

func parse[T any](b []byte, dst *T, read func(*jsonReader, *T)) error {
	var zero T
	*dst = zero
	if codecKnowsAll {
		r := jsonReader{b: b}
		read(&r, dst)
		if !r.odd && r.at == len(b) {
			return nil
		}
		*dst = zero
	}
	if err := json.Unmarshal(b, dst); err != nil {
		return fmt.Errorf("acd: decode: %w", err)
	}
	return nil
}

// EventHead is the beginning of an event's JSON. Its slices lie in the JSON.
type EventHead struct {
	Time []byte // RFC 3339
	Mono int64
	Boot []byte
	Kind []byte
}

// PeekEvent reads the head of what AppendEvent wrote, so that whoever has no
// use for the event need not decode it. ok is false for any other JSON.
func PeekEvent(b []byte) (h EventHead, ok bool) {
	r := jsonReader{b: b}
	r.begin('{')
	for r.next('}') {
		switch string(r.key()) {
		case "seq":
			r.number()
		case "time":
			h.Time = r.plain()
		case "mono":
			h.Mono = r.int()
		case "boot":
			h.Boot = r.plain()
		case "kind":
			h.Kind = r.plain()
			return h, !r.odd
		default:
			return h, false
		}
	}
	return h, false
}

func (r *jsonReader) event(ev *Event) {
	r.begin('{')
	for r.next('}') {
		switch string(r.key()) {
		case "seq":
			ev.Seq = r.uint()
		case "time":
			ev.Time = r.time()
		case "mono":
			ev.Mono = r.int()
		case "boot":
			ev.Boot = r.text()
		case "kind":
			ev.Kind = Kind(r.text())
		case "call":
			ev.Call = r.text()
		case "agent":
			ev.Agent = r.text()
		case "queue":
			ev.Queue = r.text()
		case "client":
			ev.Client = r.text()
		case "site":
			ev.Site = r.text()
		case "trunk":
			ev.Trunk = r.text()
		case "from":
			ev.From = r.text()
		case "number":
			ev.Number = r.text()
		case "state":
			ev.State = r.text()
		case "was":
			ev.Was = r.text()
		case "reason":
			ev.Reason = r.text()
		case "cause":
			ev.Cause = r.text()
		case "side":
			ev.Side = r.text()
		case "status":
			ev.Status = int(r.int())
		case "seconds":
			ev.Seconds = r.float()
		case "version":
			ev.Version = r.text()
		case "arrival":
			ev.Arrival = r.int()
		case "fresh":
			ev.Fresh = r.word("true")
		case "dialog":
			ev.Dialog = r.text()
		case "direction":
			ev.Direction = r.text()
		case "decision":
			ev.Decision = new(Decision)
			r.decision(ev.Decision)
		case "disposition":
			ev.Disposition = r.disposition()
		case "cdr":
			ev.CDR = new(CDR)
			r.cdr(ev.CDR)
		case "detail":
			ev.Detail = json.RawMessage(bytes.Clone(r.raw()))
		default:
			r.odd = true // what later versions add
		}
	}
}

func (r *jsonReader) decision(d *Decision) {
	r.begin('{')
	for r.next('}') {
		switch string(r.key()) {
		case "seq":
			d.Seq = r.uint()
		case "ring":
			d.Ring = int(r.int())
		case "trigger":
			d.Trigger = r.text()
		case "strategy":
			d.Strategy = r.text()
		case "considered":
			d.Considered = int(r.int())
		case "not_ready":
			d.NotReady = int(r.int())
		case "no_queue":
			d.NoQueue = int(r.int())
		case "no_site":
			d.NoSite = int(r.int())
		case "no_skill":
			d.NoSkill = int(r.int())
		case "declined":
			d.Declined = int(r.int())
		case "waiting":
			d.Waiting = int(r.int())
		case "waited":
			d.Waited = r.float()
		case "score":
			d.Score = r.float()
		case "idle":
			d.Idle = r.float()
		case "site_cost":
			d.SiteCost = int(r.int())
		case "skill_sum":
			d.SkillSum = int(r.int())
		case "term":
			d.Term = r.float()
		case "version":
			d.Version = r.text()
		case "runners_up":
			d.RunnersUp = r.runnersUp()
		default:
			r.odd = true
		}
	}
}

func (r *jsonReader) runnersUp() []RunnerUp {
	all := make([]RunnerUp, 0, 3)
	r.begin('[')
	for r.next(']') {
		var v RunnerUp
		r.begin('{')
		for r.next('}') {
			switch string(r.key()) {
			case "agent":
				v.Agent = r.text()
			case "ring":
				v.Ring = int(r.int())
			case "idle":
				v.Idle = r.float()
			case "site_cost":
				v.SiteCost = int(r.int())
			case "skill_sum":
				v.SkillSum = int(r.int())
			case "term":
				v.Term = r.float()
			case "declined":
				v.Declined = r.word("true")
			default:
				r.odd = true
			}
		}
		all = append(all, v)
	}
	return all
}

func (r *jsonReader) cdr(c *CDR) {
	r.begin('{')
	for r.next('}') {
		switch string(r.key()) {
		case "id":
			c.ID = r.text()
		case "direction":
			c.Direction = r.text()
		case "client":
			c.Client = r.text()
		case "queue":
			c.Queue = r.text()
		case "from":
			c.From = r.text()
		case "number":
			c.Number = r.text()
		case "trunk":
			c.Trunk = r.text()
		case "agent":
			c.Agent = r.text()
		case "site":
			c.Site = r.text()
		case "started":
			c.Started = r.time()
		case "queued":
			c.Queued = r.moment()
		case "answered":
			c.Answered = r.moment()
		case "ended":
			c.Ended = r.time()
		case "waited":
			c.Waited = r.float()
		case "talked":
			c.Talked = r.float()
		case "held":
			c.Held = r.float()
		case "duration":
			c.Duration = r.float()
		case "cause":
			c.Cause = r.text()
		case "side":
			c.Side = r.text()
		case "q850":
			c.Q850 = int(r.int())
		case "recording":
			c.Recording = r.text()
		case "clock_stepped":
			c.ClockStepped = r.word("true")
		case "segments":
			if !r.null() {
				c.Segments = r.segments()
			}
		case "attempts":
			r.odd = json.Unmarshal(r.raw(), &c.Attempts) != nil || r.odd
		case "quality":
			c.Quality = r.quality()
		case "version":
			c.Version = r.text()
		case "disposition":
			c.Disposition = r.disposition()
		default:
			r.odd = true
		}
	}
}

func (r *jsonReader) disposition() *Disposition {
	d := &Disposition{}
	r.begin('{')
	for r.next('}') {
		switch string(r.key()) {
		case "code":
			d.Code = r.text()
		case "name":
			d.Name = r.text()
		case "note":
			d.Note = r.text()
		default:
			r.odd = true
		}
	}
	return d
}

func (r *jsonReader) segments() []Segment {
	all := make([]Segment, 0, 4)
	r.begin('[')
	for r.next(']') {
		var s Segment
		r.begin('{')
		for r.next('}') {
			switch string(r.key()) {
			case "kind":
				s.Kind = r.text()
			case "agent":
				s.Agent = r.text()
			case "site":
				s.Site = r.text()
			case "with":
				s.With = r.text()
			case "mode":
				s.Mode = r.text()
			case "queue":
				s.Queue = r.text()
			case "start":
				s.Start = r.float()
			case "length":
				s.Length = r.float()
			case "cause":
				s.Cause = r.text()
			default:
				r.odd = true
			}
		}
		all = append(all, s)
	}
	return all
}

func (r *jsonReader) quality() []Quality {
	all := make([]Quality, 0, 2)
	r.begin('[')
	for r.next(']') {
		var q Quality
		r.begin('{')
		for r.next('}') {
			switch string(r.key()) {
			case "side":
				q.Side = r.text()
			case "codec":
				q.Codec = r.text()
			case "packets":
				q.Packets = r.uint()
			case "lost":
				q.Lost = r.int()
			case "loss":
				q.Loss = r.float()
			case "jitter":
				q.Jitter = r.float()
			case "rtt":
				q.RTT = r.float()
			case "mos":
				q.MOS = r.float()
			default:
				r.odd = true
			}
		}
		all = append(all, q)
	}
	return all
}
