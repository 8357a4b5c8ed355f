package main

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// kind says what the one who leads a plot may do with an event.
type kind uint8

const (
	sure    kind = iota // happens in its time, in the order in which it was set
	timer               // the same, and is a deadline of a machine's
	message             // is on its way: it may come before or after anything, but not later than by
	choice              // may happen or not
)

// plot is a small floor on which nothing is drawn: two queues, a caller for each
// and one agent or two who serve both. What happens next is chosen from outside
// among what may, so that every order can be tried: a caller arrives or hangs
// up, a phone rings, answers, refuses, a dialog ends, a registration ends or
// begins, an offer is heard, a deadline comes, the switch crashes. Time passes
// by deadlines alone.
type plot struct {
	moves int // that counted
	calls int // by each of the callers
}

// Lengths in a plot. Everything in it ends by itself.
const (
	plotRing   = 10 * time.Second
	plotWait   = 50 * time.Second
	plotTalk   = 90 * time.Second
	plotWrapUp = 5 * time.Second
	plotBreak  = 25 * time.Second
	inboxDelay = time.Second // how late an offer may be heard
)

// newPlot makes the floor. Everybody is there; nobody has called.
func newPlot(agents int, early bool, calls int, mutant string) *world {
	w := &world{mutant: mutant, open: true, crashes: true, byID: map[string]*call{}, now: time.Second, plot: &plot{calls: calls}}
	w.powers()
	miss := acd.Miss{Limit: 1, Return: plotBreak}
	for i := range 2 {
		q := &line{id: fmt.Sprint("q", i), room: 4, need: queue.Need{Queue: queue.QueueID(i), Rings: []queue.Ring{{}}}}
		q.plan = acd.CallPlan{Client: "courier", Queue: q.id, Version: "plot", Direction: acd.DirectionIn, AnswerFirst: !early, Record: true,
			RingTimeout: plotRing, MaxWait: plotWait, MaxTalk: plotTalk, WrapUp: plotWrapUp,
			Rona: &acd.Rona{NoAnswer: miss, Rejected: miss, Busy: acd.Miss{Delay: plotBreak}, Unreachable: acd.Miss{Delay: plotBreak}}}
		w.opens(q)
		w.queues = append(w.queues, q)
	}
	for i := range agents {
		a := &agent{w: w, id: fmt.Sprint("a", i), order: i, auto: true}
		a.made()
		w.agents = append(w.agents, a)
		a.step(acd.AgentInput{Kind: acd.AgentStart})
		a.step(acd.AgentInput{Kind: acd.AgentReach, Cause: "registered"})
		w.mayLose(a, 2*calls)
	}
	w.mayCall(0)
	w.may("crash", nil, func() { w.crash(); w.agendaDown() })
	return w
}

// may offers something to whoever chooses.
func (w *world) may(what string, l *leg, do func()) {
	e := w.in(0, what, do)
	e.kind, e.leg = choice, l
}

// mayCall: a caller of each queue, one after the other.
func (w *world) mayCall(i int) {
	q := w.queues[i%len(w.queues)]
	w.may(fmt.Sprint("caller of ", q.id), nil, func() {
		if w.down {
			return
		}
		if next := i + 1; next < len(w.queues)*w.plot.calls {
			w.mayCall(next)
		}
		if c := w.arrives(q, false); c != nil {
			w.may(c.id+" hangs up", nil, c.hangsUp)
			w.may(c.id+" changes queues", nil, func() {
				if c.core.State() == acd.Waiting {
					c.leaves(acd.Escaped, acd.Exit{Queue: w.queues[(i+1)%len(w.queues)].id})
				}
			})
		}
	})
}

// mayLose: the registration ends, and begins anew, a few times.
func (w *world) mayLose(a *agent, times int) {
	w.may(a.id+" unregisters", nil, func() {
		a.step(acd.AgentInput{Kind: acd.AgentLose, Cause: "expired"})
		w.may(a.id+" registers", nil, func() {
			a.step(acd.AgentInput{Kind: acd.AgentReach, Cause: "registered"})
			if times > 1 {
				w.mayLose(a, times-1)
			}
		})
	})
}

