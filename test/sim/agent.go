package main

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// agent is a person with a phone.
type agent struct {
	w       *world
	id      string
	core    *acd.Agent
	ticket  queue.AgentID
	order   int
	site    queue.Site
	levels  map[queue.Skill]uint8
	timer   *event
	dead    bool          // the phone answers nothing
	fixed   bool          // its contact is
	auto    bool          // registering makes it ready
	known   bool          // its phone is registered, or known to be there
	memo    acd.MemoKey   // what was last written down of it
	told    acd.AgentMemo // and when
	toldAt  time.Duration
	born    time.Duration // when its machine was made
	dialogs int           // of its phone that stand
	part    part
	began   bool          // it has shown a state
	shown   time.Duration // the sum of the states that are over, as written down
	since   time.Duration
}

func (w *world) newAgent(i int) *agent {
	a := &agent{w: w, id: fmt.Sprint("a", i), site: queue.Site(w.dice.IntN(sites)), levels: map[queue.Skill]uint8{}}
	for s := range queue.Skill(skills) {
		if w.chance(0.6) {
			a.levels[s] = uint8(1 + w.dice.IntN(10))
		}
	}
	a.fixed, a.auto = w.chance(0.3), w.chance(0.8)
	a.order = i
	a.made()
	return a
}

// made gives the agent a machine, as at the switch's start.
func (a *agent) made() {
	w := a.w
	p := queue.Profile{Site: a.site, Order: a.order}
	for s := range queue.Skill(skills) {
		if level := a.levels[s]; level > 0 {
			p.Skills = append(p.Skills, queue.SkillLevel{Skill: s, Level: level})
		}
	}
	var err error
	if a.ticket, err = w.engine.AddAgent(p, a); err != nil {
		w.fail("agent: %v", err)
	}
	a.core = acd.NewAgent(a.id, a.fixed, a.auto, w.instant())
	a.memo = a.core.MemoKey()
	a.known = a.fixed
	a.shown, a.since, a.born = 0, w.now, w.now
}

func (a *agent) in(d time.Duration, what string, do func()) {
	a.w.in(d, a.id+" "+what, do)
}

// step is exchange.agent.step: the machine, its deeds, its timer.
func (a *agent) step(in acd.AgentInput) {
	w := a.w
	if w.down {
		return
	}
	switch in.Kind {
	case acd.AgentReach:
		a.known = true
	case acd.AgentLose:
		a.known = a.fixed && in.Cause != acd.PhoneSilent
	}
	before := a.core.Deadline()
	out := a.core.Step(w.instant(), in, nil)
	for _, d := range out {
		switch d.Do {
		case acd.AgentNote:
			a.noted(d.Note)
		case acd.AgentOffer:
			if d.Fresh {
				w.engine.Ready(a.ticket)
			} else {
				w.engine.Return(a.ticket)
			}
		case acd.AgentWithold:
			w.engine.NotReady(a.ticket)
		}
	}
	if at := a.core.Deadline(); at != before || in.Kind == acd.AgentDeadline {
		a.setTimer()
	}
	a.remember()
}

func (a *agent) setTimer() {
	w := a.w
	w.drop(a.timer)
	a.timer = nil
	if at := a.core.Deadline(); at != 0 {
		a.timer = w.in(at-w.now, a.id+" deadline", func() { a.step(acd.AgentInput{Kind: acd.AgentDeadline}) })
		a.timer.kind = timer
	}
}

// noted adds up the states' lengths.
func (a *agent) noted(e *acd.Event) {
	a.w.note(*e)
	if e.Kind != acd.AgentChanged {
		return
	}
	a.w.say("%s %s -> %s %s (%s)", a.id, e.Was, e.State, e.Reason, e.Cause)
	a.shown += time.Duration(e.Seconds * float64(time.Second))
	a.since = a.w.now
}

// lives is what a person does of its own accord, again and again.
func (a *agent) lives() {
	w := a.w
	if !a.began {
		a.began = true
		a.in(w.between(0, 20*time.Second), "registers", func() { a.step(acd.AgentInput{Kind: acd.AgentReach}) })
	}
	if !w.open {
		return
	}
	a.in(w.about(3*time.Minute), "wishes", func() {
		switch w.dice.IntN(11) {
		case 0:
			a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishNotReady, Reason: "lunch"})
			a.in(w.between(0, 3*time.Minute), "is back", func() { a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishReady}) })
		case 1:
			a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishOffline})
			a.in(w.between(0, 5*time.Minute), "logs in", func() { a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishReady}) })
		case 2:
			a.step(acd.AgentInput{Kind: acd.AgentLose, Cause: "expired"})
			a.dead = true
			a.in(w.between(0, 2*time.Minute), "registers anew", func() {
				a.dead = false
				a.step(acd.AgentInput{Kind: acd.AgentReach, Cause: "registered"})
			})
		case 3, 4:
			if w.open && !w.down {
				a.calls()
			}
		default:
			a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishReady})
		}
		a.lives()
	})
}

// worksUp is what an agent does in its after-call work.
func (a *agent) worksUp() {
	w := a.w
	if w.chance(0.7) {
		a.in(w.about(4*time.Second), "files", func() {
			if a.core.MayFile("", "1") == nil {
				a.step(acd.AgentInput{Kind: acd.AgentFile, File: acd.Disposition{Code: "1"}})
			}
		})
	}
	if w.chance(0.8) {
		a.in(w.about(8*time.Second), "ends its work", func() { a.step(acd.AgentInput{Kind: acd.AgentEndWrapUp}) })
	}
}

// claim is exchange.agent.claim: past the queue.
func (a *agent) claim(call string, phase acd.Phase) (acd.Cause, int) {
	switch {
	case !a.core.Reachable():
		return acd.Unreachable, 480
	case !a.core.Unbound():
		return acd.Busy, 486
	}
	if state, _, _ := a.core.State(); state == acd.AgentReady && !a.w.engine.NotReady(a.ticket) {
		return acd.Busy, 486
	}
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: phase, Call: call})
	return "", 0
}
