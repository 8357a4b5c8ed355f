package queue

import (
	"fmt"
	"slices"
)

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// quiet checks the invariants on an engine with no operation in progress and
// no ring due: every word, index and counter against every other, and that no available
// agent stands beside a waiting call that it may have.
func quiet(t failer, e *Engine) {
	t.Helper()
	waiting := quietCalls(t, e)
	quietLanes(t, e, waiting)
	quietAgents(t, e, waiting)
	quietIndex(t, e)
}

// quietCalls checks the places and gives those of the waiting calls.
func quietCalls(t failer, e *Engine) (waiting []int) {
	t.Helper()
	free := map[int]bool{}
	for k := range e.places.shelf {
		for h := nodePlace(e.places.shelf[k].head.Load()); h >= 0; h = int(e.places.at[h].next.Load()) - 1 {
			if free[h] {
				t.Fatalf("place %d is free twice", h)
			}
			free[h] = true
		}
	}
	offered := map[int]int{}
	for i := range e.places.at {
		p := &e.places.at[i]
		x := p.word.Load()
		if stands := kindOf(x) == placeWaiting || kindOf(x) == placeOffered; stands == free[i] {
			t.Fatalf("place %d: kind %d, free %v", i, kindOf(x), free[i])
		}
		switch kindOf(x) {
		case placeWaiting:
			waiting = append(waiting, i)
		case placeOffered:
			if w := e.word[colOf(x)].Load(); w != offerWord(i, seqOf(x)) {
				t.Fatalf("place %d is offered to column %d, whose word is %x", i, colOf(x), w)
			}
			offered[colOf(x)]++
		}
	}
	for col := range e.word {
		n := 0
		if kindOf(e.word[col].Load()) == agentOffered {
			n = 1
		}
		if offered[col] != n {
			t.Fatalf("column %d is in %d offers, its word says %d", col, offered[col], n)
		}
	}
	return waiting
}

// quietLanes checks that each lane's top is its oldest waiting call, that no
// node shows another thing than its cells hold, and the counters.
func quietLanes(t failer, e *Engine, waiting []int) {
	t.Helper()
	inside := make([]uint64, len(e.lanes))
	for i := range e.places.at {
		if k := kindOf(e.places.at[i].word.Load()); k == placeWaiting || k == placeOffered {
			inside[e.places.at[i].call.Load().lane]++
		}
	}
	for k := range e.lanes {
		l := &e.lanes[k]
		n, best := 0, candidate{place: -1}
		for _, i := range waiting {
			if e.laneOfCall(e.places.at[i].call.Load()) == l {
				n++
				e.consider(&best, i)
			}
		}
		if top := nodePlace(l.top.Load()); top != best.place {
			t.Fatalf("class %d: the top is %d, the oldest %d", k, top, best.place)
		}
		if key := e.keys[k].Load() >> keyVersion; key > e.headKey(l, &best) {
			t.Fatalf("class %d: the key %d hides the oldest call, whose key is %d", k, key, e.headKey(l, &best))
		}
		if got := lifeWaiting(l.life.Load()); got != n {
			t.Fatalf("class %d: counter %d, waiting %d", k, got, n)
		}
		if got := l.life.Load() & lifeCalls; got != inside[k] {
			t.Fatalf("class %d: %d calls counted in, %d inside", k, got, inside[k])
		}
	}
}

func quietAgents(t failer, e *Engine, waiting []int) {
	t.Helper()
	free := make([]int32, len(e.free))
	for col := range e.word {
		w := e.word[col].Load()
		switch kindOf(w) {
		case agentClaim, agentLand, agentSetup:
			t.Fatalf("column %d was left in the middle: kind %d", col, kindOf(w))
		case agentAvailable:
			free[col>>6]++
			in, now := e.seats[col].in.Load(), e.o.Now()
			for _, i := range waiting {
				p := &e.places.at[i]
				d := e.laneOfCall(p.call.Load()).def.Load()
				if d.admits(in, d.ringAt(now-p.arrival.Load())) {
					t.Fatalf("column %d is available beside the waiting call in place %d (age %d)", col, i, now-p.arrival.Load())
				}
			}
		}
	}
	for b := range free {
		if got := e.free[b].n.Load(); got != free[b] {
			t.Fatalf("block %d: counter %d, available %d", b, got, free[b])
		}
	}
}

// quietIndex checks rows, verdicts and counts against the pure functions.
func quietIndex(t failer, e *Engine) {
	t.Helper()
	e.eachClass(func(d *definition) {
		var want [MaxRings]string
		var n [MaxRings][4]int32
		for col := range e.word {
			in := e.seats[col].in.Load()
			for r := range d.need.Rings {
				bit := d.listed(col, r)
				if bit != d.admits(in, r) {
					t.Fatalf("class %d ring %d column %d: bit %v", d.class, r, col, bit)
				}
				if in == nil {
					continue
				}
				if bit && !slices.Contains(*in.classes.Load(), d.class) {
					t.Fatalf("class %d column %d: the agent does not know the class", d.class, col)
				}
				if bit {
					n[r][0]++
				} else {
					n[r][d.need.fitRing(&in.profile, r)]++
				}
			}
		}
		for r := range d.need.Rings {
			c := &d.count[r]
			want[r] = fmt.Sprint(n[r])
			if got := fmt.Sprint([4]int32{c.eligible.Load(), c.noQueue.Load(), c.noSite.Load(), c.noSkill.Load()}); got != want[r] {
				t.Fatalf("class %d ring %d: counts %s, want %s", d.class, r, got, want[r])
			}
		}
	})
}
