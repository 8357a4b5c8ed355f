package sip

import "time"

// TrunkStatus is a trunk as it stands.
type TrunkStatus struct {
	Up           bool      // calls out may be tried
	InUse        int       // calls, both directions together
	Out          int       // of these, calls out
	RestsUntil   time.Time // it asked for a rest or was silent too often; zero or past: it does not rest
	Registration RegistrationStatus
}

// TrunkStatus tells how a trunk stands. It may be called from any goroutine.
func (ua *UA) TrunkStatus(id string) TrunkStatus {
	t := ua.plan.Load().trunks[id]
	if t == nil {
		return TrunkStatus{}
	}
	s := t.state
	s.mu.Lock()
	defer s.mu.Unlock()
	return TrunkStatus{Up: s.up(), InUse: s.inUse, Out: s.out, RestsUntil: s.restUntil, Registration: s.reg}
}

// ChannelsInUse tells how many calls a trunk carries now, both directions
// together. It may be called from any goroutine.
func (ua *UA) ChannelsInUse(trunk string) int { return ua.TrunkStatus(trunk).InUse }
