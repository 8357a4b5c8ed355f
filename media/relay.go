package media

import (
	"net/netip"

	"switchroom/media/g711"
)

// payload is what a packet carries.
type payload uint8

const (
	unexpected payload = iota
	audio
	telephoneEvent // RFC 4733
	comfortNoise   // RFC 3389
)

// eventOffered is the telephone-event type of our own offers: a peer may
// answer with a type of its own to be sent, and send this one (RFC 3264, 6.1).
const eventOffered = 101

// noiseType is the static payload type of comfort noise.
const noiseType = 13

// classify tells what a payload type means on leg. Both laws are always
// understood: a peer may use any codec of the agreed list without notice.
func (leg *Leg) classify(pt uint8) (payload, Codec) {
	p := &leg.params
	switch {
	case pt == p.PayloadType:
		return audio, p.Codec
	case pt == p.DTMFPayloadType && pt != 0, pt == eventOffered:
		return telephoneEvent, 0
	case pt == PCMU.PayloadType():
		return audio, PCMU
	case pt == PCMA.PayloadType():
		return audio, PCMA
	case pt == noiseType, pt == p.CNPayloadType && pt != 0:
		return comfortNoise, 0
	}
	return unexpected, 0
}

// receive takes one datagram from leg's RTP or RTCP port. b is the driver's and
// may be changed. at is when it arrived, now or before.
func (l *loop) receive(leg *Leg, control bool, src netip.AddrPort, b []byte, now, at int64) {
	defer l.guard(leg)
	l.now, l.at = now, at
	l.count.PacketsIn++
	if !leg.alive {
		return
	}
	if leg.secure != nil {
		if b = l.unseal(leg, control, src, b); b == nil {
			return
		}
	}
	if control {
		l.receiveReport(leg, src, b)
		return
	}
	h := &l.head
	if !h.parse(b) {
		l.refuseMalformed(leg, src, &leg.source)
		return
	}
	if l.admit(leg, src) {
		l.relay(leg, h, b)
	}
}

// admit asks leg's source about src and follows what it learned.
func (l *loop) admit(leg *Leg, src netip.AddrPort) bool {
	ok, moved := leg.source.admit(src, l.now)
	switch {
	case ok && moved:
		l.follow(leg, src)
	case !ok:
		l.refuseStranger(leg, &leg.source, src)
	}
	return ok
}

// refuseStranger counts a packet from a source that from doesn't take.
func (l *loop) refuseStranger(leg *Leg, from *source, src netip.AddrPort) {
	if !leg.connected || src == from.old {
		// Ahead of its signalling, or from where it was before: no attack.
		leg.count.Unwanted++
		return
	}
	l.foreign(leg)
}

// follow sends to the source that was learned or settled.
func (l *loop) follow(leg *Leg, src netip.AddrPort) {
	leg.rtp.aim(src)
	if leg.source.settled {
		leg.rtp.pin()
	}
	// A phone that RTP had to be learned of has RTCP elsewhere too than its
	// description says; beside its RTP is the best guess until it reports.
	if !leg.control.current.IsValid() && src.Addr() != leg.source.remote.Addr() && src.Port() < 65535 {
		leg.rtcp.aim(netip.AddrPortFrom(src.Addr(), src.Port()+1))
	}
}

func (l *loop) foreign(leg *Leg) {
	leg.count.Foreign++
	l.count.Foreign++
	leg.watchdog.foreign++
}

func (l *loop) refuseMalformed(leg *Leg, src netip.AddrPort, from *source) {
	leg.count.Malformed++
	l.count.Malformed++
	if src != from.current && from.rankOf(src, l.now) == stranger {
		l.refuseStranger(leg, from, src)
	}
}

// relay handles an RTP packet from leg's peer: to the other side first, to the
// tap second.
func (l *loop) relay(leg *Leg, h *header, b []byte) {
	leg.heard(l)
	if !leg.params.Recv {
		leg.count.Unwanted++
		return
	}
	number, verdict := leg.in.accept(h, l.at, &l.runs)
	if !leg.passes(verdict) {
		l.count.Dropped++
		return
	}
	leg.count.Received++
	leg.count.ReceivedBytes += uint64(h.end - h.start)
	if leg.watchdog.first {
		leg.watchdog.first = false
		leg.session.emit(Event{Leg: leg, Kind: FirstPacket})
	}
	kind, codec := leg.classify(h.payload)
	if kind == audio && h.start == h.end {
		kind = unexpected // a keepalive (RFC 6263, section 4.4)
	}
	switch kind {
	case unexpected:
		leg.count.Unexpected++
		leg.skip(number)
	case telephoneEvent:
		l.forward(leg, h, b, number, kind, codec)
		l.hearKey(leg, h, b[h.start:h.end])
	case comfortNoise:
		l.forward(leg, h, b, number, kind, codec)
	case audio:
		l.forward(leg, h, b, number, kind, codec)
		if leg.voice != nil || leg.keys.detector != nil {
			l.hear(leg, h, b[h.start:h.end], codec)
		}
		l.tap(leg, h, b, codec)
	}
}

