package configs

import "time"

// Caps bound calls outside, against whoever has stolen a password and for
// whoever pays. 0 is no cap.
type Caps struct {
	Calls  int // at a time
	Hourly int // begun within an hour
}

// Lock is what becomes of an agent who asks for what it may not call again and
// again: it calls nobody outside for a while.
type Lock struct {
	Refusals int           // so many; 0: nobody is locked
	Within   time.Duration // in this time
	For      time.Duration // how long it lasts
}

// hourlyMax bounds what may be configured of an hour.
const hourlyMax = 1_000_000

// tolls reads what bounds the calls outside of all agents and clients.
func (d *decoder) tolls(m *mapping, o *Outbound) {
	m.caps("per_agent", &o.PerAgent)
	m.caps("per_client", &o.PerClient)
	section := m.section("lock")
	if section == nil {
		return
	}
	defer section.done()
	section.integer("refusals", &o.Lock.Refusals, 0, 100)
	section.duration("within", &o.Lock.Within, time.Minute, 24*time.Hour)
	section.duration("for", &o.Lock.For, time.Minute, 7*24*time.Hour)
}

func (m *mapping) caps(key string, c *Caps) {
	section := m.section(key)
	if section == nil {
		return
	}
	defer section.done()
	section.integer("calls", &c.Calls, 0, 100_000)
	section.integer("hourly", &c.Hourly, 0, hourlyMax)
}

// outside reads the caps of one agent or client. What they do not say is said
// by those for all, which may stand later in the text.
func (d *decoder) outside(m *mapping, dst **Caps, all func(*Outbound) Caps) {
	if !m.has("outside") {
		return
	}
	own := &Caps{Calls: -1, Hourly: -1}
	m.caps("outside", own)
	*dst = own
	d.later(func(c *Config) {
		usual := all(&c.Outbound)
		if own.Calls < 0 {
			own.Calls = usual.Calls
		}
		if own.Hourly < 0 {
			own.Hourly = usual.Hourly
		}
	})
}

// AgentCaps are those of one agent's calls outside.
func (c *Config) AgentCaps(a *Agent) Caps {
	if a.Outside != nil {
		return *a.Outside
	}
	return c.Outbound.PerAgent
}

// ClientCaps are those of one client's calls outside.
func (c *Config) ClientCaps(id string) Caps {
	for i := range c.Clients {
		if c.Clients[i].ID == id && c.Clients[i].Outside != nil {
			return *c.Clients[i].Outside
		}
	}
	return c.Outbound.PerClient
}
