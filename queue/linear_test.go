package queue

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

var (
	linearCount = flag.Int("linear", 250, "histories to check for linearizability")
	linearFor   = flag.Duration("linear.for", 0, "check histories for so long instead")
)

func TestHistoriesAreLinearizable(t *testing.T) {
	base := uint64(0)
	if *linearFor > 0 {
		base = rand.Uint64()
	}
	start, n, ops, undecided := time.Now(), 0, 0, 0
	for *linearFor > 0 && time.Since(start) < *linearFor || *linearFor == 0 && n < *linearCount {
		h := newHistory(base + uint64(n))
		h.run()
		n, ops = n+1, ops+len(h.ops)
		switch porcupine.CheckOperationsTimeout(h.world.model(), h.ops, 10*time.Second) {
		case porcupine.Illegal:
			h.print(t)
			t.Fatalf("history %d is not linearizable", base+uint64(n-1))
		case porcupine.Unknown:
			undecided++
		}
		quiet(t, h.e)
	}
	t.Logf("%d histories, %d operations, %d undecided, GOMAXPROCS %d", n, ops, undecided, runtime.GOMAXPROCS(0))
	if undecided*100 > n {
		t.Fatalf("%d of %d histories undecided in time", undecided, n)
	}
}

// history is one run of a few goroutines on a small engine, with the
// operations as they began and ended on one counter.
type history struct {
	seed  uint64
	world linWorld
	e     *Engine
	clock atomic.Int64
	calls [linCalls]*Call
	class []ClassID

	mu      sync.Mutex
	ops     []porcupine.Operation
	since   [linCalls]int64 // when the call last began to wait, at the earliest
	matches [linCalls]int   // delivered, less those that were declined
	lost    [linCalls]int   // agent+1 of the offer that the call's abandonment ended
	offer   [linAgents]atomic.Pointer[Offer]
}

func newHistory(seed uint64) *history {
	h := &history{seed: seed}
	r := rand.New(rand.NewPCG(seed, 1))
	h.e = New(Options{MaxAgents: linAgents, MaxClasses: 2, MaxWaiting: linCalls, Now: h.clock.Load, Offer: h.offered})
	chaos := 1 + r.IntN(4)
	h.e.hook = func(point) {
		if rand.IntN(chaos) == 0 {
			runtime.Gosched()
		}
	}
	h.clock.Store(1000)
	classes := 1 + r.IntN(2)
	for range classes {
		id, _ := h.e.AddClass(Need{Strategy: Strategy(r.IntN(int(strategies)))})
		h.class = append(h.class, id)
	}
	for range linAgents {
		_, _ = h.e.AddAgent(Profile{}, nil)
	}
	for i, a := range r.Perm(linCalls) { // arrivals in another order than the calls enter
		h.world.arrival[i], h.world.class[i] = int64(a), r.IntN(classes)
		h.calls[i] = &Call{Class: h.class[h.world.class[i]], Arrival: int64(a), Owner: i}
	}
	return h
}

// note records an operation that began at from and ends now.
func (h *history) note(client int, from int64, o linOp, out linOut) {
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: o, Output: out, Call: from, Return: h.clock.Add(1)})
}

func (h *history) match(a, c int) {
	from := h.since[c]
	h.note(100+a, from, linOp{op: "choose", a: a, c: c}, linOut{})
	h.note(200+a, from, linOp{op: "match", a: a, c: c}, linOut{})
	h.matches[c]++
}

func (h *history) offered(o Offer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, c := int(o.Agent), o.Call.Owner.(int)
	h.match(a, c)
	h.offer[a].Store(&o)
}

func (h *history) begin() int64 { return h.clock.Add(1) }

func (h *history) enter(g, c int) {
	from := h.begin()
	h.mu.Lock()
	h.since[c] = from
	h.mu.Unlock()
	if h.e.Enter(h.calls[c]) != nil {
		panic("there is room for all")
	}
	h.mu.Lock()
	h.note(g, from, linOp{op: "enter", c: c}, linOut{ok: true})
	h.mu.Unlock()
}

func (h *history) abandon(g, c int) {
	from := h.begin()
	a, offered, ok := h.e.Abandon(h.calls[c])
	h.mu.Lock()
	defer h.mu.Unlock()
	if offered {
		h.lost[c] = int(a) + 1
	}
	h.note(g, from, linOp{op: "abandon", c: c}, linOut{ok: ok, offered: offered, agent: int(a)})
}

