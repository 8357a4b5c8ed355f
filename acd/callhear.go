package acd

// Sound is what is played to a party that hears nobody.
type Sound uint8

const (
	Silence Sound = iota
	Music
	Ringback
)

// Hears is what one party hears: the parties of From, or, when there are none,
// a sound.
type Hears struct {
	Party Party
	From  []Party
	Play  Sound
}

// Hearing says who hears whom, as a function of everything else, so that
// whatever the way a conversation has come, it sounds the same. A party whose
// phone holds us neither hears nor is heard: what its phone may play is not
// passed on, since ours is. The order is that of the roles.
func (c *Call) Hearing() []Hears {
	var out []Hears
	if c.state >= Ending {
		return out
	}
	for _, p := range [...]Party{CallerParty, AgentParty, LineParty, SecondParty, SupervisorParty} {
		if !c.there(p) {
			continue
		}
		h := Hears{Party: p}
		if !c.holding[roleOf[p]] {
			h.From = c.heardBy(p)
			if len(h.From) == 0 {
				h.Play = c.playedTo(p)
			}
		}
		out = append(out, h)
	}
	return out
}

// there reports whether a party has sound at all.
func (c *Call) there(p Party) bool {
	switch p {
	case CallerParty:
		return c.state != Summoning
	case AgentParty:
		return c.state == Talking || c.state == Dialling
	case LineParty:
		return c.second.line && (c.second.stage >= SecondJoined || c.second.plan != nil)
	case SecondParty:
		return c.second.stage >= SecondJoined
	case SupervisorParty:
		return c.watch.up
	}
	return false
}

// heardBy lists who p hears.
func (c *Call) heardBy(p Party) []Party {
	var out []Party
	for _, q := range [...]Party{CallerParty, AgentParty, LineParty, SecondParty, SupervisorParty} {
		if q != p && c.there(q) && !c.holding[roleOf[q]] && c.together(p, q) {
			out = append(out, q)
		}
	}
	return out
}

// together reports whether p is meant to hear q.
func (c *Call) together(p, q Party) bool {
	if p == SupervisorParty {
		return true
	}
	if q == SupervisorParty {
		switch c.watch.mode {
		case Whisper:
			return p == AgentParty || p == LineParty
		case Barge:
			return p != CallerParty || !c.parked
		}
		return false
	}
	if c.second.stage == InConference {
		return !(p == AgentParty && q == LineParty || p == LineParty && q == AgentParty)
	}
	pair := func(a, b Party) bool { return p == a && q == b || p == b && q == a }
	switch {
	case c.state == Dialling: // early media
		return p == AgentParty && q == CallerParty && !c.fetched
	case c.second.stage == SecondJoined && !c.second.line:
		return pair(AgentParty, SecondParty)
	case c.second.stage == SecondJoined:
		return pair(CallerParty, AgentParty) || pair(LineParty, SecondParty)
	}
	return pair(CallerParty, AgentParty) && !c.parked
}

// playedTo is what a party that hears nobody is played.
func (c *Call) playedTo(p Party) Sound {
	switch c.state {
	case Handing:
		if p == CallerParty {
			return Ringback
		}
	case Dialling:
		if p == AgentParty && c.fetched {
			return Ringback
		}
	case Talking:
		switch {
		case p == AgentParty && c.parked && c.second.stage == SecondCalled && c.second.plan == nil:
			return Ringback // until the second party answers
		case p != SupervisorParty:
			return Music
		}
	}
	return Silence
}
