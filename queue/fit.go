package queue

import "slices"

// Fit is the outcome of holding a profile against one ring of a need.
type fit uint8

const (
	fits    fit = iota // eligible
	noQueue            // does not serve the queue
	noSite             // sits at a site that is not asked for
	noSkill            // lacks a skill or a level
)

// level gives the agent's level in a skill, 0 if it has none.
func (p *Profile) level(s Skill) uint8 {
	for _, l := range p.Skills {
		if l.Skill == s {
			return l.Level
		}
	}
	return 0
}

// fitRing holds the profile against one ring alone.
func (n *Need) fitRing(p *Profile, ring int) fit {
	if p.Queues != nil && !slices.Contains(p.Queues, n.Queue) {
		return noQueue
	}
	r := &n.Rings[ring]
	if r.Sites != nil && !slices.Contains(r.Sites, p.Site) {
		return noSite
	}
	for _, s := range r.Skills {
		if p.level(s.Skill) < s.Level {
			return noSkill
		}
	}
	return fits
}

// firstRing gives the first ring that admits the profile, len(n.Rings) if
// none does. It is a pure function of two values that never change.
func (n *Need) firstRing(p *Profile) int {
	for i := range n.Rings {
		if n.fitRing(p, i) == fits {
			return i
		}
	}
	return len(n.Rings)
}

// siteCost gives the place of the agent's site in the list of the ring in
// force, 0 the nearest. A site that only an earlier ring lists comes last.
func (n *Need) siteCost(p *Profile, ring int) int {
	s := n.Rings[ring].Sites
	if s == nil {
		return 0
	}
	if i := slices.Index(s, p.Site); i >= 0 {
		return i
	}
	return len(s)
}

// skillSum gives the sum of the agent's levels in the skills that the first
// ring asks for: what the call asked for before it began to take less.
func (n *Need) skillSum(p *Profile) int {
	t := 0
	for _, s := range n.Rings[0].Skills {
		t += int(p.level(s.Skill))
	}
	return t
}
