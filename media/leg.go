package media

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

// Leg is one party's media: a port pair that it keeps for life, the stream the
// party sends, and the stream it is sent.
type Leg struct {
	// Set at birth.
	side      Side
	port      uint16
	local     netip.AddrPort
	rtp, rtcp socket

	home atomic.Pointer[Session] // whose commands reach it, for other goroutines

	// Owned by the loop from add on.
	session *Session // the one it lives in
	alive   bool
	params  Params
	// connected: params are valid. mute: Remote may not be sent to.
	connected, mute bool
	peer            *Leg   // who hears its packets as they are; nil: nobody
	hears           []*Leg // whom it hears in a mix
	voice           *voice // what others hear of it in a mix; nil: nobody does
	source          source
	control         source  // RTCP's
	secure          *secure // nil: packets are not protected
	in              inbound
	out             outbound
	play            play
	covered         []play // what was being played when something was played over it
	presses         []play // keys that wait for the one that is down
	keys            keys
	reports         reports
	watchdog        watchdog
	count           LegStats // the counters; the rest is filled in on demand

	mu        sync.Mutex // guards published
	published LegStats
}

// Local is the leg's RTP address for our session description. RTCP is at the
// next port.
func (leg *Leg) Local() netip.AddrPort { return leg.local }

// Side says whom the leg leads to.
func (leg *Leg) Side() Side { return leg.side }

// Connect puts into effect what offer and answer agreed, at first and again
// after each new agreement.
func (leg *Leg) Connect(p Params) {
	s := leg.home.Load()
	s.post(func() {
		if s.has(leg) {
			s.loop.connect(leg, p)
		}
	})
}

// Stats returns the leg's figures as they were within the last second or so;
// the final ones after Closed.
func (leg *Leg) Stats() LegStats {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	return leg.published
}

func (leg *Leg) is(other *Leg) bool { return leg == other }

// sendable tells whether RTP may go to the peer.
func (leg *Leg) sendable() bool { return leg.connected && leg.params.Send && !leg.mute }

// publish makes the figures of now visible to Stats. On the loop.
func (leg *Leg) publish() LegStats {
	s := leg.figures()
	leg.mu.Lock()
	leg.published = s
	leg.mu.Unlock()
	return s
}

// figures completes the counters. On the loop.
func (leg *Leg) figures() LegStats {
	s := leg.count
	s.Sent, s.SentBytes = leg.out.packets, leg.out.octets
	s.Lost, s.Restarts = leg.in.lost(), leg.in.restarts
	s.Jitter = tickTime(leg.in.jitter >> 4)
	s.JitterMax = tickTime(leg.in.jitterMax >> 4)
	leg.reports.fill(&s)
	if s.Received > 0 {
		s.MOS = mos(s.Loss(), s.RTT, s.Jitter)
	}
	if s.ReportsReceived > 0 && s.Sent > 0 {
		s.RemoteMOS = mos(s.remoteLossOverall(), s.RTT, s.RemoteJitter)
	}
	return s
}
