package sip

import (
	"fmt"
	"sync"
	"time"

	"switchroom/sip/auth"
)

// trunk is one entry of a plan with the state that outlives reloads.
type trunk struct {
	cfg    Trunk
	target *target // nil: no calls out but where we are registered
	// registrars are those of cfg.Registration.
	registrars []*target
	state      *trunkState
}

// trunkState is what a trunk is at, across reloads.
type trunkState struct {
	ua *UA
	id string

	mu     sync.Mutex
	inUse  int
	out    int    // of these, calls out
	bucket bucket // calls of this second
	creds  *credentials
	login  [2]string // what creds were made of
	health health
	// restUntil is when calls are offered again to a trunk that wanted a rest;
	// silences counts INVITEs in a row to which nothing came.
	restUntil time.Time
	silences  int
	toldUp    bool // what TrunkWatcher was told last

	registrant *registrant // keeps our registration; nil: none is kept
	regCfg     OwnRegistration
	reg        RegistrationStatus
	at         *home // where we are registered; nil: nowhere
}

// trunkState finds or makes the state of a trunk. The credentials follow the
// configuration.
func (ua *UA) trunkState(t *Trunk) *trunkState {
	ua.trunksMu.Lock()
	defer ua.trunksMu.Unlock()
	s := ua.trunkStates[t.ID]
	if s == nil {
		s = &trunkState{ua: ua, id: t.ID, toldUp: !t.Registration.asked()}
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

// take occupies a channel: ErrChannels when all are in use, ErrRate when too
// many calls were set up just now.
func (t *trunk) take(now time.Time, out bool) error {
	s := t.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.cfg.Channels > 0 && s.inUse >= t.cfg.Channels {
		return fmt.Errorf("trunk %s: %w", t.cfg.ID, ErrChannels)
	}
	if out && t.cfg.ChannelsOut > 0 && s.out >= t.cfg.ChannelsOut {
		return fmt.Errorf("trunk %s: calls out: %w", t.cfg.ID, ErrChannels)
	}
	if t.cfg.Rate > 0 && !s.bucket.take(now, t.cfg.Rate, max(t.cfg.Rate, 1)) {
		return fmt.Errorf("trunk %s: %w", t.cfg.ID, ErrRate)
	}
	s.inUse++
	if out {
		s.out++
	}
	return nil
}

func (s *trunkState) release(out bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse--
	if out {
		s.out--
	}
}
