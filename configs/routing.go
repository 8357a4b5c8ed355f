package configs

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (d *decoder) trunk(m *mapping) Trunk {
	t := Trunk{SRTP: "never", Channels: 30, Out: defaultTrunkOut(),
		Codecs: slices.Clone(Codecs), Identity: Identity{Assert: "p-asserted-identity", Forwarding: "diversion", Trusted: true}}
	m.define(aTrunk, &t.ID)
	t.Peers = d.peers(m, t.ID)
	m.uri("address", &t.Address)
	m.integer("channels", &t.Channels, 1, 100_000)
	m.integer("rate", &t.Rate, 0, 10_000)
	d.ping(m, &t)
	read(m, "username", &t.Username, optional(username))
	m.secret("password", &t.Password)
	d.srtp(m, &t.SRTP, &t.Address)
	m.boolean("inband_dtmf", &t.InbandDTMF)
	d.codecs(m, &t)
	d.identity(m.section("identity"), &t.Identity)
	d.register(m, &t)
	d.trunkOut(m.section("out"), &t.Out, t.Channels)

	d.uniqueLogin(m, &t)
	switch {
	case t.Username != "" && !m.filled("password"):
		d.fault(m.place("username"), "username without password: a trunk that authenticates needs both")
	case m.filled("password") && !m.filled("username"):
		d.fault(m.place("password"), "password without username: a trunk that authenticates needs both")
	case !m.filled("peers") && !m.filled("address") && !m.filled("username"):
		d.fault(m.at, "trunk without peers, address and username: nobody can call in or be called through it")
	}
	return t
}

// ping reads how often a trunk is asked whether it is there. More often than
// each second tells nothing more.
func (d *decoder) ping(m *mapping, t *Trunk) {
	m.duration("ping", &t.Ping, 0, time.Hour)
	switch {
	case t.Ping > 0 && t.Ping < time.Second:
		d.fault(m.place("ping"), "ping is %s: 0s for never, or from 1s to 1h is wanted", short(t.Ping))
	case t.Ping > 0 && !m.filled("address"):
		d.fault(m.place("ping"), "ping without address: it is where the trunk is asked")
	}
}

