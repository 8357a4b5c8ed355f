package sip

import (
	"sync"

	"switchroom/sip/auth"
)

// trunk is one entry of a plan with the state that outlives reloads.
type trunk struct {
	cfg    Trunk
	target *target // nil: no calls out
	state  *trunkState
}

// trunkState is what a trunk is at, across reloads.
type trunkState struct {
	mu    sync.Mutex
	inUse int
	creds *credentials
	login [2]string // what creds were made of
}

// trunkState finds or makes the state of a trunk. The credentials follow the
// configuration.
func (ua *UA) trunkState(t *Trunk) *trunkState {
	ua.trunksMu.Lock()
	defer ua.trunksMu.Unlock()
	s := ua.trunkStates[t.ID]
	if s == nil {
		s = &trunkState{}
		ua.trunkStates[t.ID] = s
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if login := [2]string{t.Username, t.Password}; login != s.login {
		s.login, s.creds = login, nil
		if t.Username != "" {
			s.creds = newCredentials(auth.Credentials{Username: t.Username, Password: t.Password})
		}
	}
	return s
}

func (t *trunk) credentials() *credentials {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	return t.state.creds
}

// take occupies a channel; false when all are in use.
func (t *trunk) take() bool {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	if t.cfg.Channels > 0 && t.state.inUse >= t.cfg.Channels {
		return false
	}
	t.state.inUse++
	return true
}

func (s *trunkState) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse--
}
