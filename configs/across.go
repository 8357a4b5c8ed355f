package configs

import (
	"maps"
	"slices"
)

// across checks what no single section can see. It runs on a Config whose
// values and references are right.
func (d *decoder) across(c *Config) {
	channels := 0
	for _, t := range c.Trunks {
		channels += t.Channels
	}
	// A call takes a port pair for each of its two legs.
	if calls := (int(c.Media.Ports.Max) - int(c.Media.Ports.Min) + 1) / 4; channels > calls {
		d.warn(place{1, 1}, "media.ports is enough for %d calls, the trunks have %d channels", calls, channels)
	}
}

// overflow follows a queue's overflow, which must come to an end.
func (d *decoder) overflow(c *Config, id string, at place) {
	next := map[string]string{}
	for _, q := range c.Queues {
		next[q.ID] = q.Overflow
	}
	at0 := id
	for range c.Queues {
		if id = next[id]; id == "" {
			return
		}
		if id == at0 {
			d.fault(at, "queue %s overflows back into itself: a chain of overflows must end", quote(id))
			return
		}
	}
}

// known reports skills that a ring asks for and no agent has: a fault when it
// is probably a slip of the keyboard, a warning when agents may still come.
func (d *decoder) known(c *Config, queue string, asked map[string]place) {
	have := map[string]bool{}
	for _, a := range c.Agents {
		for s := range a.Skills {
			have[s] = true
		}
	}
	for skill, at := range asked {
		if have[skill] {
			continue
		}
		if near := nearest(skill, slices.Sorted(maps.Keys(have))); near != "" {
			d.fault(at, "no agent has the skill %s: did you mean %q?", quote(skill), near)
		} else {
			d.warn(at, "no agent has the skill %s that queue %s asks for", quote(skill), queue)
		}
	}
}

// served warns of a queue whose calls no agent could ever take.
func (d *decoder) served(c *Config, id string, at place) {
	q := c.Queues[slices.IndexFunc(c.Queues, func(q Queue) bool { return q.ID == id })]
	for _, r := range q.Rings {
		if slices.ContainsFunc(c.Agents, r.admits) {
			return
		}
	}
	d.warn(at, "no agent fits any ring of queue %s: its calls can only wait", id)
}

func (r Ring) admits(a Agent) bool {
	if len(r.Sites) > 0 && !slices.Contains(r.Sites, a.Site) {
		return false
	}
	for skill, level := range r.Skills {
		if a.Skills[skill] < level {
			return false
		}
	}
	return true
}
