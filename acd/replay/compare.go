package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// compare holds an offer that was made against the one that the replay made.
func (f *floor) compare(ev *acd.Event) {
	c, s := f.calls[ev.Call], f.agents[ev.Agent]
	if c == nil || s == nil || ev.Decision == nil {
		f.r.report.Unjudged++
		return
	}
	f.r.report.Decisions++
	// The exchange looks at the rings that are due every so often. When it did
	// is seen by what came of it: a look without a match changes nothing.
	if c.to == nil && ev.Decision.Trigger == queue.RingOpened.String() {
		f.engine.Tick()
	}
	var replayed *acd.Decision
	now, ring := "", -1
	if c.to != nil && !c.told {
		replayed = c.why
		now, ring = c.to.ID, replayed.Ring
	}
	f.r.decided(c.id, now, ring)
	if now == s.ID && ring == ev.Decision.Ring {
		f.r.report.Same++
		if !sameCounts(ev.Decision, replayed) {
			f.r.report.Recounted++
		}
		c.told = true
		return
	}
	f.differ(ev, c, s, now, replayed)
}

// sameCounts compares explanations, apart from times, which have the width of
// the way from the journal to the queue.
func sameCounts(a, b *acd.Decision) bool {
	return a.Trigger == b.Trigger && a.Considered == b.Considered && a.NotReady == b.NotReady && a.NoQueue == b.NoQueue &&
		a.NoSite == b.NoSite && a.NoSkill == b.NoSkill && a.Declined == b.Declined && a.Waiting == b.Waiting &&
		a.SiteCost == b.SiteCost && a.SkillSum == b.SkillSum &&
		slices.EqualFunc(a.RunnersUp, b.RunnersUp, func(x, y acd.RunnerUp) bool { return x.Agent == y.Agent })
}

// differ tells of a difference and takes over what was really decided: the two
// stand apart from the queue until the offer ends.
func (f *floor) differ(ev *acd.Event, c *caller, s *seat, now string, replayed *acd.Decision) {
	d := Difference{Seq: ev.Seq, Time: ev.Time, Call: c.id, Queue: ev.Queue, Was: s.ID, Recorded: ev.Decision, Now: now, Replayed: replayed}
	d.Kind, d.Note = f.judge(ev, c, s)
	switch d.Kind {
	case "close":
		f.r.report.Close++
	case "following":
		f.r.report.Following++
	default:
		f.r.report.Different++
	}
	c.tainted, s.tainted = true, true
	rival, other := c.to, s.offered
	if rival != nil {
		rival.tainted = true
	}
	// The agent first: what it gives up must not be offered to it again.
	state := s.state
	s.state = acd.AgentReserved.String()
	if other != nil && other != c {
		f.putBack(other)
	}
	f.engine.NotReady(s.ticket)
	f.withdraw(c)
	f.engine.NotReady(s.ticket)
	s.state = state
	c.apart = s
	if f.r.o.Different != nil {
		f.r.o.Different(d)
	}
}

// judge says what kind of difference it is.
func (f *floor) judge(ev *acd.Event, c *caller, s *seat) (kind, note string) {
	if c.tainted || s.tainted || c.to != nil && c.to.tainted || s.offered != nil && s.offered.tainted {
		return "following", "an earlier difference concerned one of them"
	}
	if s.state != acd.AgentReady.String() && !f.within(s.at, ev.Mono) {
		return "different", "the journal has the agent not ready"
	}
	moments := []moment{{"the decision", ev.Mono}, {"call " + c.id, c.at}, {"agent " + s.ID, s.at}}
	if r := c.to; r != nil && r != s {
		moments = append(moments, moment{"agent " + r.ID, r.at})
	}
	if o := s.offered; o != nil && o != c {
		moments = append(moments, moment{"call " + o.id, o.at})
	}
	for t := range c.line.Rings {
		if open := c.arrival + int64(c.line.Rings[t].After); t > 0 && f.within(open, ev.Mono) {
			moments = append(moments, moment{fmt.Sprintf("the opening of ring %d", t), open})
		}
	}
	var near []string
	rivals := moments[3:]
	for _, r := range rivals {
		for _, m := range moments {
			if m != r && f.within(m.at, r.at) {
				near = append(near, fmt.Sprintf("%s and %s lie %v apart", r.what, m.what, time.Duration(r.at-m.at).Abs()))
				break
			}
		}
	}
	if len(near) == 0 && f.within(c.at, s.at) {
		near = append(near, fmt.Sprintf("call %s and agent %s lie %v apart", c.id, s.ID, time.Duration(c.at-s.at).Abs()))
	}
	if len(near) == 0 && len(rivals) == 0 && (f.within(c.at, ev.Mono) || f.within(s.at, ev.Mono)) {
		near = append(near, "the decision came right after its cause")
	}
	if len(near) > 0 {
		return "close", strings.Join(near, ", ")
	}
	return "different", ""
}

// moment is when something came in.
type moment struct {
	what string
	at   int64
}
