package main

import (
	"fmt"
	"slices"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// line is one queue of the floor.
type line struct {
	id       string
	class    queue.ClassID
	need     queue.Need
	plan     acd.CallPlan
	overflow *line
	room     int // how many may wait
	inside   int
	full     acd.Exit
	expired  acd.Exit
	closed   bool
}

const sites, skills = 3, 3

// furnish draws queues, agents and the weather of a day.
func (w *world) furnish() {
	for i := range 1 + w.dice.IntN(4) {
		w.queues = append(w.queues, w.newLine(i))
	}
	for i, q := range w.queues {
		if w.chance(0.4) && i+1 < len(w.queues) {
			q.overflow, q.plan.Overflow = w.queues[i+1], w.queues[i+1].id
		}
		if w.chance(0.3) {
			q.plan.ExitFull, q.full = true, w.exit()
		}
		if w.chance(0.3) {
			q.plan.ExitExpired, q.expired = true, w.exit()
		}
	}
	for i := range 2 + w.dice.IntN(12) {
		w.agents = append(w.agents, w.newAgent(i))
	}
	for _, a := range w.agents {
		a.in(w.between(0, time.Minute), "starts work", func() { a.step(acd.AgentInput{Kind: acd.AgentStart}); a.lives() })
	}
	w.in(w.about(time.Minute), "first call", w.callers)
	w.in(w.between(w.day/8, w.day), "site fails", w.siteFails)
	if w.crashes = w.chance(0.15); w.crashes {
		w.in(w.between(w.day/8, w.day), "crash", w.crash)
	}
	w.in(w.day, "closing time", func() { w.open = false })
}

func (w *world) newLine(i int) *line {
	q := &line{id: fmt.Sprint("q", i), room: 2 + w.dice.IntN(20), closed: w.chance(0.05)}
	need := queue.Need{Queue: queue.QueueID(i), Priority: w.dice.IntN(3) - 1, Strategy: queue.Strategy(w.dice.IntN(6))}
	after := time.Duration(0)
	for range 1 + w.dice.IntN(3) {
		r := queue.Ring{After: after}
		if w.chance(0.5) {
			r.Sites = []queue.Site{queue.Site(w.dice.IntN(sites))}
		}
		if w.chance(0.5) {
			r.Skills = []queue.SkillLevel{{Skill: queue.Skill(w.dice.IntN(skills)), Level: uint8(1 + w.dice.IntN(8))}}
		}
		need.Rings = append(need.Rings, r)
		after += w.between(time.Second, 40*time.Second)
	}
	if w.chance(0.7) {
		need.Rings = append(need.Rings, queue.Ring{After: after}) // in the end anybody
	}
	q.need = need
	w.opens(q)
	q.plan = acd.CallPlan{Client: "courier", Queue: q.id, Version: "sim", AnswerFirst: w.chance(0.7), Direction: acd.DirectionIn,
		RingTimeout: w.between(3*time.Second, 20*time.Second), DialTimeout: 30 * time.Second,
		WrapUp:  pick(w, 0, 5*time.Second, 10*time.Second, 60*time.Second),
		MaxWait: w.between(30*time.Second, 10*time.Minute), Record: w.chance(0.7),
		After: &acd.AfterCall{Mode: acd.WrapUpMode(w.dice.IntN(3)), Required: w.chance(0.5), Default: "9", Codes: []acd.Disposition{{Code: "1"}, {Code: "9"}}},
		Rona:  w.rona(), MaxTalk: pick(w, 0, 0, 4*time.Minute)}
	return q
}

// opens makes the queue known to the engine.
func (w *world) opens(q *line) {
	class, err := w.engine.AddClass(q.need)
	if err != nil {
		w.fail("queue: %v", err)
	}
	q.class, q.inside = class, 0
}

func (w *world) rona() *acd.Rona {
	miss := func() acd.Miss {
		return acd.Miss{Limit: w.dice.IntN(4), Delay: pick(w, 0, time.Second, 10*time.Second), Return: pick(w, 0, time.Minute, 5*time.Minute)}
	}
	return &acd.Rona{NoAnswer: miss(), Rejected: miss(), Busy: miss(), Unreachable: miss(), KeepCount: w.chance(0.3)}
}

func (w *world) exit() acd.Exit {
	x := acd.Exit{}
	if w.chance(0.6) {
		x.Say = []string{"full"}
	}
	if w.chance(0.5) {
		x.Queue = pick(w, w.queues...).id
	}
	return x
}

func (w *world) agentOf(id string) *agent {
	return w.agents[slices.IndexFunc(w.agents, func(a *agent) bool { return a.id == id })]
}

func (w *world) lineOf(id string) *line {
	if i := slices.IndexFunc(w.queues, func(q *line) bool { return q.id == id }); i >= 0 {
		return w.queues[i]
	}
	return nil
}

// callers come one after the other, now and then in a rush.
func (w *world) callers() {
	if !w.open {
		return
	}
	for range pick(w, 1, 1, 1, 1, 1, 2, 6) {
		if !w.down {
			w.newCall()
		}
	}
	w.in(w.about(pick(w, 2*time.Second, 15*time.Second, time.Minute)), "next caller", w.callers)
}

// siteFails takes all phones of a site away for a while.
func (w *world) siteFails() {
	site := queue.Site(w.dice.IntN(sites))
	for _, a := range w.agents {
		if a.site == site {
			a.step(acd.AgentInput{Kind: acd.AgentLose, Cause: acd.PhoneSilent})
			a.dead = true
			a.in(w.between(time.Second, 5*time.Minute), "site is back", func() {
				a.dead = false
				a.step(acd.AgentInput{Kind: acd.AgentReach, Cause: pick(w, acd.PhoneHeard, "registered")})
			})
		}
	}
	if w.open {
		w.in(w.between(w.day/8, w.day), "site fails", w.siteFails)
	}
}
