package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

var triggers = [...]string{queue.FromArrival: "arrival", queue.FromAgent: "freed-agent", queue.FromRing: "ring-opened",
	queue.FromDecline: "decline", queue.FromRedefinition: "redefinition"}

// explain puts the queue's account of an offer into the journal's words.
func (x *Exchange) explain(o queue.Offer, p acd.CallPlan) *acd.Decision {
	w := o.Why
	trigger := ""
	if int(w.From) < len(triggers) {
		trigger = triggers[w.From]
	}
	return &acd.Decision{
		Seq: o.Seq, Ring: o.Ring, Trigger: trigger, Strategy: p.Strategy, Version: p.Version,
		Considered: w.Considered, NotReady: w.NotReady, NoQueue: w.NoQueue, NoSite: w.NoSite,
		NoSkill: w.NoSkill, Declined: w.Declined, Waiting: w.Waiting,
		Waited: inSeconds(w.Waited), Score: inSeconds(w.Score), Idle: inSeconds(w.Idle),
		SiteCost: w.SiteCost, SkillSum: w.SkillSum,
	}
}

func inSeconds(ns int64) float64 {
	return float64(time.Duration(ns).Milliseconds()) / 1000
}