// passes counts a verdict and tells whether the packet goes on.
func (leg *Leg) passes(v verdict) bool {
	switch v {
	case fresh:
		return true
	case late:
		leg.count.Late++
		return true
	case duplicate:
		leg.count.Duplicate++
	case tooLate, suspect:
		leg.count.TooLate++
	}
	return false
}

// skip tells who hears leg that a packet is left out on purpose.
func (leg *Leg) skip(number uint32) {
	if to := leg.peer; to != nil {
		to.out.skip(leg.in.run, number)
	}
}

// forward sends a packet of from to its bridge, renumbered in place: the new
// header is put right before the payload, over what the old one ended with.
func (l *loop) forward(from *Leg, h *header, b []byte, number uint32, kind payload, codec Codec) {
	to := from.peer
	if to == nil {
		return
	}
	if to.play.run != 0 || !to.sendable() {
		to.out.cut(from.in.run)
		return
	}
	pt, length := to.outgoing(kind, uint32(h.end-h.start))
	if kind != audio && pt == 0 {
		to.out.skip(from.in.run, number)
		return
	}
	out := header{payload: pt}
	s := sample{run: from.in.run, number: number, timestamp: h.timestamp, length: length,
		event: kind == telephoneEvent, marker: h.marker}
	if !to.out.number(s, l.now, &out) {
		l.count.Dropped++
		return
	}
	packet := b[h.start-headerLen : h.end]
	if kind == audio && codec != to.params.Codec {
		// Elsewhere, since the tap is to hear what was received.
		packet = l.out[:headerLen+h.end-h.start]
		transcode(packet[headerLen:], b[h.start:h.end], codec)
	}
	out.put(packet)
	l.send(to, packet)
}

// outgoing is the payload type of a kind towards leg, 0 if there is none but
// for audio, and the length in ticks of a packet of it.
func (leg *Leg) outgoing(kind payload, octets uint32) (pt uint8, length uint32) {
	switch kind {
	case telephoneEvent:
		return leg.params.DTMFPayloadType, frameTicks
	case comfortNoise:
		return leg.params.CNPayloadType, frameTicks
	}
	return leg.params.PayloadType, octets
}

// transcode writes src, coded in from, to dst in the other law.
func transcode(dst, src []byte, from Codec) {
	if from == PCMU {
		g711.ULawToALaw(dst, src)
	} else {
		g711.ALawToULaw(dst, src)
	}
}

// send sends an RTP packet to leg's peer.
func (l *loop) send(leg *Leg, packet []byte) {
	octets := len(packet) - headerLen
	if leg.secure != nil {
		packet = l.seal(leg, false, packet)
	}
	if packet == nil || !leg.rtp.send(packet) {
		leg.count.SendErrors++
		l.count.SendErrors++
		return
	}
	l.count.PacketsOut++
	leg.out.packets++
	leg.out.octets += uint64(octets)
	leg.watchdog.sentAt = l.now
}

// hear gives a packet's sound to those who need its samples.
func (l *loop) hear(leg *Leg, h *header, body []byte, codec Codec) {
	pcm := l.pcm[:min(len(body), len(l.pcm))]
	if codec == PCMA {
		g711.DecodeALaw(pcm, body)
	} else {
		g711.DecodeULaw(pcm, body)
	}
	if leg.voice != nil {
		leg.voice.write(leg.in.run, h.timestamp, pcm, ticks(l.now))
	}
	if leg.keys.detector != nil {
		l.searchTones(leg, pcm)
	}
}

func (l *loop) tap(leg *Leg, h *header, b []byte, codec Codec) {
	t, ear := leg.session.tap, leg.session.ear
	if t == nil || ear != nil && ear != leg && !ear.listensTo(leg) {
		return
	}
	l.frame = Frame{
		Side: leg.side, Codec: codec, Seq: h.seq, Timestamp: h.timestamp, SSRC: h.ssrc,
		Marker: h.marker, Arrival: l.at, Payload: b[h.start:h.end],
	}
	t.Frame(&l.frame)
}
