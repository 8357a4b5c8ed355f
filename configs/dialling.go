package configs

import (
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// defaultOutbound is that of a configuration that says nothing of calls out.
func defaultOutbound() Outbound {
	return Outbound{Limit: time.Minute, RingTimeout: 20 * time.Second, Record: "always",
		PerAgent: Caps{Calls: 2, Hourly: 120}, Lock: Lock{Refusals: 3, Within: 10 * time.Minute, For: time.Hour}}
}

// OutboundRecords are the words of outbound.record.
var OutboundRecords = []string{"always", "never"}

// ownCalls reads what becomes of calls that agents make.
func (d *decoder) ownCalls(m *mapping, o *Outbound) {
	m.duration("ring_timeout", &o.RingTimeout, time.Second, 3*time.Minute)
	m.duration("wrap_up", &o.WrapUp, 0, time.Hour)
	m.choice("record", &o.Record, OutboundRecords)
	o.Forbidden = d.starts(m, "forbidden", false)
	d.tolls(m, o)
}

// dials reads an agent's dial rights.
func (d *decoder) dials(m *mapping) []string { return d.starts(m, "dial", true) }

// starts reads a list of the beginnings of numbers; all is a word for every
// number, where that may be said.
func (d *decoder) starts(m *mapping, key string, all bool) []string {
	var out []string
	for _, n := range m.items(key) {
		text, ok := d.text(n, key)
		if !ok {
			continue
		}
		switch _, err := numberStart(text); {
		case all && text == "all":
		case text == "":
			d.fault(position(n), "%s has an empty beginning, which every number has: write all", key)
			continue
		case err != nil:
			d.fault(position(n), "%s has %s: %v", key, quote(text), err)
			continue
		}
		if slices.Contains(out, text) {
			d.fault(position(n), "%s names %s twice: once is enough", key, quote(text))
			continue
		}
		out = append(out, text)
	}
	return out
}

var extensionPattern = regexp.MustCompile(`^[0-9*#]{1,32}$`)

// extension reads what agents dial for a queue. It may be no agent's id and no
// other queue's.
func (d *decoder) extension(m *mapping, q *Queue) {
	read(m, "extension", &q.Extension, optional(func(s string) (string, error) {
		if !extensionPattern.MatchString(s) {
			return "", errors.New("digits, * and # are wanted, as an agent dials them")
		}
		return s, nil
	}))
	at, own, id := m.place("extension"), q.Extension, q.ID
	if own == "" {
		return
	}
	d.later(func(c *Config) {
		if slices.ContainsFunc(c.Agents, func(a Agent) bool { return a.ID == own }) {
			d.fault(at, "extension %s is an agent's id: who dials it would reach the agent", quote(own))
		}
		for _, other := range c.Queues {
			if other.ID != id && (other.Extension == own && other.ID < id || other.ID == own) {
				d.fault(at, "extension %s is queue %s's already", quote(own), quote(other.ID))
			}
		}
	})
}

// floor reads an agent's place among the others.
func (d *decoder) floor(m *mapping, a *Agent) {
	read(m, "team", &a.Team, optional(printable))
	m.boolean("supervisor", &a.Supervisor)
	a.Clients = m.referAll("clients", aClient)
	a.Dial = d.dials(m)
	d.outside(m, &a.Outside, func(o *Outbound) Caps { return o.PerAgent })
	var at place
	if list, ok := m.value("dial").(*ast.SequenceNode); ok {
		at = position(list)
	}
	if len(a.Dial) == 0 {
		return
	}
	d.later(func(c *Config) {
		if len(a.Clients) == 0 && len(c.Clients) > 1 {
			d.fault(at, "an agent who dials out names its clients: whose call it is decides the number that is shown")
		}
	})
}
