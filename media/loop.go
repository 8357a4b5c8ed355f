package media

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"
)

// loop carries a share of the sessions. All its state but the inbox and the
// atomics belongs to the goroutine that its driver runs it on.
type loop struct {
	engine *Engine
	io     driver
	rng    *rand.Rand

	inbox inbox

	legCount, sessionCount atomic.Int64

	now      int64 // when the current packet or tick was read
	at       int64 // when the current packet arrived
	legs     []*Leg
	sessions map[*Session]struct{}
	runs     uint64 // the last number given to an inbound run or a play
	wheel    wheel
	rounds   rounds
	stopped  bool

	// Reused for each packet.
	head  header
	frame Frame
	out   [bytesMax]byte
	pcm   [mixMax]int16
	sum   [mixMax]int32
	// Made with the first leg that has keys.
	sealing *sealing

	count     Stats // counters only
	mu        sync.Mutex
	published Stats
}

func newLoop(e *Engine, d driver, rng *rand.Rand) *loop {
	return &loop{engine: e, io: d, rng: rng, sessions: make(map[*Session]struct{})}
}

// inbox holds what was asked of a loop. It is drained when the driver was
// woken, so packets never meet its lock. It grows as needed: a bound would
// make an event's receiver, which runs on the loop, wait for itself.
type inbox struct {
	mu     sync.Mutex
	queue  []func()
	spare  []func()
	called bool // somebody wakes the driver
	closed bool

	// door is held while the driver is woken: one that has ended has no
	// descriptor to write to. The loop takes it once, at its end; what it takes
	// each time it wakes is mu, so that who woke it does not keep it waiting.
	door sync.Mutex
	shut bool
}

// post runs f on the loop, after all that was posted before. False: the loop
// has ended.
func (l *loop) post(f func()) bool {
	b := &l.inbox
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.queue = append(b.queue, f)
	call := !b.called
	b.called = true
	b.mu.Unlock()
	if call {
		b.door.Lock()
		defer b.door.Unlock()
		if !b.shut {
			l.io.wake()
		}
	}
	return true
}

// postpone is post of what may wait for something that is posted after it.
func (l *loop) postpone(f func()) {
	b := &l.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.queue = append(b.queue, f)
	}
}

// commands runs what was posted.
func (l *loop) commands(now int64) {
	l.now = now
	for {
		l.inbox.mu.Lock()
		todo := l.inbox.queue
		l.inbox.called = false
		if len(todo) == 0 {
			l.inbox.closed = l.stopped
			l.inbox.mu.Unlock()
			l.lock()
			return
		}
		l.inbox.queue = l.inbox.spare[:0]
		l.inbox.mu.Unlock()
		for i, f := range todo {
			l.command(f)
			todo[i] = nil
		}
		l.inbox.spare = todo
	}
}

// lock has nobody wake a loop that has ended.
func (l *loop) lock() {
	if !l.stopped {
		return
	}
	l.inbox.door.Lock()
	defer l.inbox.door.Unlock()
	l.inbox.shut = true
}

// add makes a leg live, unless its session ended meanwhile.
func (l *loop) add(leg *Leg) {
	if leg.session.ended {
		l.release(leg)
		return
	}
	leg.alive = true
	leg.out.ssrc = l.rng.Uint32()
	leg.out.seq = uint16(l.rng.Uint32())
	leg.out.ts = l.rng.Uint32()
	leg.reports.name = cname(l.rng)
	l.rounds.need(l.now)
	leg.session.legs = append(leg.session.legs, leg)
	l.legs = append(l.legs, leg)
	if err := errors.Join(leg.rtp.watch(leg, false), leg.rtcp.watch(leg, true)); err != nil {
		// The leg stays deaf, which its timeout reports.
		l.engine.log.Error("media ports not watched", zap.Error(err))
	}
}

