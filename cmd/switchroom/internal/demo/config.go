package demo

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// plan is the switch's configuration for the demonstration, with the secrets
// that it holds.
type plan struct {
	text      []byte
	token     string
	passwords map[string]string // by agent
}

// The queues are made for half a minute: rings open within seconds, and after
// a call there is just a breath.
const queuesText = `
queues:
  - id: parcels
    client: courier
    strategy: longest-idle
    rings:
      - {after: 0s, sites: [chengdu], skills: {parcels: 5}}
      - {after: 5s, sites: [chengdu, beijing], skills: {parcels: 3}}
    ring_timeout: 3s
    wrap_up: 2s
    max_wait: 1m
    record: always
  - id: bookings
    client: airline
    strategy: best-skill
    priority: 1
    rings:
      - {after: 0s, sites: [beijing], skills: {bookings: 4, english: 3}}
    ring_timeout: 3s
    wrap_up: 2s
    max_wait: 1m
    record: always
`

// newPlan writes the configuration. Passwords and the token are drawn anew for
// each run.
func newPlan(c cast, p *place, data string) plan {
	out := plan{token: rand.Text(), passwords: map[string]string{}}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Written by `switchroom demo` for its own use.")
	line("sip:")
	line("  listen: [%q, %q]", "udp:"+p.sip.String(), "tcp:"+p.sip.String())
	line("media:")
	line("  listen: %s", p.theSwitch)
	line("  ports: %s", switchPorts)
	line("http:")
	line("  listen: %q", p.api)
	line("  tokens:")
	line("    - {token: %q, role: admin}", out.token)
	line("data: %q", data)
	line("drain_timeout: 5s")
	line("clients:")
	line("  - {id: courier, name: Courier Express}")
	line("  - {id: airline, name: Cloud Airlines}")
	line("sites:")
	line("  - {id: chengdu, name: Chengdu}")
	line("  - {id: beijing, name: Beijing}")
	line("trunks:")
	line("  - {id: telecom, peers: [%q], address: %q, channels: 30}", p.carrier, "sip:"+p.trunk.String())
	line("numbers:")
	line("  - {number: %q, client: courier, queue: parcels}", parcelsNumber)
	line("  - {number: %q, client: airline, queue: bookings}", bookingsNumber)
	b.WriteString(strings.TrimPrefix(queuesText, "\n"))
	line("agents:")
	for _, a := range c.agents {
		out.passwords[a.id] = rand.Text()
		line("  - {id: %q, name: %s, site: %s, password: %q, skills: %s, ready_on_register: true}",
			a.id, a.name, a.site, out.passwords[a.id], a.skills)
	}
	out.text = []byte(b.String())
	return out
}
