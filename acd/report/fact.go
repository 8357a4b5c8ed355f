package report

import "time"

// Outcome is how a call's visit to a queue ended.
type Outcome string

// The outcomes of a visit.
const (
	Waiting   Outcome = "waiting"   // it has not ended
	WasServed Outcome = "answered"  // an agent and the caller heard each other
	WasLost   Outcome = "abandoned" // the caller gave up
	FlowedOut Outcome = "flow-out"  // overflow, max wait, queue full, released, cut off
)

// Visit is one stay of a call in a queue. Wait runs from entering it until
// the outcome, or until now.
type Visit struct {
	Call    string
	Queue   string
	Client  string
	Trunk   string
	Agent   string // who answered
	Site    string
	Entered time.Time
	Wait    time.Duration
	Outcome Outcome
	Cause   string
}

// Ended is when the outcome happened.
func (v Visit) Ended() time.Time { return v.Entered.Add(v.Wait) }

// Level is the service level a visit is judged by: T and s.
type Level struct {
	Within time.Duration // T
	Short  time.Duration // s: an abandon with less wait is a wrong number
	Target int           // percent within T that were promised; 0: nothing was
}

// ShortAbandon is the usual s.
const ShortAbandon = 5 * time.Second

// levelEvent is when the visit got its service-level event: answered,
// abandoned, or T passed, whichever came first. ok is false when it has none:
// a short abandon, a call that flowed out or still waits within T.
func (v Visit) levelEvent(l Level) (at time.Time, ok bool) {
	switch {
	case v.Outcome == WasLost && v.Wait < l.Short:
		return time.Time{}, false
	case v.Wait > l.Within:
		return v.Entered.Add(l.Within), true
	case v.Outcome == WasServed || v.Outcome == WasLost:
		return v.Ended(), true
	}
	return time.Time{}, false
}

// Count adds what of the visit happened from from on and before to.
func (c *Counts) Count(v Visit, l Level, from, to time.Time) {
	inside := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	if at, ok := v.levelEvent(l); ok && inside(at) {
		c.LevelEvents++
	}
	if v.Outcome != Waiting && inside(v.Ended()) {
		c.ended(v, l)
	}
}

// ended counts how a visit ended.
func (c *Counts) ended(v Visit, l Level) {
	switch v.Outcome {
	case WasServed:
		c.Answered++
		if v.Wait <= l.Within {
			c.AnsweredWithin++
		}
	case WasLost:
		c.Abandoned++
		switch {
		case v.Wait < l.Short:
			c.ShortAbandons++
		case v.Wait <= l.Within:
			c.AbandonWithin++
		}
	default:
		c.FlowOut++
	}
}

// Connected is the outcome of an offer that the agent took; others are causes.
const Connected = "connected"

// Offer is one offer of a call to an agent that has ended.
type Offer struct {
	Queue, Client, Site, Agent, Trunk string
	Ended                             time.Time
	Outcome                           string // connected, no-answer, caller-gone, busy ...
}

// Handle is one stretch in which an agent talked with a caller.
type Handle struct {
	Queue, Client, Site, Agent, Trunk string
	Ended                             time.Time
	Talk, Hold                        time.Duration // Talk without Hold
}

// Use is the time for which a call took up a line of its trunk.
type Use struct {
	Queue, Client, Site, Agent, Trunk string
	Start                             time.Time
	Length                            time.Duration
}

// Spell is one stretch of an agent's state. Lasts: it has not ended, and
// Length is what it has lasted until now.
type Spell struct {
	Queue, Client, Trunk string // of the call it belongs to
	Site, Agent          string
	State                string
	Start                time.Time
	Length               time.Duration
	Lasts                bool
}
