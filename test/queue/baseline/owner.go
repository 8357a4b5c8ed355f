package baseline

import (
	"sync"
	"time"

	"switchroom/queue"
)

// Owner is the core owned by one goroutine. Callers send it their operation
// and wait until it is done, as the caller of any engine has to know the
// outcome before it goes on.
type Owner struct {
	core    core
	deliver func(Offer)
	in      chan *request
	done    chan struct{}
	pool    sync.Pool
}

// request is one operation; do runs it on the owner's goroutine.
type request struct {
	op    op
	call  *Call
	offer Offer
	agent int32
	class int
	need  queue.Need
	what  queue.Profile

	err     error
	ok      bool
	offered bool
	reply   chan struct{}
}

type op uint8

const (
	opEnter op = iota
	opReady
	opReturn
	opNotReady
	opAccept
	opDecline
	opAbandon
	opChange
	opRemove
	opRedefine
	opTick
)

// NewOwner makes an engine with room for so many calls; Load starts its
// goroutine, Stop ends it.
func NewOwner(headStart time.Duration, limit int, now func() int64, deliver func(Offer)) *Owner {
	o := &Owner{core: newCore(headStart, limit, now), deliver: deliver, in: make(chan *request, 1024), done: make(chan struct{})}
	o.pool.New = func() any { return &request{reply: make(chan struct{}, 1)} }
	return o
}

// Load makes the classes and agents, numbered from 0, and starts to serve.
func (o *Owner) Load(needs []queue.Need, profiles []queue.Profile) {
	load(&o.core, needs, profiles)
	go o.run()
}

func (o *Owner) run() {
	defer close(o.done)
	for r := range o.in {
		o.serve(r)
		for i := range o.core.out {
			o.deliver(o.core.out[i])
		}
		clear(o.core.out)
		o.core.out = o.core.out[:0]
		r.reply <- struct{}{}
	}
}

func (o *Owner) serve(r *request) {
	switch r.op {
	case opEnter:
		r.err = o.core.enter(r.call)
	case opReady:
		r.ok = o.core.ready(r.agent, true, true)
	case opReturn:
		r.ok = o.core.ready(r.agent, false, false)
	case opNotReady:
		r.ok = o.core.notReady(r.agent)
	case opAccept:
		r.ok = o.core.accept(r.offer)
	case opDecline:
		r.ok = o.core.decline(r.offer)
	case opAbandon:
		r.agent, r.offered, r.ok = o.core.abandon(r.call)
	case opChange:
		o.core.changeAgent(r.agent, r.what)
	case opRemove:
		o.core.removeAgent(r.agent)
	case opRedefine:
		o.core.redefine(r.class, r.need)
	case opTick:
		o.core.tick()
	}
}

func (o *Owner) begin(op op) *request {
	r := o.pool.Get().(*request)
	r.op = op
	return r
}

// end sends the request and waits for its outcome.
func (o *Owner) end(r *request) (agent int32, offered, ok bool, err error) {
	o.in <- r
	<-r.reply
	agent, offered, ok, err = r.agent, r.offered, r.ok, r.err
	reply := r.reply
	*r = request{reply: reply}
	o.pool.Put(r)
	return agent, offered, ok, err
}

func (o *Owner) agent(op op, a int32) bool {
	r := o.begin(op)
	r.agent = a
	_, _, ok, _ := o.end(r)
	return ok
}

func (o *Owner) answer(op op, x Offer) bool {
	r := o.begin(op)
	r.offer = x
	_, _, ok, _ := o.end(r)
	return ok
}

// The operations are those of queue.Engine.

func (o *Owner) Enter(c *Call) error {
	r := o.begin(opEnter)
	r.call = c
	_, _, _, err := o.end(r)
	return err
}

func (o *Owner) Ready(a int32) bool    { return o.agent(opReady, a) }
func (o *Owner) Return(a int32) bool   { return o.agent(opReturn, a) }
func (o *Owner) NotReady(a int32) bool { return o.agent(opNotReady, a) }
func (o *Owner) RemoveAgent(a int32)   { o.agent(opRemove, a) }
func (o *Owner) Accept(x Offer) bool   { return o.answer(opAccept, x) }
func (o *Owner) Decline(x Offer) bool  { return o.answer(opDecline, x) }

func (o *Owner) Abandon(c *Call) (agent int32, offered, ok bool) {
	r := o.begin(opAbandon)
	r.call = c
	agent, offered, ok, _ = o.end(r)
	return agent, offered, ok
}

func (o *Owner) ChangeAgent(a int32, p queue.Profile) {
	r := o.begin(opChange)
	r.agent, r.what = a, p
	o.end(r)
}

func (o *Owner) Redefine(k int, n queue.Need) {
	r := o.begin(opRedefine)
	r.class, r.need = k, n
	o.end(r)
}

func (o *Owner) Tick() { o.end(o.begin(opTick)) }

// Stop ends the goroutine, after all operations have returned.
func (o *Owner) Stop() { close(o.in); <-o.done }
