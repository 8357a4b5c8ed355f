package report

import (
	"strings"
	"time"

	"switchroom/acd"
)

// Facts are what reports are made of.
type Facts struct {
	Visits   []Visit
	Offers   []Offer
	Handles  []Handle
	Uses     []Use
	Contacts []Contact
}

// Reset empties the facts and keeps their memory.
func (f *Facts) Reset() {
	*f = Facts{f.Visits[:0], f.Offers[:0], f.Handles[:0], f.Uses[:0], f.Contacts[:0]}
}

// Outcomes by the causes that end a stay in a queue. Whatever else ends one is
// flow-out: the call was neither answered nor given up.
const (
	causeAnswered  = "answered"
	causeAbandoned = string(acd.Abandoned)
)

// OutcomeOf says how a stay in a queue ended that had this cause.
func OutcomeOf(cause string) Outcome {
	switch cause {
	case causeAnswered:
		return WasServed
	case causeAbandoned:
		return WasLost
	}
	return FlowedOut
}

// AddRecord takes the facts out of a finished call's record: each segment is
// one. So whatever a report says is the sum of records, to the millisecond.
func (f *Facts) AddRecord(c *acd.CDR) {
	at := func(offset float64) time.Time { return c.Started.Add(Duration(offset)) }
	f.Uses = append(f.Uses, Use{Queue: c.Queue, Client: c.Client, Site: c.Site, Agent: c.Agent, Trunk: c.Trunk,
		Start: c.Started, Length: Duration(c.Duration)})
	if c.Answered != nil {
		f.Contacts = append(f.Contacts, Contact{Queue: c.Queue, Client: c.Client, Site: c.Site, Agent: c.Agent, Trunk: c.Trunk,
			Caller: strings.TrimPrefix(c.From, "+"), Started: c.Started, Ended: at(c.Duration)})
	}
	for i, s := range c.Segments {
		queue := s.Queue
		if queue == "" {
			queue = c.Queue
		}
		switch s.Kind {
		case "queue":
			v := Visit{Call: c.ID, Queue: queue, Client: c.Client, Trunk: c.Trunk, Entered: at(s.Start), Wait: Duration(s.Length),
				Outcome: OutcomeOf(s.Cause), Cause: s.Cause}
			agent, site, talked := answeredBy(c, i)
			if s.Cause == "" && talked {
				v.Outcome = WasServed // of a crash: nobody was left to say why the stay ended
			}
			if v.Outcome == WasServed {
				v.Agent, v.Site = agent, site
			}
			f.Visits = append(f.Visits, v)
		case "ring":
			f.Offers = append(f.Offers, Offer{Queue: queue, Client: c.Client, Site: s.Site, Agent: s.Agent, Trunk: c.Trunk,
				Ended: at(s.Start + s.Length), Outcome: OfferOutcome(s.Cause)})
		case "talk":
			talk, hold := Duration(s.Length), held(c.Segments, s)
			f.Handles = append(f.Handles, Handle{Queue: queue, Client: c.Client, Site: s.Site, Agent: s.Agent, Trunk: c.Trunk,
				Ended: at(s.Start + s.Length), Talk: talk - hold, Hold: hold})
		}
	}
}

// OfferOutcome is the outcome of an offer whose ringing ended with the cause.
func OfferOutcome(cause string) string {
	if cause == causeAnswered {
		return Connected
	}
	return cause
}

// answeredBy finds who took the call out of the queue: whose talk begins where
// the stay ends, or else the next one's.
func answeredBy(c *acd.CDR, stay int) (agent, site string, ok bool) {
	const rounding = 0.0015                   // two times to a millisecond
	if s := c.Segments[stay]; s.Agent != "" { // its agent consulted the queue
		return s.Agent, s.Site, true
	}
	end := c.Segments[stay].Start + c.Segments[stay].Length
	for _, s := range c.Segments {
		if s.Kind == "talk" && s.Start >= end-rounding {
			return s.Agent, s.Site, true
		}
	}
	return c.Agent, c.Site, false
}

// held is the sum of the holds that lie inside a stretch of talk.
func held(all []acd.Segment, talk acd.Segment) time.Duration {
	var sum time.Duration
	for _, s := range all {
		if s.Kind == "hold" && s.Start >= talk.Start && s.Start <= talk.Start+talk.Length && (s.Agent == "" || s.Agent == talk.Agent) {
			sum += Duration(s.Length)
		}
	}
	return min(sum, Duration(talk.Length))
}

// Duration is a record's seconds, which are whole milliseconds.
func Duration(seconds float64) time.Duration {
	return time.Duration(seconds*1000+0.5) * time.Millisecond
}