// username reads what a trunk authenticates with. It stands within quotes in a
// header.
func username(s string) (string, error) {
	if strings.ContainsAny(s, `"\`) {
		return "", errors.New("a user name has no quotes or backslashes")
	}
	return printable(s)
}

// peers reads a trunk's source addresses. A network that is a part of another
// trunk's is that trunk's exception; the same one twice is a fault.
func (d *decoder) peers(m *mapping, trunk string) []netip.Prefix {
	var peers []netip.Prefix
	for _, n := range m.items("peers") {
		text, ok := d.text(n, "peers")
		if !ok {
			continue
		}
		p, err := peer(text)
		if err != nil {
			d.fault(position(n), "peers has %s: %v", quote(text), err)
			continue
		}
		at := position(n)
		if first, twice := d.ids[aPeer][p.String()]; twice {
			d.fault(at, "peer %s stands already in line %d: a call must belong to one trunk", p, first.line)
			continue
		}
		if p.Bits() == 0 {
			d.warn(at, "peer %s lets anybody call in as trunk %s without authentication", p, trunk)
		}
		if d.ids[aPeer] == nil {
			d.ids[aPeer] = map[string]place{}
		}
		d.ids[aPeer][p.String()] = at
		peers = append(peers, p)
	}
	return peers
}

// numberPattern is what can be dialled; separators are for reading only and
// never reach the switch.
var numberPattern = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)

func dialled(s string) (string, error) {
	if numberPattern.MatchString(s) {
		return s, nil
	}
	bare := strings.NewReplacer("-", "", ".", "", "(", "", ")", "", " ", "", "/", "").Replace(s)
	if numberPattern.MatchString(bare) {
		return "", errors.New("write it without separators: " + quote(bare))
	}
	return "", errors.New("digits are wanted, optionally after a +, as callers dial them")
}

func (d *decoder) number(m *mapping) (n Number) {
	m.need("number", "it is what callers dial")
	if !m.filled("menu") {
		m.need("queue", "it is where its calls wait")
	}
	read(m, "number", &n.Number, dialled)
	m.refer("client", aClient, &n.Client)
	m.refer("queue", aQueue, &n.Queue)
	m.refer("menu", aMenu, &n.Menu)
	if n.Queue != "" && n.Menu != "" {
		d.fault(m.place("menu"), "a number leads to a queue or to a menu, not to both")
	}

	if n.Number != "" {
		at, bare := m.place("number"), strings.TrimPrefix(n.Number, "+")
		if d.ids[aNumber] == nil {
			d.ids[aNumber] = map[string]place{}
		}
		if first, twice := d.ids[aNumber][bare]; twice {
			d.fault(at, "number %s stands already in line %d: with and without + it is the same number", quote(n.Number), first.line)
		} else {
			d.ids[aNumber][bare] = at
		}
	}
	at := m.place("client")
	d.later(func(c *Config) {
		if _, known := d.ids[aClient][n.Client]; !known {
			return
		}
		if q := c.queue(n.Queue); q != nil && q.Client != "" && q.Client != n.Client {
			d.fault(at, "number %s is %s's, but its queue %s is %s's: a client's calls wait in its own queue",
				quote(n.Number), n.Client, n.Queue, q.Client)
		}
	})
	return n
}

func (d *decoder) queue(m *mapping) Queue {
	q := Queue{
		Strategy: "longest-idle", Answer: "queue", Record: "always", Unrecorded: "refuse",
		Rings:       []Ring{{}},
		RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, WrapUpEnd: "early", Rona: defaultRona,
		Pause:   defaultPause,
		MaxWait: 5 * time.Minute, MaxWaiting: 500,
		ServiceLevel: ServiceLevel{Target: 80, Within: 20 * time.Second, Formula: "ignore"},
	}
	m.define(aQueue, &q.ID)
	m.refer("client", aClient, &q.Client)
	m.choice("strategy", &q.Strategy, Strategies)
	m.integer("priority", &q.Priority, MinPriority, MaxPriority)
	if rings := d.rings(m, q.ID); len(rings) > 0 {
		q.Rings = rings
	}
	m.duration("ring_timeout", &q.RingTimeout, time.Second, 3*time.Minute)
	d.wrapUp(m, &q)
	d.rona(m, &q)
	m.duration("max_wait", &q.MaxWait, time.Second, 24*time.Hour)
	m.integer("max_waiting", &q.MaxWaiting, 1, 100_000)
	m.choice("answer", &q.Answer, Answers)
	m.choice("record", &q.Record, Records)
	m.choice("unrecorded", &q.Unrecorded, Unrecordeds)
	d.retention(m, &q.Retention)
	d.treatment(m, &q)
	d.pause(m, &q)
	d.extension(m, &q)
	m.boolean("keep_arrival", &q.KeepArrival)
	m.refer("overflow", aQueue, &q.Overflow)
	m.boolean("inband_dtmf", &q.InbandDTMF)
	if q.Overflow != "" && q.Overflow == q.ID {
		d.fault(m.place("overflow"), "queue %s overflows into itself: name another queue", quote(q.ID))
	}
	if level := m.section("service_level"); level != nil {
		level.integer("target", &q.ServiceLevel.Target, 1, 100)
		level.duration("within", &q.ServiceLevel.Within, time.Second, time.Hour)
		level.choice("formula", &q.ServiceLevel.Formula, Formulas)
		level.done()
	}
	at, id := m.place("overflow"), q.ID
	d.later(func(c *Config) { d.overflow(c, id, at) })
	d.later(func(c *Config) { d.served(c, id, m.at) })
	return q
}

func (d *decoder) rings(m *mapping, queue string) []Ring {
	const most = 16
	last := time.Duration(-1)
	rings := each(m, "rings", "ring", func(m *mapping) (r Ring) {
		faults := len(d.faults)
		m.duration("after", &r.After, 0, 24*time.Hour)
		readable := len(d.faults) == faults
		r.Sites = m.referAll("sites", aSite)
		var places map[string]place
		r.Skills, places = m.skills("skills")
		at := m.place("after")
		switch {
		case !readable:
		case last < 0 && r.After > 0:
			d.fault(at, "the first ring opens after %s: it must be 0s, or calls that have just arrived fit nobody", short(r.After))
		case r.After <= last:
			d.fault(at, "a ring opens after %s, the one before it after %s: rings stand in the order in which they open", short(r.After), short(last))
		}
		last = max(last, r.After)
		d.later(func(c *Config) { d.known(c, queue, places) })
		return r
	})
	if len(rings) > most {
		d.fault(m.place("rings"), "%d rings: at most %d", len(rings), most)
	}
	return rings
}

func (d *decoder) agent(m *mapping) Agent {
	a := Agent{SRTP: "allow", ReadyOnRegister: true}
	m.define(anAgent, &a.ID)
	a.Name = a.ID
	read(m, "name", &a.Name, printable)
	m.refer("site", aSite, &a.Site)
	m.secret("password", &a.Password)
	m.uri("contact", &a.Contact)
	d.srtp(m, &a.SRTP, &a.Contact)
	a.Skills, _ = m.skills("skills")
	m.boolean("ready_on_register", &a.ReadyOnRegister)
	d.desk(m, &a)
	d.floor(m, &a)
	if !m.filled("password") && !m.filled("contact") && !m.filled("pin") {
		d.fault(m.at, "agent without password and contact: its phone registers with the one or is found at the other, or the agent logs in with a pin at another phone")
	}
	if a.Password != "" && a.Password == a.ID {
		d.warn(m.place("password"), "the password of agent %s is its id: it is the first one that is tried", a.ID)
	}
	return a
}
