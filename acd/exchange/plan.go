package exchange

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"switchroom/acd"
	"switchroom/acd/dialplan"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/queue"
)

// plan is one configuration, made ready for routing. It is immutable: a reload
// makes another.
type plan struct {
	config  *configs.Config
	numbers map[string]configs.Number // by numberKey
	queues  map[string]*queuePlan
	dial    *dialplan.Plan

	calendars map[string]*calendar
	menus     map[string]*acd.Menu
	sounds    map[string]*media.Clip // by LANGUAGE/NAME
}

// queuePlan is a queue of the plan.
type queuePlan struct {
	config configs.Queue
	class  queue.ClassID
	// inside counts the calls that have a place in the queue, rung ones among
	// them; shared by the plans of all reloads.
	inside *atomic.Int32
	levels *levels
	seen   atomic.Pointer[outlook]
}

// take takes a place for a call, if one is left.
func (q *queuePlan) take() bool {
	for {
		n := q.inside.Load()
		if q.config.MaxWaiting > 0 && int(n) >= q.config.MaxWaiting {
			return false
		}
		if q.inside.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave gives a place back.
func (q *queuePlan) leave() { q.inside.Add(-1) }

// numberKey is a called number without the "+" that some carriers send and
// others do not.
func numberKey(n string) string { return strings.TrimPrefix(n, "+") }

// callPlan is what a call that arrives now in q keeps to its end.
func (p *plan) callPlan(q *queuePlan, client string) acd.CallPlan {
	return acd.CallPlan{
		Client:      client,
		Queue:       q.config.ID,
		Direction:   acd.DirectionIn,
		DialTimeout: p.config.Outbound.Limit,
		MaxTalk:     p.config.MaxTalk,
		Strategy:    q.config.Strategy,
		Version:     p.config.Version,
		AnswerFirst: q.config.Answer != "agent",
		RingTimeout: q.config.RingTimeout,
		WrapUp:      q.config.WrapUp,
		MaxWait:     q.config.MaxWait,
		Overflow:    q.config.Overflow,
		Record:      q.config.Record == "always",
		ExitFull:    q.config.Treatment.Full != nil,
		ExitExpired: q.config.Treatment.Expired != nil,
		After:       p.afterCall(q.config, client),
		Rona:        ronaOf(q.config.Rona),
	}
}

var strategies = map[string]queue.Strategy{
	"longest-idle":   queue.LongestIdle,
	"best-skill":     queue.BestSkill,
	"least-occupied": queue.LeastOccupied,
	"round-robin":    queue.RoundRobin,
	"fewest-calls":   queue.FewestCalls,
	"top-down":       queue.TopDown,
}

// need is what the calls of a queue ask of an agent.
func (n names) need(q configs.Queue) (queue.Need, error) {
	s, ok := strategies[q.Strategy]
	if !ok {
		return queue.Need{}, fmt.Errorf("exchange: queue %s: wanted a known strategy, found %q", q.ID, q.Strategy)
	}
	need := queue.Need{Queue: numberOf(n.queues, q.ID), Priority: q.Priority, Strategy: s}
	for _, r := range q.Rings {
		ring := queue.Ring{After: r.After, Skills: n.levels(r.Skills)}
		for _, site := range r.Sites {
			ring.Sites = append(ring.Sites, numberOf(n.sites, site))
		}
		need.Rings = append(need.Rings, ring)
	}
	return need, nil
}

// profile is what an agent offers. order is its place in the configuration.
func (n names) profile(a configs.Agent, order int) queue.Profile {
	return queue.Profile{Site: numberOf(n.sites, a.Site), Skills: n.levels(a.Skills), Order: order}
}

func (n names) levels(skills map[string]int) []queue.SkillLevel {
	var out []queue.SkillLevel
	for name, level := range skills {
		out = append(out, queue.SkillLevel{Skill: numberOf(n.skills, name), Level: uint8(level)})
	}
	slices.SortFunc(out, func(a, b queue.SkillLevel) int { return int(a.Skill) - int(b.Skill) })
	return out
}

// sameNeed reports whether two definitions of a queue ask for the same, so
// that a reload leaves alone what was not edited.
func sameNeed(a, b configs.Queue) bool {
	return a.Strategy == b.Strategy && a.Priority == b.Priority && slices.EqualFunc(a.Rings, b.Rings, sameRing)
}

func sameRing(a, b configs.Ring) bool {
	return a.After == b.After && slices.Equal(a.Sites, b.Sites) && sameSkills(a.Skills, b.Skills)
}

func sameSkills(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}