// rings is what a phone may do with an INVITE.
func (p *plot) rings(c *call, l *leg) {
	w, who := c.w, " of "+l.agent.id
	e := c.in(0, "180"+who, func() { c.alerts(l) })
	e.kind, e.leg, e.by = message, l, forever
	w.may(c.id+" answer"+who, l, func() {
		c.answers(l)
		if l.answered {
			w.may(c.id+" hang-up"+who, l, func() { c.legEnds(l, acd.CallInput{}) })
		}
	})
	w.may(c.id+" refusal"+who, l, func() { c.refuses(l, acd.Rejected, 603) })
}

const forever = 1 << 62

// hears makes messages of the offers that the last step made possible.
func (w *world) hears() {
	for _, o := range w.offers {
		if o.told {
			continue
		}
		w.checkOrder(o)
	}
	for i := range w.offers {
		o := &w.offers[i]
		if o.told {
			continue
		}
		o.told = true
		offer, c := o.Offer, o.Call.Owner.(*call)
		e := w.in(0, fmt.Sprintf("%s hears of %s", c.id, o.AgentOwner.(*agent).id), func() {
			w.offers = slices.DeleteFunc(w.offers, func(m made) bool { return m.Seq == offer.Seq })
			c.hearOffer(offer)
		})
		e.kind, e.by = message, w.now+inboxDelay
	}
}

// agendaDown leaves of what may happen what a crash does not end.
func (w *world) agendaDown() {
	for _, e := range slices.Clone(w.agenda) {
		if e.leg != nil || strings.HasPrefix(e.what, "c") && e.what[1] <= '9' { // a call's
			w.drop(e)
		}
	}
}

// enabled lists what may happen next, in an order that is the same each time.
func (w *world) enabled() (out []*event) {
	var next *event
	must := time.Duration(forever)
	for _, e := range w.agenda {
		switch e.kind {
		case message:
			must = min(must, e.by)
			out = append(out, e)
		case choice:
			if e.leg == nil || !e.leg.over {
				out = append(out, e)
			}
		default:
			if next == nil || e.at < next.at || e.at == next.at && e.seq < next.seq {
				next = e
			}
		}
	}
	if next != nil && next.at <= must {
		out = append(out, next)
	}
	return out
}

// counts reports whether an event is one of those that depth counts: not a
// message on its way.
func (e *event) counts() bool { return e.kind != message }

// do lets one of the enabled happen.
func (w *world) do(e *event) {
	heap.Remove(&w.agenda, e.index)
	e.index = -1
	if e.kind == timer || e.kind == sure {
		w.now = max(w.now, e.at)
	}
	if e.counts() {
		w.plot.moves++
	}
	w.say("%s", e.what)
	e.do()
	w.hears()
	if !w.down {
		w.engine.Tick()
		w.hears()
	}
}

// rests lets the network and the clock alone go on until nothing more happens:
// nobody does anything. All calls have to end, and nobody may be left busy.
func (w *world) rests() {
	for range 1000 {
		if w.fault != "" {
			return
		}
		var next *event
		for _, e := range w.enabled() {
			if e.kind == message || e.kind != choice && next == nil {
				next = e
			}
			if e.kind == message {
				break
			}
		}
		if next == nil {
			w.checkRest()
			return
		}
		w.do(next)
		w.check()
	}
	w.fail("the floor does not come to rest")
}

// checkPlot is what must hold in a plot besides.
func (w *world) checkPlot() {
	if w.down {
		return
	}
	w.check()
	for _, c := range w.calls {
		if len(c.people) > 1 {
			w.fail("%s has %d agents", c.id, len(c.people))
		}
	}
	for _, a := range w.agents {
		state, _, since := a.core.State()
		if age := w.now - since.Mono; a.core.Bound() && (state == acd.AgentReserved || state == acd.AgentRinging) && age > plotRing+time.Second {
			w.fail("%s is %s for %s", a.id, state, age)
		}
	}
}
