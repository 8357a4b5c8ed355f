package acd

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendEvent adds the event's JSON, byte for byte what encoding/json makes
// of it, at a tenth of the cost: every step of every call passes here.
func AppendEvent(b []byte, ev *Event) ([]byte, error) {
	if !codecKnowsAll {
		own := *ev // so that callers' events need not be on the heap
		return appendJSON(b, &own)
	}
	w := jsonWriter{b: b}
	w.event(ev)
	if w.err != nil {
		return b, fmt.Errorf("acd: encode event: %w", w.err)
	}
	return w.b, nil
}

// codecKnowsAll says that no struct has a field which the code below, written
// by hand, has not learned yet; until it has, encoding/json does the work. A
// test fails meanwhile.
var codecKnowsAll = fields[Event]() == 29 && fields[Decision]() == 19 && fields[RunnerUp]() == 7 && fields[CDR]() == 27 &&
	fields[Segment]() == 9 && fields[Quality]() == 8 && fields[Disposition]() == 3

func fields[T any]() int { return reflect.TypeFor[T]().NumField() }

func appendJSON(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return b, fmt.Errorf("acd: encode: %w", err)
	}
	return append(b, text...), nil
}

// jsonWriter appends JSON. A field whose method ends in Set is left out when it
// is zero.
type jsonWriter struct {
	b   []byte
	err error
}

func (w *jsonWriter) event(ev *Event) {
	w.b = append(w.b, `{"seq":`...)
	w.b = strconv.AppendUint(w.b, ev.Seq, 10)
	w.time(`,"time":`, ev.Time)
	w.int(`,"mono":`, ev.Mono)
	w.textSet(`,"boot":`, ev.Boot)
	w.text(`,"kind":`, string(ev.Kind))
	w.textSet(`,"call":`, ev.Call)
	w.textSet(`,"agent":`, ev.Agent)
	w.textSet(`,"queue":`, ev.Queue)
	w.textSet(`,"client":`, ev.Client)
	w.textSet(`,"site":`, ev.Site)
	w.textSet(`,"trunk":`, ev.Trunk)
	w.textSet(`,"from":`, ev.From)
	w.textSet(`,"number":`, ev.Number)
	w.textSet(`,"state":`, ev.State)
	w.textSet(`,"was":`, ev.Was)
	w.textSet(`,"reason":`, ev.Reason)
	w.textSet(`,"cause":`, ev.Cause)
	w.textSet(`,"side":`, ev.Side)
	if ev.Status != 0 {
		w.int(`,"status":`, int64(ev.Status))
	}
	if ev.Seconds != 0 {
		w.float(`,"seconds":`, ev.Seconds)
	}
	w.textSet(`,"version":`, ev.Version)
	if ev.Arrival != 0 {
		w.int(`,"arrival":`, ev.Arrival)
	}
	if ev.Fresh {
		w.b = append(w.b, `,"fresh":true`...)
	}
	w.textSet(`,"dialog":`, ev.Dialog)
	w.textSet(`,"direction":`, ev.Direction)
	if ev.Decision != nil {
		w.decision(`,"decision":`, ev.Decision)
	}
	if ev.Disposition != nil {
		w.disposition(ev.Disposition)
	}
	if ev.CDR != nil {
		w.b = append(w.b, `,"cdr":`...)
		w.cdr(ev.CDR)
	}
	if len(ev.Detail) > 0 {
		w.value(`,"detail":`, ev.Detail)
	}
	w.b = append(w.b, '}')
}

func (w *jsonWriter) decision(key string, d *Decision) {
	w.b = append(append(w.b, key...), `{"seq":`...)
	w.b = strconv.AppendUint(w.b, d.Seq, 10)
	w.int(`,"ring":`, int64(d.Ring))
	w.text(`,"trigger":`, d.Trigger)
	w.text(`,"strategy":`, d.Strategy)
	w.int(`,"considered":`, int64(d.Considered))
	w.int(`,"not_ready":`, int64(d.NotReady))
	w.int(`,"no_queue":`, int64(d.NoQueue))
	w.int(`,"no_site":`, int64(d.NoSite))
	w.int(`,"no_skill":`, int64(d.NoSkill))
	w.int(`,"declined":`, int64(d.Declined))
	w.int(`,"waiting":`, int64(d.Waiting))
	w.float(`,"waited":`, d.Waited)
	w.float(`,"score":`, d.Score)
	w.float(`,"idle":`, d.Idle)
	w.int(`,"site_cost":`, int64(d.SiteCost))
	w.int(`,"skill_sum":`, int64(d.SkillSum))
	w.float(`,"term":`, d.Term)
	w.text(`,"version":`, d.Version)
	if len(d.RunnersUp) > 0 {
		w.runnersUp(d.RunnersUp)
	}
	w.b = append(w.b, '}')
}

