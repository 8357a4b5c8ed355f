package baseline

import (
	"sync"

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

type request struct {
	op    uint8
	ok    bool
	call  *Call
	offer Offer
	agent int32
	reply chan struct{}
}

const (
	opEnter = iota
	opReady
	opAccept
	opAbandon
)

// NewOwner starts the goroutine, which Stop ends.
func NewOwner(headStart int64, now func() int64, deliver func(Offer)) *Owner {
	o := &Owner{core: newCore(headStart, now), deliver: deliver, in: make(chan *request, 1024), done: make(chan struct{})}
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
		switch r.op {
		case opEnter:
			o.core.enter(r.call)
		case opReady:
			o.core.ready(r.agent)
		case opAccept:
			r.ok = o.core.accept(r.offer)
		case opAbandon:
			r.ok = o.core.abandon(r.call)
		}
		for _, x := range o.core.out {
			o.deliver(x)
		}
		o.core.out = o.core.out[:0]
		r.reply <- struct{}{}
	}
}

func (o *Owner) do(set func(*request)) bool {
	r := o.pool.Get().(*request)
	set(r)
	o.in <- r
	<-r.reply
	ok := r.ok
	o.pool.Put(r)
	return ok
}

func (o *Owner) Enter(c *Call) { o.do(func(r *request) { r.op, r.call = opEnter, c }) }
func (o *Owner) Ready(a int32) { o.do(func(r *request) { r.op, r.agent = opReady, a }) }
func (o *Owner) Accept(x Offer) bool {
	return o.do(func(r *request) { r.op, r.offer = opAccept, x })
}
func (o *Owner) Abandon(c *Call) bool {
	return o.do(func(r *request) { r.op, r.call = opAbandon, c })
}

// Stop ends the goroutine, after all operations have returned.
func (o *Owner) Stop() { close(o.in); <-o.done }
