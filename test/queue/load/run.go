package load

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/queue"
)

// Setting is one cell of the comparison.
type Setting struct {
	Kind       string
	Agents     int
	Classes    int
	Skills     int
	Waiting    int // calls that wait all the time; 0: agents do
	Goroutines int
	For        time.Duration
	Stall      time.Duration // >0: now and then a goroutine stops for so long in the middle of an operation
	Seed       uint64
}

// Result is what a cell measured. A decision is one match.
type Result struct {
	Decisions int64
	Seconds   float64
	Latency   Histogram // of the operations that can make a match: Enter and Ready
	Allocs    float64   // per decision, the call's own record left out
	Stalls    int64
}

// Rate gives decisions a second.
func (r *Result) Rate() float64 { return float64(r.Decisions) / r.Seconds }

// runner is one run: workers who answer the offers of their own agents and
// let calls in, one for each that is served.
type runner struct {
	s     Setting
	e     Engine
	boxes []box
	nodes []node
	start time.Time
	armed atomic.Bool
	stall atomic.Int64
	halt  atomic.Bool
	calls []Call
	next  atomic.Int64

	_      [56]byte
	flying atomic.Int64 // without waiting calls: entered and not accepted
}

// box holds the offers for one worker's agents: a stack that anyone pushes on
// and takes whole. An agent has one offer at a time, so a node each.
type box struct {
	top atomic.Pointer[node]
	_   [56]byte
}

type node struct {
	o    Offer
	next *node
	_    [8]byte
}

func (r *runner) now() int64 {
	if r.s.Stall > 0 && r.armed.Load() && r.armed.CompareAndSwap(true, false) {
		r.stall.Add(1)
		time.Sleep(r.s.Stall) // the engine asks for the time in the middle of its operations
	}
	return int64(time.Since(r.start))
}

func (r *runner) deliver(o Offer) {
	n := &r.nodes[o.Agent]
	n.o = o
	b := &r.boxes[int(o.Agent)%len(r.boxes)]
	for {
		n.next = b.top.Load()
		if b.top.CompareAndSwap(n.next, n) {
			return
		}
	}
}

// Run loads a world, fills the queue and measures.
func Run(s Setting) Result {
	rnd := rand.New(rand.NewPCG(s.Seed, 7))
	w := NewWorld(rnd, s.Agents, s.Classes, s.Skills)
	r := &runner{s: s, boxes: make([]box, s.Goroutines), nodes: make([]node, s.Agents), start: time.Now()}
	r.e = New(s.Kind, w, s.Waiting+s.Agents+s.Goroutines+64, r.now, r.deliver)
	defer r.e.Stop()
	r.calls = make([]Call, 1<<20)
	for range s.Waiting {
		r.e.Enter(r.call(rnd))
	}
	for a := range s.Agents {
		r.e.Ready(int32(a))
	}
	return r.measure()
}

// call makes a call; the records are reserved beforehand while they last, so
// that what the run allocates is the engine's.
func (r *runner) call(rnd *rand.Rand) *Call {
	var c *Call
	if i := int(r.next.Add(1)) - 1; i < len(r.calls) {
		c = &r.calls[i]
	} else {
		c = new(Call)
	}
	c.Class = queue.ClassID(rnd.IntN(r.s.Classes))
	c.Arrival = int64(time.Since(r.start))
	return c
}

func (r *runner) measure() Result {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		total Result
		m0    runtime.MemStats
		m1    runtime.MemStats
	)
	runtime.GC()
	runtime.ReadMemStats(&m0)
	taken := r.next.Load()
	begin := time.Now()
	for g := range r.s.Goroutines {
		wg.Go(func() {
			var one Result
			r.work(g, &one)
			mu.Lock()
			defer mu.Unlock()
			total.Decisions += one.Decisions
			total.Latency.Merge(&one.Latency)
		})
	}
	if r.s.Stall > 0 {
		wg.Go(func() {
			for !r.halt.Load() {
				r.armed.Store(true)
				time.Sleep(3 * r.s.Stall)
			}
		})
	}
	time.Sleep(r.s.For)
	r.halt.Store(true)
	wg.Wait()
	total.Seconds = time.Since(begin).Seconds()
	runtime.ReadMemStats(&m1)
	own := max(0, r.next.Load()-max(taken, int64(len(r.calls))))
	total.Allocs = max(0, float64(m1.Mallocs-m0.Mallocs)-float64(own)) / float64(max(1, total.Decisions))
	total.Stalls = r.stall.Load()
	return total
}

func (r *runner) work(g int, out *Result) {
	rnd := rand.New(rand.NewPCG(r.s.Seed, uint64(1000+g)))
	timed := func(op func()) {
		t := time.Now()
		op()
		out.Latency.Add(time.Since(t))
	}
	for !r.halt.Load() {
		n := r.boxes[g].top.Swap(nil)
		for i := 1; n == nil && i < len(r.boxes); i++ { // another worker may not be running
			if b := &r.boxes[(g+i)%len(r.boxes)]; b.top.Load() != nil {
				n = b.top.Swap(nil)
			}
		}
		if n == nil {
			if r.s.Waiting == 0 && r.flying.Load() < int64(4*r.s.Goroutines) {
				r.flying.Add(1)
				timed(func() { r.e.Enter(r.call(rnd)) })
			} else {
				runtime.Gosched()
			}
		}
		for n != nil && !r.halt.Load() {
			o, next := n.o, n.next // the node is the agent's next offer's as soon as it is ready
			if r.e.Accept(o) {
				out.Decisions++
				timed(func() { r.e.Ready(o.Agent) })
				if r.s.Waiting == 0 {
					r.flying.Add(-1)
				} else {
					timed(func() { r.e.Enter(r.call(rnd)) })
				}
			}
			n = next
		}
	}
}
