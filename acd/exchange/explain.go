package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// Explain puts the queue's account of an offer into the journal's words.
func Explain(o queue.Offer, strategy, version string) *acd.Decision {
	w := o.Why
	return &acd.Decision{
		Seq: o.Seq, Ring: o.Ring, Trigger: queue.Trigger(w.From).String(), Strategy: strategy, Version: version,
		Considered: w.Considered, NotReady: w.NotReady, NoQueue: w.NoQueue, NoSite: w.NoSite,
		NoSkill: w.NoSkill, Declined: w.Declined, Waiting: w.Waiting,
		Waited: inSeconds(w.Waited), Score: inSeconds(w.Score), Idle: inSeconds(w.Idle),
		SiteCost: w.SiteCost, SkillSum: w.SkillSum,
	}
}

func inSeconds(ns int64) float64 {
	return float64(time.Duration(ns).Milliseconds()) / 1000
}
