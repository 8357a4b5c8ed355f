package baseline

import (
	"slices"
	"time"

	"switchroom/queue"
)

// Call is a waiting call. Entered once.
type Call struct {
	queue.Call
	entry    uint64
	at       int // index in its class's heap, -1 when in none
	ahead    int
	state    uint8
	agent    int32
	seq      uint64
	declines uint32
	declined [remembered]int32 // agent+1
}

const (
	outside = iota
	waiting
	offered
	ended
)

const remembered = 12

// Offer is a match; the receiver answers with Accept or Decline.
type Offer struct {
	Call  *Call
	Agent int32
	Owner any
	Seq   uint64
	Ring  int
	Why   queue.Why
}

const none = int64(1<<63 - 1)

// class is a need with its index and its calls.
type class struct {
	need    queue.Need
	lead    int64
	row     [][]uint64 // per ring: the agents it admits
	count   []counts   // per ring
	byOrder []bool     // per ring: the longest idle wins
	verdict []uint16   // per agent: what was counted for it
	heap    []*Call
	inside  int // calls waiting or offered
	rr      int // agent last chosen
	retired bool
	waits   waits
	tried   trial
}

// seat is what is known of one agent besides its state.
type seat struct {
	profile queue.Profile
	owner   any
	order   uint64
	idleAt  int64
	busy    int64
	busyAt  int64
	since   int64
	calls   int64
	call    *Call
	leaving bool
}

// core is a plain sequential engine with all that the lock-free one does; its
// owner serialises.
type core struct {
	now     func() int64
	head    []int64 // per class: arrival less lead of its oldest call
	classes []*class
	state   []uint8  // per agent
	order   []uint64 // per agent, beside the state for the scan
	free    []int32  // available agents per 64
	can     [][]uint64
	seats   []*seat
	entries uint64
	orders  uint64
	seqs    uint64
	inside  int
	limit   int
	out     []Offer
	start   int64
}

const (
	idle = iota
	available
	ringing
	serving
	gone
)

func newCore(headStart time.Duration, limit int, now func() int64) core {
	return core{now: now, start: int64(headStart), limit: limit}
}

func (k *class) ring(age int64) int {
	r := len(k.need.Rings) - 1
	for r > 0 && age < int64(k.need.Rings[r].After) {
		r--
	}
	return r
}

func (e *core) set(a int32, state uint8) {
	if e.state[a] == available {
		e.free[a>>6]--
	}
	if state == available {
		e.free[a>>6]++
	}
	e.state[a] = state
}

// declinedAt gives the first note that the agent declined the call.
func (c *Call) declinedAt(a int32) uint32 {
	for i := range min(c.declines, remembered) {
		if c.declined[i] == a+1 {
			return i
		}
	}
	return remembered
}

// fit is the outcome of holding a profile against one ring.
type fit uint8

const (
	fits fit = iota
	noQueue
	noSite
	noSkill
)

func level(p *queue.Profile, s queue.Skill) uint8 {
	for _, l := range p.Skills {
		if l.Skill == s {
			return l.Level
		}
	}
	return 0
}

func fitRing(n *queue.Need, p *queue.Profile, ring int) fit {
	if p.Queues != nil && !slices.Contains(p.Queues, n.Queue) {
		return noQueue
	}
	r := &n.Rings[ring]
	if r.Sites != nil && !slices.Contains(r.Sites, p.Site) {
		return noSite
	}
	for _, s := range r.Skills {
		if level(p, s.Skill) < s.Level {
			return noSkill
		}
	}
	return fits
}

func siteCost(n *queue.Need, p *queue.Profile, ring int) int {
	s := n.Rings[ring].Sites
	if s == nil {
		return 0
	}
	if i := slices.Index(s, p.Site); i >= 0 {
		return i
	}
	return len(s)
}

func skillSum(n *queue.Need, p *queue.Profile) int {
	t := 0
	for _, s := range n.Rings[0].Skills {
		t += int(level(p, s.Skill))
	}
	return t
}
