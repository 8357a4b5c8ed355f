package queue

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Small integers that stand for what the caller's configuration names by
// strings. The caller interns; the engine compares.
type (
	Skill   uint16
	Site    uint16
	QueueID uint16
	ClassID int32
	AgentID int32
)

// SkillLevel is a skill with a level of 1 to 10: the level an agent has, or
// the least that a ring asks for.
type SkillLevel struct {
	Skill Skill
	Level uint8
}

// Strategy is how a class chooses among agents at equally near sites.
type Strategy uint8

const (
	LongestIdle   Strategy = iota // available for the longest time
	BestSkill                     // largest sum of levels in the first ring's skills
	LeastOccupied                 // smallest share of its time in service since it was added
	RoundRobin                    // next in order of AgentID after the agent last chosen for the class
	FewestCalls                   // fewest calls accepted since it was added
	TopDown                       // smallest Profile.Order

	strategies
)

var strategyNames = [strategies]string{"longest-idle", "best-skill", "least-occupied", "round-robin", "fewest-calls", "top-down"}

// String gives the strategy's name as configurations write it.
func (s Strategy) String() string {
	if s < strategies {
		return strategyNames[s]
	}
	return fmt.Sprintf("Strategy(%d)", uint8(s))
}

// Profile is what an agent offers. The engine keeps a copy.
type Profile struct {
	Site   Site
	Skills []SkillLevel
	Queues []QueueID // served; nil: every queue
	Order  int       // place in the list, for TopDown
}

// Ring is one widening of a need: from After on, an agent is also eligible
// when it sits at one of Sites (in order of nearness; nil: at any) and has
// every one of Skills at least at its level.
type Ring struct {
	After  time.Duration
	Sites  []Site
	Skills []SkillLevel
}

// Need is what the calls of one class ask for. The engine keeps a copy.
//
// Rings stand in order of After, the first at 0. They add up: an agent that
// an earlier ring admits stays eligible in the later ones.
type Need struct {
	Queue    QueueID
	Priority int // head starts: a call's score is Priority*Options.HeadStart + its age
	Strategy Strategy
	Rings    []Ring // none: one ring that admits every agent of the queue
}

// MaxRings is how many rings a need may have.
const MaxRings = 8

// MaxPriority bounds Need.Priority on either side, so that scores cannot
// overflow.
const MaxPriority = 1000

// Errors of AddClass, Redefine, AddAgent, ChangeAgent and Enter. ErrNeed and
// ErrProfile are wrapped with what is wrong.
var (
	ErrFull    = errors.New("queue: full")
	ErrNoClass = errors.New("queue: no such class")
	ErrNoAgent = errors.New("queue: no such agent")
	ErrReused  = errors.New("queue: call record used twice")
	ErrNeed    = errors.New("queue: bad need")
	ErrProfile = errors.New("queue: bad profile")
)

// copyNeed checks a need and gives a copy of which the engine is the owner.
func copyNeed(n Need) (Need, error) {
	if n.Strategy >= strategies {
		return Need{}, fmt.Errorf("%w: unknown strategy %d", ErrNeed, n.Strategy)
	}
	if n.Priority > MaxPriority || n.Priority < -MaxPriority {
		return Need{}, fmt.Errorf("%w: priority %d beyond %d", ErrNeed, n.Priority, MaxPriority)
	}
	if len(n.Rings) > MaxRings {
		return Need{}, fmt.Errorf("%w: %d rings, at most %d", ErrNeed, len(n.Rings), MaxRings)
	}
	rings := make([]Ring, 0, max(1, len(n.Rings)))
	for i, r := range n.Rings {
		if i == 0 && r.After != 0 || i > 0 && r.After <= n.Rings[i-1].After {
			return Need{}, fmt.Errorf("%w: ring %d opens after %v", ErrNeed, i, r.After)
		}
		for _, s := range r.Skills {
			if s.Level < 1 || s.Level > 10 {
				return Need{}, fmt.Errorf("%w: ring %d asks for level %d", ErrNeed, i, s.Level)
			}
		}
		rings = append(rings, Ring{After: r.After, Sites: slices.Clone(r.Sites), Skills: slices.Clone(r.Skills)})
	}
	if len(rings) == 0 {
		rings = append(rings, Ring{})
	}
	n.Rings = rings
	return n, nil
}

// copyProfile checks a profile and gives a copy of which the engine is the
// owner.
func copyProfile(p Profile) (Profile, error) {
	for _, s := range p.Skills {
		if s.Level < 1 || s.Level > 10 {
			return Profile{}, fmt.Errorf("%w: level %d", ErrProfile, s.Level)
		}
	}
	if p.Order < 0 || p.Order > 1<<30 {
		return Profile{}, fmt.Errorf("%w: order %d", ErrProfile, p.Order)
	}
	p.Skills = slices.Clone(p.Skills)
	p.Queues = slices.Clone(p.Queues)
	return p, nil
}
