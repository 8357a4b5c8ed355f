package queue

import (
	"cmp"
	"slices"
	"time"
)

// The oracle applies the rules of the package's doc by looking at everything:
// every agent and every call, each time, with lists. It shares no code with
// the engine but the types.
type oracle struct {
	headStart int64
	now       int64
	agents    []*oAgent
	calls     []*oCall // in order of entering
	classes   []*oClass
	orders    int
	offers    []oOffer
}

type oAgent struct {
	p      Profile
	state  string // free, available, offered, serving, notready
	order  int    // of becoming available
	idleAt int64
	since  int64
	busy   int64
	busyAt int64
	calls  int
	call   int
	gone   bool // removed, or will be after its offer
}

type oCall struct {
	class    int
	arrival  int64
	state    string // waiting, offered, served, gone
	agent    int
	declined []int
}

type oClass struct {
	n    Need
	last int // agent chosen last
}

type oOffer struct {
	call, agent, ring int
	why               Why
}

func oLevel(p Profile, s Skill) int {
	for _, l := range p.Skills {
		if l.Skill == s {
			return int(l.Level)
		}
	}
	return 0
}

func oSuitsRing(n Need, r int, p Profile) (site, skill bool) {
	ring := n.Rings[r]
	site = ring.Sites == nil || slices.Contains(ring.Sites, p.Site)
	skill = true
	for _, s := range ring.Skills {
		skill = skill && oLevel(p, s.Skill) >= int(s.Level)
	}
	return site, skill
}

func oServes(n Need, p Profile) bool { return p.Queues == nil || slices.Contains(p.Queues, n.Queue) }

// suits: some ring that has opened admits the agent.
func oSuits(n Need, ring int, p Profile) bool {
	for r := 0; r <= ring; r++ {
		if site, skill := oSuitsRing(n, r, p); site && skill && oServes(n, p) {
			return true
		}
	}
	return false
}

func oRing(n Need, age int64) int {
	r := 0
	for i := range n.Rings {
		if age >= int64(n.Rings[i].After) {
			r = i
		}
	}
	return r
}

func (o *oracle) ringOf(c *oCall) int { return oRing(o.classes[c.class].n, o.now-c.arrival) }

func (o *oracle) score(c *oCall) int64 {
	return int64(o.classes[c.class].n.Priority)*o.headStart + o.now - c.arrival
}

// agentFor applies the rules for the agent.
func (o *oracle) agentFor(c *oCall) int {
	k := o.classes[c.class]
	ring := o.ringOf(c)
	key := func(i int) []int64 {
		a := o.agents[i]
		declined, site, term := int64(0), int64(0), int64(0)
		if slices.Contains(c.declined, i) {
			declined = 1
		}
		if s := k.n.Rings[ring].Sites; s != nil {
			site = int64(len(s))
			if at := slices.Index(s, a.p.Site); at >= 0 {
				site = int64(at)
			}
		}
		switch k.n.Strategy {
		case BestSkill:
			term = -int64(o.skillSum(k, a))
		case LeastOccupied:
			term = int64(float64(a.busy) / float64(max(1, o.now-a.since)) * (1 << 20))
		case RoundRobin:
			term = int64(i)
			if i <= k.last {
				term += 1 << 20
			}
		case FewestCalls:
			term = int64(a.calls)
		case TopDown:
			term = int64(a.p.Order)
		}
		return []int64{declined, site, term, int64(a.order)}
	}
	best := -1
	for i, a := range o.agents {
		if a.state == "available" && oSuits(k.n, ring, a.p) && (best < 0 || slices.Compare(key(i), key(best)) < 0) {
			best = i
		}
	}
	return best
}

func (o *oracle) skillSum(k *oClass, a *oAgent) int {
	t := 0
	for _, s := range k.n.Rings[0].Skills {
		t += oLevel(a.p, s.Skill)
	}
	return t
}

// callFor applies the rules for the call.
func (o *oracle) callFor(a *oAgent) int {
	best := -1
	for i, c := range o.calls {
		if c.state != "waiting" || !oSuits(o.classes[c.class].n, o.ringOf(c), a.p) {
			continue
		}
		if best < 0 || cmp.Or(cmp.Compare(o.score(c), o.score(o.calls[best])), cmp.Compare(o.calls[best].arrival, c.arrival)) > 0 {
			best = i
		}
	}
	return best
}

