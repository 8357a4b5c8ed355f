package chaos

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"switchroom/configs"
)

// Times of the switch under test. With a T1 of 50 ms its SIP timers end after
// 3.2 s; an offer is shorter than the configuration's text allows.
const (
	t1          = 50 * time.Millisecond
	ringTimeout = 400 * time.Millisecond
)

// plan is the configuration as it stands, which reloads edit at random.
type plan struct {
	mu     sync.Mutex
	d      *dice
	base   string // head of the text, which no reload may edit
	agents []agentPlan
	extra  bool              // the queue "extra" and its number are there
	queues map[string]string // the options of each queue
	rings  time.Duration     // how long
}

type agentPlan struct {
	id      string
	contact string // fixed; "": registers
	gone    bool
	skill   int
	site    string
}

var queueNames = []string{"parcels", "loans", "extra"}

func newPlan(d *dice, head string, agents []agentPlan) *plan {
	p := &plan{rings: ringTimeout, d: d, base: head, agents: agents, extra: true, queues: map[string]string{}}
	for _, q := range queueNames {
		p.queues[q] = p.options(q)
	}
	return p
}

// options are a queue's settings, drawn anew.
func (p *plan) options(queue string) string {
	ring := pick(p.d, "{after: 0s}", "{after: 0s, skills: {talk: 4}}, {after: 300ms}", "{after: 0s, sites: [chengdu]}, {after: 200ms, sites: [beijing, chengdu]}")
	s := fmt.Sprintf("strategy: %s, priority: %d, answer: %s, record: %s, max_waiting: %d, rings: [%s]",
		pick(p.d, configs.Strategies...), p.d.n(5), pick(p.d, configs.Answers...), pick(p.d, "always", "never"),
		pick(p.d, 2, 10, 50), ring)
	if queue == "parcels" && p.d.chance(60) {
		s += ", overflow: loans"
	}
	if queue == "extra" && p.d.chance(50) {
		s += ", overflow: parcels"
	}
	return s
}

// edit changes something.
func (p *plan) edit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.d.n(4) {
	case 0:
		a := &p.agents[p.d.n(len(p.agents))]
		a.gone = !a.gone
	case 1:
		a := &p.agents[p.d.n(len(p.agents))]
		a.skill, a.site = 1+p.d.n(10), pick(p.d, "chengdu", "beijing")
	case 2:
		p.extra = !p.extra
	default:
		q := pick(p.d, queueNames...)
		p.queues[q] = p.options(q)
	}
}

// calm brings everybody back and gives each queue one open ring.
func (p *plan) calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.extra, p.rings = true, 5*time.Second // whoever is slow now is so for the machine's sake
	for i := range p.agents {
		p.agents[i].gone = false
	}
	for _, q := range queueNames {
		p.queues[q] = "strategy: longest-idle, answer: queue, record: always, rings: [{after: 0s}]"
	}
}

// load reads the configuration as it stands.
func (p *plan) load() (*configs.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	b.WriteString(p.base)
	b.WriteString("numbers:\n")
	for i, q := range queueNames {
		if q != "extra" || p.extra {
			fmt.Fprintf(&b, "  - {number: \"400%d\", client: courier, queue: %s}\n", i+1, q)
		}
	}
	b.WriteString("queues:\n")
	for _, q := range queueNames {
		if q != "extra" || p.extra {
			fmt.Fprintf(&b, "  - {id: %s, client: courier, ring_timeout: 1s, wrap_up: 20ms, max_wait: %s, %s}\n", q, 5*p.rings, p.queues[q])
		}
	}
	b.WriteString("agents:\n")
	for _, a := range p.agents {
		if a.gone {
			continue
		}
		fmt.Fprintf(&b, "  - {id: %q, name: Agent, site: %s, password: secret, ready_on_register: true, skills: {talk: %d}", a.id, a.site, a.skill)
		if a.contact != "" {
			fmt.Fprintf(&b, ", contact: %q", a.contact)
		}
		b.WriteString("}\n")
	}
	cfg, err := configs.Parse("chaos.yaml", []byte(b.String()))
	if err != nil {
		return nil, err
	}
	for i := range cfg.Queues {
		cfg.Queues[i].RingTimeout = p.rings
	}
	return cfg, nil
}
