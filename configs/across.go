package configs

import (
	"maps"
	"slices"
)

// across looks at what no single section can see.
func (d *decoder) across(c *Config, ports place) {
	for i := range c.Numbers {
		if q := c.queue(c.Numbers[i].Queue); q != nil && c.Numbers[i].Client == "" {
			c.Numbers[i].Client = q.Client
		}
		for _, v := range c.Menus {
			if v.ID == c.Numbers[i].Menu && c.Numbers[i].Client == "" {
				c.Numbers[i].Client = v.Client
			}
		}
	}
	channels := 0
	for _, t := range c.Trunks {
		channels += t.Channels
	}
	// A call takes a port pair for each of its two legs.
	if calls := (int(c.Media.Ports.Max) - int(c.Media.Ports.Min) + 1) / 4; channels > calls {
		d.warn(ports, "media.ports is enough for %d calls, the trunks have %d channels", calls, channels)
	}
}

// queue gives the queue of an id, nil when there is none.
func (c *Config) queue(id string) *Queue {
	if i := slices.IndexFunc(c.Queues, func(q Queue) bool { return q.ID == id }); i >= 0 {
		return &c.Queues[i]
	}
	return nil
}

// overflow follows a queue's overflow, which must come to an end.
func (d *decoder) overflow(c *Config, id string, at place) {
	next := map[string]string{}
	for _, q := range c.Queues {
		next[q.ID] = q.Overflow
	}
	q := next[id]
	if q == id { // told where it was read
		return
	}
	for range c.Queues {
		if q == id && id != "" {
			d.fault(at, "queue %s overflows back into itself: a chain of overflows must end", quote(id))
			return
		}
		q = next[q]
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
	q := c.queue(id)
	if q == nil {
		return
	}
	for _, r := range q.Rings {
		if slices.ContainsFunc(c.Agents, r.Admits) {
			return
		}
	}
	d.warn(at, "no agent fits any ring of queue %s: its calls can only wait", id)
}

// Admits reports whether an agent may take calls by the ring.
func (r Ring) Admits(a Agent) bool {
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