func (o *oracle) matchAgent(i int, why Trigger) bool {
	a := o.agents[i]
	if a.state != "available" {
		return false
	}
	j := o.callFor(a)
	if j < 0 {
		return false
	}
	o.offer(i, j, why)
	return true
}

func (o *oracle) offer(i, j int, why Trigger) {
	a, c := o.agents[i], o.calls[j]
	k := o.classes[c.class]
	ring := o.ringOf(c)
	w := Why{Score: o.score(c), Waited: o.now - c.arrival, Idle: o.now - a.idleAt, SkillSum: o.skillSum(k, a), From: uint8(why)}
	if s := k.n.Rings[ring].Sites; s != nil {
		w.SiteCost = len(s)
		if at := slices.Index(s, a.p.Site); at >= 0 {
			w.SiteCost = at
		}
	}
	for _, x := range o.calls {
		if x.class == c.class && x.state == "waiting" {
			w.Waiting++
		}
	}
	for n, x := range o.agents {
		if x.state == "free" {
			continue
		}
		site, _ := oSuitsRing(k.n, ring, x.p)
		switch {
		case oSuits(k.n, ring, x.p):
			w.Considered++
			if x.state != "available" {
				w.NotReady++
			} else if n != i && slices.Contains(c.declined, n) {
				w.Declined++
			}
		case !oServes(k.n, x.p):
			w.NoQueue++
		case !site:
			w.NoSite++
		default:
			w.NoSkill++
		}
	}
	c.state, c.agent, a.state, a.call = "offered", i, "offered", j
	if k.n.Strategy == RoundRobin {
		k.last = i
	}
	o.offers = append(o.offers, oOffer{j, i, ring, w})
}

// settle matches the calls of a class, oldest first.
func (o *oracle) settle(class int, why Trigger) {
	for again := true; again; {
		again = false
		order := []int{}
		for i, c := range o.calls {
			if c.class == class && c.state == "waiting" {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(o.calls[a].arrival, o.calls[b].arrival) })
		for _, i := range order {
			if a := o.agentFor(o.calls[i]); a >= 0 {
				again = o.matchAgent(a, why)
				break
			}
		}
	}
}

func (o *oracle) enter(class int, arrival int64) {
	o.calls = append(o.calls, &oCall{class: class, arrival: arrival, state: "waiting", agent: -1})
	o.settle(class, Arrival)
}

func (o *oracle) ready(i int, anew bool) {
	a := o.agents[i]
	if a.state == "available" {
		return
	}
	if a.state == "serving" {
		a.busy += o.now - a.busyAt
	}
	if anew || a.order == 0 {
		o.orders++
		a.order, a.idleAt = o.orders, o.now
	}
	a.state = "available"
	o.matchAgent(i, FreedAgent)
}

func (o *oracle) release(i int, state string) {
	o.agents[i].state = state
	if o.agents[i].gone {
		o.agents[i].state = "free"
	}
}

func (o *oracle) accept(j int) {
	c := o.calls[j]
	c.state = "served"
	a := o.agents[c.agent]
	a.calls++
	a.busyAt = o.now
	o.release(c.agent, "serving")
}

func (o *oracle) decline(j int) {
	c := o.calls[j]
	c.state = "waiting"
	c.declined = append(c.declined, c.agent)
	if len(c.declined) > remembered {
		c.declined = c.declined[1:]
	}
	o.release(c.agent, "notready")
	o.settle(c.class, Declined)
}

func (o *oracle) abandon(j int) {
	c := o.calls[j]
	if c.state == "offered" {
		o.release(c.agent, "notready")
	}
	c.state = "gone"
}

func (o *oracle) tick(to int64) {
	o.now = to
	for k := range o.classes {
		o.settle(k, RingOpened)
	}
}

func (o *oracle) gauges(class int) (waiting int, oldest int64, perRing []int) {
	perRing = make([]int, len(o.classes[class].n.Rings))
	for _, c := range o.calls {
		if c.class == class && c.state == "waiting" {
			waiting++
			oldest = max(oldest, o.now-c.arrival)
			perRing[o.ringOf(c)]++
		}
	}
	return waiting, oldest, perRing
}

func (o *oracle) position(j int) int {
	c := o.calls[j]
	if c.state != "waiting" {
		return 0
	}
	n := 1
	for i, x := range o.calls {
		if x.class == c.class && x.state == "waiting" && (x.arrival < c.arrival || x.arrival == c.arrival && i < j) {
			n++
		}
	}
	return n
}

const second = int64(time.Second)
