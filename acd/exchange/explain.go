package exchange

import (
	"math"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// runnersUpMax is how many an explanation names.
const runnersUpMax = 3

// Explain puts the queue's account of an offer that was just made into the
// journal's words. name gives the id of what AddAgent was given.
func Explain(e *queue.Engine, o queue.Offer, strategy, version string, name func(owner any) string) *acd.Decision {
	w := o.Why
	d := &acd.Decision{
		Seq: o.Seq, Ring: o.Ring, Trigger: queue.Trigger(w.From).String(), Strategy: strategy, Version: version,
		Considered: w.Considered, NotReady: w.NotReady, NoQueue: w.NoQueue, NoSite: w.NoSite,
		NoSkill: w.NoSkill, Declined: w.Declined, Waiting: w.Waiting,
		Waited: inSeconds(w.Waited), Score: inSeconds(w.Score), Idle: inSeconds(w.Idle),
		SiteCost: w.SiteCost, SkillSum: w.SkillSum,
	}
	var next [runnersUpMax]queue.Standing
	chosen, n, ok := e.Standings(&o, next[:])
	if !ok {
		return d // a reload came between
	}
	d.Term = term(chosen.Term, strategy)
	for _, s := range next[:n] {
		d.RunnersUp = append(d.RunnersUp, acd.RunnerUp{Agent: name(s.AgentOwner), Ring: s.Ring, Idle: inSeconds(s.Idle),
			SiteCost: s.SiteCost, SkillSum: s.SkillSum, Term: term(s.Term, strategy), Declined: s.Declined})
	}
	return d
}

// term is what the strategy compared, in the unit that the journal has it in.
func term(t int64, strategy string) float64 {
	if strategy == queue.LeastOccupied.String() {
		return math.Round(float64(t)/(1<<20)*1e6) / 1e6
	}
	return float64(t)
}

func inSeconds(ns int64) float64 {
	return float64(time.Duration(ns).Milliseconds()) / 1000
}
