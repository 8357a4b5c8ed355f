package load

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
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
	Think      time.Duration // what a caller computes beside each decision, as real ones do
	Pace       time.Duration // >0: a decision falls due on each goroutine so often, and its latency counts from then
	Stall      time.Duration // >0: now and then a goroutine stops for so long in the middle of an operation
	Seed       uint64
}

// Result is what a cell measured. A decision is one match.
type Result struct {
	Decisions int64
	Seconds   float64
	CPU       time.Duration // of the process, all that it did beside deciding included
	Latency   Histogram     // of the operations that can make a match: Enter and Ready
	Allocs    float64       // per decision, the call's own record left out
	Stalls    int64
	Still     time.Duration // with stalls: in which nobody got a decision, in spans of stillness and more
}

// stillness is how long nobody gets a decision until that counts.
const stillness = 10 * time.Millisecond

// Rate gives decisions a second.
func (r *Result) Rate() float64 { return float64(r.Decisions) / r.Seconds }

// Cost gives the CPU time of a decision.
func (r *Result) Cost() time.Duration { return r.CPU / time.Duration(max(1, r.Decisions)) }

// runner is one run: workers who answer the offers of their own agents and
// let calls in, one for each that is served. What all workers read stands apart
// from what any writes, or the load would slow those who run side by side.
type runner struct {
	s     Setting
	e     Engine
	boxes []box
	nodes []node
	start time.Time
	calls []Call
	halt  atomic.Bool
	armed atomic.Bool

	_     [128]byte
	stall atomic.Int64
	next  atomic.Int64 // records given to workers
	extra atomic.Int64 // made because there were no more
	_     [128]byte
}

// box holds the offers for one worker's agents: a stack that anyone pushes on
// and takes whole. An agent has one offer at a time, so a node each.
type box struct {
	top  atomic.Pointer[node]
	_    [56]byte
	made atomic.Int64 // decisions of the worker, noted where stalls are watched
	_    [56]byte
}

type node struct {
	o    Offer
	next *node
	_    [64]byte
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

// records are the calls' own records, made once for all runs, so that what a
// run allocates is the engine's and what it waits for is not new memory.
var records = sync.OnceValue(func() []Call {
	c := make([]Call, 1<<20)
	for i := range c {
		c[i].Class = -1
	}
	return c
})

// Run loads a world, fills the queue and measures.
func Run(s Setting) Result {
	rnd := rand.New(rand.NewPCG(s.Seed, 7))
	w := NewWorld(rnd, s.Agents, s.Classes, s.Skills)
	r := &runner{s: s, boxes: make([]box, s.Goroutines), nodes: make([]node, s.Agents), start: time.Now()}
	r.e = New(s.Kind, w, s.Waiting+s.Agents+s.Goroutines+64, r.now, r.deliver)
	defer r.e.Stop()
	r.calls = records()
	filler := &worker{runner: r, rnd: rnd}
	for range s.Waiting {
		r.e.Enter(filler.call())
	}
	for a := range s.Agents {
		r.e.Ready(int32(a))
	}
	return r.measure()
}

// batch is how many records a worker takes at once.
const batch = 1024

// call makes a call.
func (w *worker) call() *Call {
	if len(w.mine) == 0 {
		if i := int(w.next.Add(batch)); i <= len(w.calls) {
			w.mine = w.calls[i-batch : i]
		} else {
			w.mine = make([]Call, batch)
			w.extra.Add(1)
		}
	}
	c := &w.mine[0]
	w.mine = w.mine[1:]
	*c = Call{}
	c.Class = queue.ClassID(w.rnd.IntN(w.s.Classes))
	c.Arrival = int64(time.Since(w.start))
	c.Owner = c
	return c
}

// used gives the CPU time that the process has had.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
	r.extra.Store(0)
	begin, cpu := time.Now(), used()
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
		wg.Go(func() { total.Still = r.watch() })
	}
	time.Sleep(r.s.For)
	r.halt.Store(true)
	wg.Wait()
	total.Seconds, total.CPU = time.Since(begin).Seconds(), used()-cpu
	runtime.ReadMemStats(&m1)
	total.Allocs = max(0, float64(m1.Mallocs-m0.Mallocs)-float64(r.extra.Load())) / float64(max(1, total.Decisions))
	total.Stalls = r.stall.Load()
	return total
}

// watch adds up the spans in which no worker got a decision.
func (r *runner) watch() (still time.Duration) {
	made, since := int64(0), time.Now()
	for !r.halt.Load() {
		time.Sleep(stillness / 5)
		sum := int64(0)
		for i := range r.boxes {
			sum += r.boxes[i].made.Load()
		}
		span := time.Since(since)
		if sum == made && span >= stillness {
			still += span
			since = time.Now()
		} else if sum != made {
			made, since = sum, time.Now()
		}
	}
	return still
}

// worker is one goroutine of a run.
type worker struct {
	*runner
	rnd  *rand.Rand
	out  *Result
	mine []Call // records not yet used
	due  time.Time
}

// wait waits until the next decision is due, and gives when that was.
func (w *worker) wait() time.Time {
	w.due = w.due.Add(w.s.Pace)
	for time.Now().Before(w.due) {
	}
	return w.due
}

// enter lets a call in and notes how long that took.
func (w *worker) enter() {
	c := w.call()
	t := time.Now()
	w.e.Enter(c)
	if w.s.Pace == 0 {
		w.out.Latency.Add(time.Since(t))
	}
}

func (w *worker) ready(a int32) {
	var t time.Time
	if w.s.Pace > 0 {
		t = w.wait()
	} else {
		t = time.Now()
	}
	w.e.Ready(a)
	w.out.Latency.Add(time.Since(t))
}

// think computes for a while, as whoever handles calls has more to do than to
// ask for decisions.
func (w *worker) think() {
	for t := time.Now(); w.s.Think > 0 && time.Since(t) < w.s.Think; {
	}
}

// take gives the worker's offers, or those of another who may not be running.
func (r *runner) take(g int) *node {
	n := r.boxes[g].top.Swap(nil)
	for i := 1; n == nil && i < len(r.boxes); i++ {
		if b := &r.boxes[(g+i)%len(r.boxes)]; b.top.Load() != nil {
			n = b.top.Swap(nil)
		}
	}
	return n
}

func (r *runner) work(g int, out *Result) {
	w := &worker{runner: r, rnd: rand.New(rand.NewPCG(r.s.Seed, uint64(1000+g))), out: out, due: time.Now()}
	due := 0 // calls to let in while agents wait
	if r.s.Waiting == 0 {
		due = 4
	}
	for !r.halt.Load() {
		n := r.take(g)
		if n == nil {
			if due > 0 {
				due--
				w.enter()
			} else {
				runtime.Gosched()
			}
		}
		for n != nil && !r.halt.Load() {
			agent, next := n.o.Agent, n.next // the node is the agent's next offer's as soon as it is ready
			w.think()
			if r.e.Accept(&n.o) {
				out.Decisions++
				if r.s.Stall > 0 {
					r.boxes[g].made.Store(out.Decisions)
				}
				w.ready(agent)
				if r.s.Waiting == 0 {
					due++
				} else {
					w.enter()
				}
			}
			n = next
		}
	}
}
