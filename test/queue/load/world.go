package load

import (
	"math/rand/v2"
	"time"

	"switchroom/queue"
)

// World is a configuration: who there is and what is asked for.
type World struct {
	Needs    []queue.Need
	Profiles []queue.Profile
}

// NewWorld makes agents with six of the skills at levels 1 to 5, and classes
// that ask for one or two skills at a level that at least one agent has, and
// for level 1 after 20 s.
func NewWorld(r *rand.Rand, agents, classes, skills int) *World {
	w := &World{}
	for i := range agents {
		p := queue.Profile{Site: queue.Site(r.IntN(4)), Order: i}
		for _, s := range r.Perm(skills)[:min(6, skills)] {
			p.Skills = append(p.Skills, queue.SkillLevel{Skill: queue.Skill(s), Level: uint8(1 + r.IntN(5))})
		}
		w.Profiles = append(w.Profiles, p)
	}
	for range classes {
		var strict, lax []queue.SkillLevel
		has := w.Profiles[r.IntN(agents)].Skills
		for _, i := range r.Perm(len(has))[:1+r.IntN(2)] {
			strict = append(strict, queue.SkillLevel{Skill: has[i].Skill, Level: uint8(1 + r.IntN(min(3, int(has[i].Level))))})
			lax = append(lax, queue.SkillLevel{Skill: has[i].Skill, Level: 1})
		}
		w.Needs = append(w.Needs, queue.Need{
			Priority: r.IntN(3),
			Rings:    []queue.Ring{{Skills: strict}, {After: 20 * time.Second, Skills: lax}},
		})
	}
	return w
}
