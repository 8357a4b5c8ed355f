package acd

import "time"

// Miss is the treatment of an agent who did not take an offer for one reason.
//
// Offers missed in a row are counted over all reasons that have a limit. One
// that brings the count to its reason's limit takes the agent out; below that,
// and for a reason without a limit, the agent only rests for Delay.
type Miss struct {
	Limit  int           // 0: such a miss never takes an agent out, and is not counted
	Delay  time.Duration // rest before the next offer; 0: none
	Return time.Duration // how long a taken out agent stays out; 0: until it says that it is ready
}

// Rona is a queue's policy for offers that ring on no answer and their like
// (redirection on no answer). It is immutable and shared.
type Rona struct {
	NoAnswer, Rejected, Busy, Unreachable Miss
	// KeepCount: only an answered call ends the count. Otherwise the agent's
	// own word that it is ready does too, and so does its phone's return.
	KeepCount bool
}

// DefaultRona: nobody was there or somebody refused, so a person has to say
// that it is over. A phone that was busy with another call or out of reach is
// tried again by itself.
var DefaultRona = Rona{NoAnswer: Miss{Limit: 1}, Rejected: Miss{Limit: 1},
	Busy: Miss{Delay: 15 * time.Second}, Unreachable: Miss{Delay: 30 * time.Second}}

// of gives the treatment of a cause; false: such an end is no miss.
func (r *Rona) of(why Cause) (Miss, bool) {
	switch why {
	case NoAnswer:
		return r.NoAnswer, true
	case Rejected:
		return r.Rejected, true
	case Busy:
		return r.Busy, true
	case Unreachable:
		return r.Unreachable, true
	case NoMedia:
		return Miss{Delay: time.Second}, true // our want of a port, which may soon be free; the phone was never asked
	}
	return Miss{}, false
}

// missed applies the policy of the queue whose offer came to nothing.
func (a *Agent) missed(now Instant, policy *Rona, why Cause) {
	if policy == nil {
		policy = &DefaultRona
	}
	m, missed := policy.of(why)
	if !missed || a.wish != WishReady {
		return
	}
	a.keepCount = policy.KeepCount
	a.fresh = true
	if m.Limit > 0 {
		a.misses++
		if a.misses >= m.Limit {
			a.rest(string(why), after(now, m.Return))
			return
		}
	}
	if m.Delay > 0 {
		a.rest(string(why), now.Mono+m.Delay)
	}
}

// after is the moment d from now; never for 0.
func after(now Instant, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return now.Mono + d
}

// Misses is how many offers in a row the agent has missed that count.
func (a *Agent) Misses() int { return a.misses }
