package media

const (
	// A loop visits each of its legs four times a second, a share of them at
	// each round, so that their reports don't go out in one burst.
	roundEvery = 50e6
	roundParts = 5
	// Where nothing flows and nobody has just been connected, as with callers
	// who wait in silence, it is once in two seconds.
	calmEvery = 400e6
	// absentMin is how late a round is that was held up from outside, as by a
	// stopped virtual machine: that time is nobody's silence.
	absentMin = 1e9
	// publishEvery counts a leg's visits between refreshed figures.
	publishEvery = 4

	foreignEvery = 5e9 // between two ForeignPackets events of a leg

	// A leg that has nothing to send sends a moment of silence all the same:
	// often at first, since some peers wait for our first packet and a phone's
	// NAT for theirs, then enough to keep a NAT's binding (RFC 6263).
	primeEvery = 200e6
	primeFor   = 5e9
	aliveEvery = 15e9
)

// rounds is a loop's housekeeping clock. at is when the next is due; 0: there
// are no legs.
type rounds struct {
	at   int64
	part int
	// seen is the packets that had come by the last round; busyAt is when one
	// found something that does not bear waiting.
	seen   uint64
	busyAt int64
}

// need starts the rounds if they rest, and makes them brisk.
func (r *rounds) need(now int64) {
	r.busyAt = now
	if r.at == 0 || r.at > now+roundEvery {
		r.at = now + roundEvery
	}
}

// every is the time to the next round. It is brisk as long as any leg may have
// been the cause.
func (r *rounds) every(now int64) int64 {
	if now-r.busyAt > 2*roundParts*roundEvery {
		return calmEvery
	}
	return roundEvery
}

// watchdog is what a leg's visits look at.
type watchdog struct {
	heardAt     int64 // last RTP or RTCP, or Connect
	sentAt      int64 // last RTP
	connectedAt int64
	first       bool // FirstPacket is owed
	silent      bool // Timeout was reported
	visits      uint8

	foreign, foreignTold uint64
	foreignAt            int64
}

func (w *watchdog) connect(now int64) {
	w.heardAt, w.connectedAt = now, now
	w.first, w.silent = true, false
}

// heard notes that the peer lives.
func (leg *Leg) heard(l *loop) {
	leg.watchdog.heardAt = l.now
	leg.watchdog.silent = false
}

// makeRounds visits a share of the legs when it is time.
func (l *loop) makeRounds() {
	r := &l.rounds
	if r.at == 0 || l.now < r.at {
		return
	}
	if late := l.now - r.at; late > absentMin {
		for _, leg := range l.legs {
			leg.watchdog.heardAt = min(leg.watchdog.heardAt+late, l.now)
		}
	}
	for i := r.part; i < len(l.legs); i += roundParts {
		l.visit(l.legs[i])
	}
	r.part = (r.part + 1) % roundParts
	l.publish()
	if r.seen != l.count.PacketsIn {
		r.seen, r.busyAt = l.count.PacketsIn, l.now
	}
	every := r.every(l.now)
	if r.at += every; r.at <= l.now {
		r.at = l.now + every
	}
	if len(l.legs) == 0 {
		r.at = 0
	}
}

// visit does what is due on a leg.
func (l *loop) visit(leg *Leg) {
	defer l.guard(leg)
	w := &leg.watchdog
	l.expireKey(leg)
	if leg.connected {
		l.checkSilence(leg)
		l.keepAlive(leg)
		l.report(leg)
	}
	if w.foreign > w.foreignTold && (w.foreignAt == 0 || l.now-w.foreignAt >= foreignEvery) {
		n := w.foreign - w.foreignTold
		w.foreignTold, w.foreignAt = w.foreign, l.now
		leg.session.emit(Event{Leg: leg, Kind: ForeignPackets, Count: n})
	}
	if w.visits++; w.visits%publishEvery == 0 || l.rounds.every(l.now) == calmEvery {
		leg.publish()
	}
}

// checkSilence reports a peer that should be heard and is not.
func (l *loop) checkSilence(leg *Leg) {
	w, timeout := &leg.watchdog, int64(l.engine.cfg.Timeout)
	if timeout < 0 || !leg.params.Recv || leg.params.Early {
		w.heardAt = l.now // starts again when the hold ends
		return
	}
	if w.silent || l.now-w.heardAt < timeout {
		return
	}
	w.silent = true
	leg.count.Timeouts++
	l.count.Timeouts++
	leg.session.emit(Event{Leg: leg, Kind: Timeout})
}

// keepAlive sends silence when nothing else was sent for a while.
func (l *loop) keepAlive(leg *Leg) {
	w := &leg.watchdog
	every := int64(aliveEvery)
	if w.first && l.now-w.connectedAt < primeFor {
		every = primeEvery
		l.rounds.busyAt = l.now
	}
	if !leg.sendable() || l.now-max(w.sentAt, w.connectedAt) < every {
		return
	}
	n := int(leg.ptime()) * ClockRate / 1000
	packet := l.out[:headerLen+n]
	silence(packet[headerLen:], leg.params.Codec)
	l.runs++
	l.sendOwn(leg, leg.params.PayloadType, packet, sample{run: l.runs, number: 1 << 16, length: uint32(n)})
}
