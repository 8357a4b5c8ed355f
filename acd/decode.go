package acd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
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

// jsonReader reads compact JSON. What it does not expect makes it odd, and it
// reads nothing from then on.
type jsonReader struct {
	b     []byte
	at    int
	first bool // no element of the innermost list or object was read yet
	odd   bool
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
		case "version":
			d.Version = r.text()
		default:
			r.odd = true
		}
	}
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

// begin enters an object or a list.
func (r *jsonReader) begin(c byte) {
	r.byte(c)
	r.first = true
}

// next goes to the next element, or over the end.
func (r *jsonReader) next(end byte) bool {
	if r.odd || r.at >= len(r.b) {
		r.odd = true
		return false
	}
	switch {
	case r.b[r.at] == end:
		r.at++
		r.first = false
		return false
	case !r.first:
		r.byte(',')
	}
	r.first = false
	return !r.odd
}

func (r *jsonReader) byte(c byte) {
	if r.odd || r.at >= len(r.b) || r.b[r.at] != c {
		r.odd = true
		return
	}
	r.at++
}

func (r *jsonReader) word(w string) bool {
	if r.odd || len(r.b)-r.at < len(w) || string(r.b[r.at:r.at+len(w)]) != w {
		r.odd = true
		return false
	}
	r.at += len(w)
	return true
}

// null steps over a null, if there is one.
func (r *jsonReader) null() bool {
	if r.odd || r.at >= len(r.b) || r.b[r.at] != 'n' {
		return false
	}
	return r.word("null")
}

func (r *jsonReader) key() []byte {
	k := r.plain()
	r.byte(':')
	return k
}

// plain reads a string that holds nothing but printable ASCII, and neither
// quotes nor backslashes.
func (r *jsonReader) plain() []byte {
	r.byte('"')
	if r.odd {
		return nil
	}
	for i := r.at; i < len(r.b); i++ {
		switch c := r.b[i]; {
		case c == '"':
			s := r.b[r.at:i]
			r.at = i + 1
			return s
		case c < ' ' || c == '\\' || c > '~':
			r.odd = true
			return nil
		}
	}
	r.odd = true
	return nil
}

func (r *jsonReader) text() string { return string(r.plain()) }

// number reads the characters of a number; what they mean is not judged.
func (r *jsonReader) number() []byte {
	from := r.at
	for r.at < len(r.b) {
		switch c := r.b[r.at]; {
		case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E':
			r.at++
			continue
		}
		break
	}
	if r.at == from {
		r.odd = true
	}
	return r.b[from:r.at]
}

func (r *jsonReader) int() int64 {
	n, err := strconv.ParseInt(string(r.number()), 10, 64)
	r.odd = r.odd || err != nil
	return n
}

func (r *jsonReader) uint() uint64 {
	n, err := strconv.ParseUint(string(r.number()), 10, 64)
	r.odd = r.odd || err != nil
	return n
}

func (r *jsonReader) float() float64 {
	f, err := strconv.ParseFloat(string(r.number()), 64)
	r.odd = r.odd || err != nil
	return f
}

func (r *jsonReader) time() time.Time {
	var t time.Time
	if text := r.plain(); r.odd || t.UnmarshalText(text) != nil {
		r.odd = true
	}
	return t
}

func (r *jsonReader) moment() *time.Time {
	if r.null() {
		return nil
	}
	t := r.time()
	return &t
}

// raw reads a value of any kind without judging what is inside of it.
func (r *jsonReader) raw() []byte {
	from, depth, quoted := r.at, 0, false
	for ; !r.odd && r.at < len(r.b); r.at++ {
		c := r.b[r.at]
		switch {
		case quoted && c == '\\':
			r.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return r.b[from:r.at]
		case c == '}' || c == ']':
			depth--
		}
	}
	r.odd = true
	return nil
}
