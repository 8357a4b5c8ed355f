package media

import "net/netip"

// learnMax bounds the packets that a leg takes before its source is settled.
const learnMax = 5

// oldFor is how long after a Connect the source of before is not learned
// again, so that its last packets don't win the new window, ns.
const oldFor = 2e9

// trust ranks a source. A better one displaces a worse one.
type trust uint8

const (
	stranger trust = iota // never accepted
	learned               // an address agreed to, another port
	agreed                // exactly what the session description says
)

// source decides from whom a leg takes packets and where it sends.
//
//	 Connect
//	    |
//	    v    learnMax packets of one source
//	learning ------------------------------> settled (learned)
//	    |                                        |
//	    +----------> settled (agreed) <----------+
//	a packet from the agreed address and port
//
// While learning, the first acceptable source is the candidate; only a better
// ranked one takes its place. A settled source is moved by Connect alone, but
// for the address and port of the session description itself, which the peer
// has named and is always right.
type source struct {
	remote netip.AddrPort // from the description; invalid: not connected
	learn  netip.Addr     // where its signalling comes from; may be invalid

	old      netip.AddrPort // the source before this Connect
	oldUntil int64          // and until when it is refused

	current netip.AddrPort // candidate or settled source; invalid: none came
	rank    trust
	taken   int // packets of the candidate
	settled bool
}

// connect opens a new learning window, in which the source of before is at
// first only accepted if the description names it again. An unchanged
// description (a session refresh, hold and resume) keeps what was learned.
// It tells whether the target may have changed.
func (s *source) connect(remote netip.AddrPort, learn netip.Addr, now int64) bool {
	if remote == s.remote && learn == s.learn {
		return false
	}
	*s = source{remote: remote, learn: learn, old: s.current, oldUntil: now + oldFor}
	return true
}

// target is where packets go: the source if one is known, else the description.
func (s *source) target() netip.AddrPort {
	if s.current.IsValid() {
		return s.current
	}
	return s.remote
}

// admit tells whether a packet from src is taken, and whether that changed the
// target or settled it. Only what is valid RTP or RTCP may be shown to it.
func (s *source) admit(src netip.AddrPort, now int64) (ok, moved bool) {
	if src == s.current {
		if s.settled {
			return true, false
		}
		s.taken++
		s.settled = s.taken >= learnMax
		return true, s.settled
	}
	rank := s.rankOf(src, now)
	if rank <= s.rank || s.settled && rank < agreed {
		return false, false
	}
	s.current, s.rank, s.taken = src, rank, 1
	s.settled = rank == agreed
	return true, true
}

func (s *source) rankOf(src netip.AddrPort, now int64) trust {
	switch {
	case !s.remote.IsValid():
		return stranger
	case src == s.remote:
		return agreed
	case src == s.old && now < s.oldUntil:
		return stranger
	case src.Addr() == s.remote.Addr(), s.learn.IsValid() && src.Addr() == s.learn:
		return learned
	}
	return stranger
}