func (w *jsonWriter) runnersUp(all []RunnerUp) {
	w.b = append(w.b, `,"runners_up":[`...)
	for i := range all {
		r := &all[i]
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.text(`{"agent":`, r.Agent)
		w.int(`,"ring":`, int64(r.Ring))
		w.float(`,"idle":`, r.Idle)
		w.int(`,"site_cost":`, int64(r.SiteCost))
		w.int(`,"skill_sum":`, int64(r.SkillSum))
		w.float(`,"term":`, r.Term)
		if r.Declined {
			w.b = append(w.b, `,"declined":true`...)
		}
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) cdr(c *CDR) {
	w.text(`{"id":`, c.ID)
	w.text(`,"direction":`, c.Direction)
	w.text(`,"client":`, c.Client)
	w.text(`,"queue":`, c.Queue)
	w.text(`,"from":`, c.From)
	w.text(`,"number":`, c.Number)
	w.text(`,"trunk":`, c.Trunk)
	w.text(`,"agent":`, c.Agent)
	w.text(`,"site":`, c.Site)
	w.time(`,"started":`, c.Started)
	w.moment(`,"queued":`, c.Queued)
	w.moment(`,"answered":`, c.Answered)
	w.time(`,"ended":`, c.Ended)
	w.float(`,"waited":`, c.Waited)
	w.float(`,"talked":`, c.Talked)
	w.float(`,"held":`, c.Held)
	w.float(`,"duration":`, c.Duration)
	w.text(`,"cause":`, c.Cause)
	w.text(`,"side":`, c.Side)
	w.int(`,"q850":`, int64(c.Q850))
	w.text(`,"recording":`, c.Recording)
	if c.ClockStepped {
		w.b = append(w.b, `,"clock_stepped":true`...)
	}
	w.segments(c.Segments)
	if len(c.Attempts) > 0 {
		w.value(`,"attempts":`, c.Attempts)
	}
	if len(c.Quality) > 0 {
		w.quality(c.Quality)
	}
	w.text(`,"version":`, c.Version)
	if c.Disposition != nil {
		w.disposition(c.Disposition)
	}
	w.b = append(w.b, '}')
}

func (w *jsonWriter) disposition(d *Disposition) {
	w.text(`,"disposition":{"code":`, d.Code)
	w.text(`,"name":`, d.Name)
	w.textSet(`,"note":`, d.Note)
	w.b = append(w.b, '}')
}

func (w *jsonWriter) segments(all []Segment) {
	if all == nil {
		w.b = append(w.b, `,"segments":null`...)
		return
	}
	w.b = append(w.b, `,"segments":[`...)
	for i := range all {
		s := &all[i]
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.text(`{"kind":`, s.Kind)
		w.textSet(`,"agent":`, s.Agent)
		w.textSet(`,"site":`, s.Site)
		w.textSet(`,"with":`, s.With)
		w.textSet(`,"mode":`, s.Mode)
		w.textSet(`,"queue":`, s.Queue)
		w.float(`,"start":`, s.Start)
		w.float(`,"length":`, s.Length)
		w.textSet(`,"cause":`, s.Cause)
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) quality(all []Quality) {
	w.b = append(w.b, `,"quality":[`...)
	for i := range all {
		q := &all[i]
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.text(`{"side":`, q.Side)
		w.text(`,"codec":`, q.Codec)
		w.b = append(w.b, `,"packets":`...)
		w.b = strconv.AppendUint(w.b, q.Packets, 10)
		w.int(`,"lost":`, q.Lost)
		w.float(`,"loss":`, q.Loss)
		w.float(`,"jitter":`, q.Jitter)
		w.float(`,"rtt":`, q.RTT)
		w.float(`,"mos":`, q.MOS)
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) int(key string, n int64) {
	w.b = strconv.AppendInt(append(w.b, key...), n, 10)
}

// float writes a number in the shortest form that reads back as itself, as
// encoding/json does. One that is none is an error.
func (w *jsonWriter) float(key string, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.err = fmt.Errorf("%s is %v", key, f)
		return
	}
	w.b = append(w.b, key...)
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		w.value("", f) // an exponent
		return
	}
	w.b = strconv.AppendFloat(w.b, f, 'f', -1, 64)
}

func (w *jsonWriter) time(key string, t time.Time) {
	w.b = append(append(w.b, key...), '"')
	b, err := t.AppendText(w.b)
	if err != nil {
		w.err = err
		return
	}
	w.b = append(b, '"')
}

func (w *jsonWriter) moment(key string, t *time.Time) {
	if t == nil {
		w.b = append(append(w.b, key...), `null`...)
		return
	}
	w.time(key, *t)
}

func (w *jsonWriter) textSet(key, s string) {
	if s != "" {
		w.text(key, s)
	}
}

// text writes a string; one that needs care is left to encoding/json.
func (w *jsonWriter) text(key, s string) {
	w.b = append(w.b, key...)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			w.value("", s)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

// value writes what is rare.
func (w *jsonWriter) value(key string, v any) {
	b, err := appendJSON(append(w.b, key...), v)
	if err != nil {
		w.err = err
		return
	}
	w.b = b
}

// AppendCDR adds the record's JSON.
func AppendCDR(b []byte, c *CDR) ([]byte, error) {
	if !codecKnowsAll {
		return appendJSON(b, c)
	}
	w := jsonWriter{b: b}
	w.cdr(c)
	if w.err != nil {
		return b, fmt.Errorf("acd: encode record: %w", w.err)
	}
	return w.b, nil
}

// AppendDecision adds the decision's JSON.
func AppendDecision(b []byte, d *Decision) ([]byte, error) {
	if !codecKnowsAll {
		return appendJSON(b, d)
	}
	w := jsonWriter{b: b}
	w.decision("", d)
	if w.err != nil {
		return b, fmt.Errorf("acd: encode decision: %w", w.err)
	}
	return w.b, nil
}
