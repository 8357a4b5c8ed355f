package store

import (
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/report"
)

// live holds what is known of calls that have no row yet: reports count what
// happened to a call when it happens, and not first when the call is over. It
// is fed by the fold and outlives failures of the database, so each event is
// taken once.
type live struct {
	mu    sync.Mutex
	next  uint64 // the lowest number not taken
	calls map[string]*liveCall
	ended []*liveCall // have their records, which are not committed
}

// liveCall is a call without a row.
type liveCall struct {
	id       string
	client   string
	trunk    string
	visits   []report.Visit // the last one may still wait
	offers   []report.Offer // that have ended
	recorded uint64         // number of its record; 0: none yet
	record   *acd.CDR
}

// liveMax bounds the calls that are held; there are more only when records
// were lost.
const liveMax = 100_000

func newLive() *live { return &live{calls: map[string]*liveCall{}} }

// take learns from an event; one that was taken before is passed over.
func (l *live) take(ev *acd.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ev.Seq < l.next {
		return
	}
	l.next = ev.Seq + 1
	switch ev.Kind {
	case acd.SwitchStarted:
		clear(l.calls) // those of the run before got their records, or never will
		return
	case acd.CallArrived:
		if len(l.calls) < liveMax {
			l.calls[ev.Call] = &liveCall{id: ev.Call, client: ev.Client, trunk: ev.Trunk}
		}
		return
	}
	c := l.calls[ev.Call]
	if c == nil {
		return
	}
	if ev.Kind == acd.CallRecord && ev.CDR != nil {
		delete(l.calls, ev.Call)
		c.recorded, c.record = ev.Seq, ev.CDR
		l.ended = append(l.ended, c)
		return
	}
	c.take(ev)
}

func (c *liveCall) take(ev *acd.Event) {
	switch ev.Kind {
	case acd.CallQueued:
		c.visits = append(c.visits, report.Visit{Call: c.id, Queue: ev.Queue, Client: c.client, Trunk: c.trunk,
			Entered: ev.Time, Outcome: report.Waiting})
	case acd.CallConnected:
		c.leave(report.WasServed, ev)
		c.offered(ev, "connected")
	case acd.CallConsulted:
		if ev.Queue != "" { // an agent of the queue that was consulted
			taken := *ev
			taken.Agent = ev.Number
			c.leave(report.WasServed, &taken)
			c.offered(&taken, "connected")
		}
	case acd.CallLeft:
		c.leave(report.OutcomeOf(ev.Cause), ev)
	case acd.CallDeclined:
		c.offered(ev, ev.Cause)
	}
}

// leave ends the visit that waits.
func (c *liveCall) leave(how report.Outcome, ev *acd.Event) {
	if len(c.visits) == 0 {
		return
	}
	v := &c.visits[len(c.visits)-1]
	if v.Outcome != report.Waiting {
		return
	}
	v.Outcome, v.Wait, v.Agent, v.Site, v.Cause = how, report.Duration(ev.Seconds), ev.Agent, ev.Site, ev.Cause
}

func (c *liveCall) offered(ev *acd.Event, outcome string) {
	c.offers = append(c.offers, report.Offer{Queue: ev.Queue, Client: c.client, Site: ev.Site, Agent: ev.Agent, Trunk: c.trunk,
		Ended: ev.Time, Outcome: outcome})
}

// committed forgets the calls whose records have rows now.
func (l *live) committed(next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.ended) && l.ended[n].recorded < next {
		l.ended[n] = nil
		n++
	}
	l.ended = l.ended[n:]
}

// facts gives what is known of calls without rows, up to now.
func (l *live) facts(now time.Time) *report.Facts {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := &report.Facts{}
	for _, c := range l.ended {
		f.AddRecord(c.record)
	}
	for _, c := range l.calls {
		f.Offers = append(f.Offers, c.offers...)
		for _, v := range c.visits {
			if v.Outcome == report.Waiting {
				v.Wait = max(0, now.Sub(v.Entered))
			}
			f.Visits = append(f.Visits, v)
		}
	}
	return f
}
