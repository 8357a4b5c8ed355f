package media

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"
)

// reportEvery is the mean time between two reports. Each is drawn from half of
// it to one and a half (RFC 3550, section 6.3.1), the first from half of that.
const reportEvery = int64(5 * time.Second)

// silentEvery is that time while a peer that expects nothing from us has sent
// nothing either, as on hold: there is nothing to report then but that we are
// there, and we are forgotten only after five times reportEvery (section 6.3.5).
const silentEvery = 3 * reportEvery

func (r *reports) connect(now int64, rng *rand.Rand) {
	if r.dueAt == 0 {
		r.dueAt = now + reportEvery/4 + rng.Int64N(reportEvery/2)
	}
}

// report sends a report if it is due.
func (l *loop) report(leg *Leg) {
	r := &leg.reports
	if l.now < r.dueAt {
		return
	}
	every := reportEvery
	if !leg.params.Send && r.heardBefore == leg.count.Received {
		every = silentEvery
	}
	r.heardBefore = leg.count.Received
	r.dueAt = l.now + every/2 + l.rng.Int64N(every)
	l.sendReport(leg, false)
}

// sayBye tells the peer that our stream has ended (section 6.6), if it heard
// anything of it.
func (l *loop) sayBye(leg *Leg) {
	if leg.connected && leg.out.packets > 0 {
		l.sendReport(leg, true)
	}
}

func (l *loop) sendReport(leg *Leg, bye bool) {
	if !leg.control.target().IsValid() {
		return
	}
	r, out := &leg.reports, &leg.out
	c := compound{
		ssrc: out.ssrc, sender: out.packets != r.packetsBefore, bye: bye,
		ntp: ntp(time.Now()), rtp: out.current(l.now),
		packets: uint32(out.packets), octets: uint32(out.octets), name: r.name[:],
	}
	var blocks [1]block
	if leg.in.run != 0 {
		blocks[0] = leg.block(l.now)
		c.blocks = blocks[:]
	}
	r.packetsBefore = out.packets
	packet := l.out[:c.put(l.out[:])]
	if leg.secure != nil {
		packet = l.seal(leg, true, packet)
	}
	if packet != nil && leg.rtcp.send(packet) {
		r.sent++
	}
}

// block reports on what the peer sent since the last report.
func (leg *Leg) block(now int64) block {
	r, in := &leg.reports, &leg.in
	expected, received := in.totals()
	k := block{ssrc: in.ssrc, highest: in.high - 1<<16, jitter: uint32(in.jitter >> 4)}
	k.lost = int32(max(min(int64(expected)-int64(received), 0x7fffff), -0x800000))
	missing := int64(expected-r.expectedBefore) - int64(received-r.receivedBefore)
	if expected > r.expectedBefore && missing > 0 {
		k.fraction = uint8(min(missing*256/int64(expected-r.expectedBefore), 255))
	}
	r.expectedBefore, r.receivedBefore = expected, received
	if r.senderAt != 0 {
		k.lsr = r.senderNTP
		k.dlsr = uint32((now - r.senderAt) * 65536 / int64(time.Second))
	}
	return k
}

// receiveReport takes a datagram from leg's RTCP port.
func (l *loop) receiveReport(leg *Leg, src netip.AddrPort, b []byte) {
	if !validCompound(b) {
		l.refuseMalformed(leg, src, &leg.control)
		return
	}
	ok, moved := leg.control.admit(src, l.now)
	if !ok {
		l.foreign(leg)
		return
	}
	if moved {
		leg.rtcp.aim(src)
	}
	leg.heard(l)
	leg.reports.received++
	now := ntp(time.Now().Add(time.Duration(l.at - l.now)))
	for len(b) > 0 {
		n := packetLen(b)
		l.readReport(leg, b[:n], uint32(now>>16))
		b = b[n:]
	}
}

// readReport reads one packet of a valid compound. now is the wall clock in
// 1/65536 s, as LSR is.
func (l *loop) readReport(leg *Leg, b []byte, now uint32) {
	n := reportHead
	switch b[1] {
	case senderReport:
		if binary.BigEndian.Uint32(b[4:]) == leg.in.ssrc {
			leg.reports.senderNTP = binary.BigEndian.Uint32(b[n+2:])
			leg.reports.senderAt = l.at
		}
		n += senderInfo
	case receiverReport:
	default:
		return // a peer's BYE ends nothing: its signalling does
	}
	for range b[0] & 0x1f {
		var k block
		k.parse(b[n:])
		n += reportBlock
		if k.ssrc == leg.out.ssrc {
			leg.reports.note(&k, now)
		}
	}
}

// note takes what the peer says of our stream.
func (r *reports) note(k *block, now uint32) {
	r.remoteLost, r.remoteFraction, r.remoteJitter = k.lost, k.fraction, k.jitter
	if k.lsr == 0 {
		return
	}
	// Section 6.4.1, figure 2: the time since our report, less what the peer kept it.
	if trip := int32(now - k.lsr - k.dlsr); trip >= 0 && trip < 60<<16 {
		r.rtt = int64(trip) * int64(time.Second) / 65536
	}
}