func (h *history) makeReady(g, a int, name string, op func(AgentID) bool) {
	from := h.begin()
	ok := op(AgentID(a))
	h.mu.Lock()
	h.note(g, from, linOp{op: name, a: a}, linOut{ok: ok})
	h.mu.Unlock()
}

func (h *history) notReady(g, a int) {
	from := h.begin()
	ok := h.e.NotReady(AgentID(a))
	h.mu.Lock()
	h.note(g, from, linOp{op: "not ready", a: a}, linOut{ok: ok})
	h.mu.Unlock()
}

func (h *history) answer(g, a int, o *Offer, accept bool) {
	c, from := o.Call.Owner.(int), h.begin()
	if accept {
		ok := h.e.Accept(*o)
		h.mu.Lock()
		h.note(g, from, linOp{op: "accept", a: a, c: c}, linOut{ok: ok})
		h.mu.Unlock()
		return
	}
	// From here on it may be matched again.
	h.mu.Lock()
	h.since[c] = from
	h.mu.Unlock()
	ok := h.e.Decline(*o)
	h.mu.Lock()
	defer h.mu.Unlock()
	if ok {
		h.matches[c]--
	}
	h.note(g, from, linOp{op: "decline", a: a, c: c}, linOut{ok: ok})
	if ok {
		h.note(g+50, from, linOp{op: "back", a: a, c: c}, linOut{})
	}
}

func (h *history) caller(g int) {
	r := rand.New(rand.NewPCG(h.seed, uint64(10+g)))
	for c := g; c < linCalls; c += 2 {
		h.enter(g, c)
		if r.IntN(2) == 0 {
			h.abandon(g, c-r.IntN(2)*2*min(1, c/2))
		}
	}
}

func (h *history) staff(a int) {
	r := rand.New(rand.NewPCG(h.seed, uint64(20+a)))
	g := 10 + a
	h.makeReady(g, a, "ready", h.e.Ready)
	for range 5 {
		switch o := h.offer[a].Swap(nil); {
		case o != nil:
			h.answer(g, a, o, r.IntN(3) > 0)
			if r.IntN(2) == 0 {
				h.makeReady(g, a, "return", h.e.Return)
			}
			h.makeReady(g, a, "ready", h.e.Ready)
		case r.IntN(3) == 0:
			h.notReady(g, a)
			h.makeReady(g, a, "return", h.e.Return)
		default:
			runtime.Gosched()
		}
	}
}

func (h *history) run() {
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() { h.caller(g) })
	}
	for a := range linAgents {
		wg.Go(func() { h.staff(a) })
	}
	wg.Wait()
	for c, a := range h.lost {
		if a > 0 && h.matches[c] == 0 {
			h.match(a-1, c) // the call was abandoned before it was delivered
		}
	}
	seen := h.observe()
	h.note(99, h.begin(), linOp{op: "observe", seen: &seen}, linOut{})
}

// observe reads the state off the words.
func (h *history) observe() (s linState) {
	owner := func(place int) int { return h.e.places.at[place].call.Load().Owner.(int) }
	for a := range s.a {
		switch w := h.e.word[a].Load(); kindOf(w) {
		case agentAvailable:
			s.a[a] = linAvailable
		case agentServing:
			s.a[a] = linServing
		case agentOffered:
			p, _ := offerOf(w)
			s.a[a] = int8(linOffered + owner(p))
		}
	}
	ended := map[int]int8{}
	for _, o := range h.ops {
		in, out := o.Input.(linOp), o.Output.(linOut)
		if in.op == "accept" && out.ok {
			ended[in.c] = linServed
		} else if in.op == "abandon" && out.ok {
			ended[in.c] = linGone
		}
	}
	for c := range s.c {
		p, x := h.e.standing(h.calls[c])
		switch {
		case p == nil:
			s.c[c] = ended[c]
		case kindOf(x) == placeWaiting:
			s.c[c] = linWaiting
		case kindOf(x) == placeOffered:
			s.c[c] = int8(linTo + colOf(x))
		}
	}
	return s
}

func (h *history) print(t *testing.T) {
	t.Logf("world %+v", h.world)
	slices.SortFunc(h.ops, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, o := range h.ops {
		t.Logf("%3d-%3d %+v = %+v", o.Call-1000, o.Return-1000, o.Input, o.Output)
	}
}
