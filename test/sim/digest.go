package main

import (
	"fmt"
	"hash/fnv"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"switchroom/acd"
)

// digest tells states of a plot apart: two worlds with the same one go on alike.
type digest [16]byte

// history are the fields of the machines that no decision looks at: what goes
// into records and what a call was told at its beginning.
var history = map[string]bool{"record": true, "Plan": true, "talked": true, "waited": true, "worked": true, "since": true}

func (w *world) digest() digest {
	var b strings.Builder
	fmt.Fprint(&b, w.down, len(w.calls), w.born, w.runs)
	words := w.engineWords()
	for i, a := range w.agents {
		fmt.Fprint(&b, "|", a.id, a.known, a.dialogs, words[i])
		w.print(&b, reflect.ValueOf(a.core).Elem())
	}
	for _, c := range w.calls {
		fmt.Fprint(&b, "|", c.id, c.counted, c.queued, c.callerGone, c.talked, c.records, c.stops, c.settled)
		if c.seat != nil {
			fmt.Fprint(&b, w.engine.Position(c.seat))
			w.print(&b, reflect.ValueOf(c.seat).Elem().FieldByName("declined"))
		}
		for _, r := range roles {
			if l := c.legs[r]; l != nil {
				fmt.Fprint(&b, r, l)
			}
		}
		fmt.Fprint(&b, slices.Sorted(maps.Keys(c.people)))
		w.print(&b, reflect.ValueOf(c.core).Elem())
	}
	var pending []string
	for _, e := range w.agenda {
		pending = append(pending, fmt.Sprint(e.kind, e.what, w.ahead(e.at, e.kind == timer || e.kind == sure), w.ahead(e.by, e.kind == message && e.by != forever), e.leg))
	}
	sort.Strings(pending)
	fmt.Fprint(&b, pending)
	h := fnv.New128a()
	h.Write([]byte(b.String()))
	return digest(h.Sum(nil))
}

// ahead is how far off a moment is, where that matters.
func (w *world) ahead(at time.Duration, matters bool) time.Duration {
	if !matters {
		return 0
	}
	return at - w.now
}

// String says of a leg what decides how it goes on.
func (l *leg) String() string {
	if l == nil {
		return "-"
	}
	who := ""
	if l.agent != nil {
		who = l.agent.id
	}
	return fmt.Sprint(who, l.rung, l.rang, l.opened, l.answered, l.over, l.offer.Call != nil)
}

// engineWords are what the queue has each agent down for, and who of them has
// been idle longer.
func (w *world) engineWords() (out []string) {
	const kindShift = 61
	e := reflect.ValueOf(w.engine).Elem()
	orders := map[int]uint64{}
	for i := range w.agents {
		orders[i] = e.FieldByName("seats").Index(i).FieldByName("order").FieldByName("v").Uint()
	}
	for i := range w.agents {
		rank := 0
		for _, o := range orders {
			if o < orders[i] {
				rank++
			}
		}
		out = append(out, fmt.Sprint(e.FieldByName("word").Index(i).FieldByName("v").Uint()>>kindShift, rank))
	}
	return out
}

var (
	instantType  = reflect.TypeFor[acd.Instant]()
	durationType = reflect.TypeFor[time.Duration]()
)

// print writes what a value consists of, field by field, its times as seen from
// now.
func (w *world) print(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == instantType {
			return // of what has been
		}
		for i := range v.NumField() {
			if !history[v.Type().Field(i).Name] {
				w.print(b, v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			w.print(b, v.Index(i))
		}
	case reflect.Int64:
		n := v.Int()
		if v.Type() == durationType && n != 0 {
			n -= int64(w.now)
		}
		fmt.Fprint(b, n, ",")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		fmt.Fprint(b, v.Int(), ",")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		fmt.Fprint(b, v.Uint(), ",")
	case reflect.Bool:
		fmt.Fprint(b, v.Bool(), ",")
	case reflect.String:
		fmt.Fprint(b, v.String(), ",")
	case reflect.Pointer:
		fmt.Fprint(b, v.IsNil(), ",")
	default:
		panic(fmt.Sprintf("sim: a machine has a %s, which its digest does not know", v.Type()))
	}
}
