package configs

import (
	"errors"
	"regexp"
	"time"
)

// Phone is a telephone that agents share: it registers with ID and Password or
// has a fixed Contact, and whoever logs in at it has it.
type Phone struct {
	ID, Name string
	Password string // secret
	Contact  string // SIP URI, or ""
}

// pinPattern is what can be dialled between two stars.
var pinPattern = regexp.MustCompile(`^[0-9]{4,16}$`)

func (d *decoder) phone(m *mapping) Phone {
	p := Phone{}
	m.define(aPhone, &p.ID)
	p.Name = p.ID
	read(m, "name", &p.Name, printable)
	m.secret("password", &p.Password)
	m.uri("contact", &p.Contact)
	if !m.filled("password") && !m.filled("contact") {
		d.fault(m.at, "phone without password and contact: it registers with the one or is found at the other")
	}
	at, id := m.place("id"), p.ID
	d.later(func(c *Config) {
		if first, twice := d.ids[anAgent][id]; twice && id != "" {
			d.fault(at, "phone %s has the id of the agent in line %d: both would register with it", quote(id), first.line)
		}
	})
	return p
}

// desk reads how an agent logs in, and how its phone is watched.
func (d *decoder) desk(m *mapping, a *Agent) {
	m.secret("pin", &a.PIN)
	if a.PIN != "" && !pinPattern.MatchString(a.PIN) {
		d.fault(m.place("pin"), "pin: 4 to 16 digits are wanted, which the agent dials")
		a.PIN = ""
	}
	asked := m.has("qualify")
	read(m, "qualify", &a.Qualify, qualifying)
	d.later(func(c *Config) {
		for i := range c.Agents {
			if v := &c.Agents[i]; v.ID == a.ID && !asked && v.Contact == "" {
				v.Qualify = c.SIP.Qualify
			}
		}
	})
}

// qualifying reads how often a phone is asked whether it is there.
func qualifying(s string) (time.Duration, error) {
	v, err := time.ParseDuration(s)
	if err != nil || v != 0 && (v < time.Second || v > time.Hour) {
		return 0, errors.New("0s for never, or from 1s to 1h is wanted")
	}
	return v, nil
}