// connect puts p into effect.
func (l *loop) connect(leg *Leg, p Params) {
	if p.PtimeMs < 10 || p.PtimeMs > 60 {
		p.PtimeMs = 20
	}
	p.Remote = unmapped(p.Remote)
	if p.RemoteRTCP = unmapped(p.RemoteRTCP); !p.RemoteRTCP.IsValid() && p.Remote.Port() < 65535 {
		p.RemoteRTCP = netip.AddrPortFrom(p.Remote.Addr(), p.Remote.Port()+1)
	}
	p.Learn = p.Learn.Unmap()
	if p.Recv && leg.connected && !leg.params.Recv {
		leg.in.cut() // what the hold let pass was not lost
	}
	leg.params, leg.connected = p, true
	l.protect(leg, p.SRTP)
	// A hold of the old kind, without an address (RFC 3264, section 8.4), says
	// nothing of where the peer is.
	if p.Send || p.Remote.IsValid() && !p.Remote.Addr().IsUnspecified() {
		l.locate(leg, p)
	}
	l.wakePlay(leg)
	leg.keys.listen(p.InbandDTMF)
	leg.watchdog.connect(l.now)
	leg.reports.connect(l.now, l.rng)
	l.rounds.need(l.now)
}

// locate sends to where p says, if that is allowed, and learns anew.
func (l *loop) locate(leg *Leg, p Params) {
	leg.mute = l.engine.CheckRemote(p.Remote) != nil
	if leg.mute {
		p.Remote = netip.AddrPort{}
		l.count.PeersRefused++
	}
	if leg.mute || l.engine.CheckRemote(p.RemoteRTCP) != nil {
		p.RemoteRTCP = netip.AddrPort{}
	}
	if leg.source.connect(p.Remote, p.Learn, l.now) {
		leg.rtp.aim(leg.source.target())
		leg.rtp.pin()
	}
	if leg.control.connect(p.RemoteRTCP, p.Learn, l.now) {
		leg.rtcp.aim(leg.control.target())
	}
}

// remove ends a leg.
func (l *loop) remove(leg *Leg) {
	if leg.session.broken {
		l.discard(leg)
		return
	}
	l.finishKey(leg)
	l.sayBye(leg)
	l.isolate(leg)
	l.stopPlay(leg)
	leg.alive = false
	s := leg.session
	s.legs = slices.DeleteFunc(s.legs, leg.is)
	l.legs = slices.DeleteFunc(l.legs, leg.is)
	l.release(leg)
	s.emit(Event{Leg: leg, Kind: Closed, Stats: leg.publish()})
}

// release frees a leg's ports.
func (l *loop) release(leg *Leg) {
	leg.rtp.close()
	leg.rtcp.close()
	l.engine.ports.giveBack(leg.port, Now())
	l.legCount.Add(-1)
}

// end ends a session.
func (l *loop) end(s *Session) {
	if s.ended {
		return
	}
	for len(s.legs) > 0 {
		l.remove(s.legs[len(s.legs)-1])
	}
	s.ended, s.tap, s.ear = true, nil, nil
	waiting := s.waiting
	s.waiting = nil
	for _, f := range waiting { // another session may wait for a leg of this one
		f()
	}
	delete(l.sessions, s)
	l.sessionCount.Add(-1)
	s.emit(Event{Kind: SessionClosed})
}

// stop ends all sessions, and the loop.
func (l *loop) stop() {
	for s := range l.sessions {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		l.end(s)
	}
	l.stopped = true
}

// tick does what is due and returns when it wants to be called again; 0: not
// until something is asked of the loop.
func (l *loop) tick(now int64) int64 {
	l.now = now
	l.playDue()
	l.makeRounds()
	return l.deadline()
}

// deadline is when tick is next needed; 0: never.
func (l *loop) deadline() int64 {
	play, round := l.wheel.next(), l.rounds.at
	if play == 0 || round != 0 && round < play {
		return round
	}
	return play
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// addTo adds the published counters to s.
func (l *loop) addTo(s *Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Players += l.published.Players
	s.PacketsIn += l.published.PacketsIn
	s.PacketsOut += l.published.PacketsOut
	s.Foreign += l.published.Foreign
	s.Malformed += l.published.Malformed
	s.Unauthentic += l.published.Unauthentic
	s.Dropped += l.published.Dropped
	s.SendErrors += l.published.SendErrors
	s.FramesSkipped += l.published.FramesSkipped
	s.Timeouts += l.published.Timeouts
	s.PeersRefused += l.published.PeersRefused
	s.Faults += l.published.Faults
}

func (l *loop) publish() {
	l.count.Players = l.wheel.size
	l.mu.Lock()
	l.published = l.count
	l.mu.Unlock()
}
