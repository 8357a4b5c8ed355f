package media

import (
	"encoding/binary"
	"time"
)

// RTCP packet types and sizes (RFC 3550, section 6).
const (
	senderReport   = 200
	receiverReport = 201
	description    = 202
	goodbye        = 203

	reportHead  = 8  // header and the sender's SSRC
	senderInfo  = 20 // NTP and RTP timestamps, counts
	reportBlock = 24
	cnameItem   = 1
)

// reports is a leg's RTCP: what it told its peer and what it was told.
type reports struct {
	name  [16]byte // canonical name, the same for a leg's life
	dueAt int64

	sent, received uint64
	expectedBefore uint64 // of the peer's packets, at our last report
	receivedBefore uint64
	packetsBefore  uint64 // of ours, at our last report
	heardBefore    uint64 // of the peer's, when the next report was set
	senderNTP      uint32 // middle of the NTP timestamp in the peer's last SR
	senderAt       int64  // when that came; 0: none did
	rtt            int64  // ns
	remoteLost     int32
	remoteFraction uint8
	remoteJitter   uint32 // ticks
}

// fill puts the reports' part of the figures into s.
func (r *reports) fill(s *LegStats) {
	s.ReportsReceived, s.ReportsSent = r.received, r.sent
	s.RTT = time.Duration(r.rtt)
	s.RemoteLost = int64(r.remoteLost)
	s.RemoteLoss = float64(r.remoteFraction) / 256
	s.RemoteJitter = tickTime(int64(r.remoteJitter))
}

// ntp is the 64 bit NTP timestamp of a wall clock time (section 4).
func ntp(t time.Time) uint64 {
	const from1900to1970 = 2208988800
	seconds := uint64(t.Unix()) + from1900to1970
	return seconds<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// block is a report block (section 6.4.1).
type block struct {
	ssrc     uint32
	fraction uint8
	lost     int32
	highest  uint32
	jitter   uint32
	lsr      uint32 // last SR, middle 32 bits of its NTP timestamp
	dlsr     uint32 // delay since then, 1/65536 s
}

func (k *block) put(b []byte) {
	binary.BigEndian.PutUint32(b, k.ssrc)
	binary.BigEndian.PutUint32(b[4:], uint32(k.lost)&0xffffff)
	b[4] = k.fraction
	binary.BigEndian.PutUint32(b[8:], k.highest)
	binary.BigEndian.PutUint32(b[12:], k.jitter)
	binary.BigEndian.PutUint32(b[16:], k.lsr)
	binary.BigEndian.PutUint32(b[20:], k.dlsr)
}

func (k *block) parse(b []byte) {
	k.ssrc = binary.BigEndian.Uint32(b)
	k.fraction = b[4]
	k.lost = int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8
	k.highest = binary.BigEndian.Uint32(b[8:])
	k.jitter = binary.BigEndian.Uint32(b[12:])
	k.lsr = binary.BigEndian.Uint32(b[16:])
	k.dlsr = binary.BigEndian.Uint32(b[20:])
}

// validCompound checks what section A.2 asks of a compound packet: versions,
// a report first, no padding in it, and lengths that add up. Each packet must
// also be as long as its own count says.
func validCompound(b []byte) bool {
	if len(b) < reportHead || b[0]&0xe0 != versionTwo || b[1] != senderReport && b[1] != receiverReport {
		return false
	}
	for len(b) > 0 {
		n := packetLen(b)
		if n == 0 || b[0]&0xc0 != versionTwo || n < leastLen(b) {
			return false
		}
		if b[0]&paddingBit != 0 && n != len(b) {
			return false // only the last one may be padded
		}
		b = b[n:]
	}
	return true
}

// packetLen is the length of the first packet of b; 0: it isn't whole.
func packetLen(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
	if n > len(b) {
		return 0
	}
	return n
}

func leastLen(b []byte) int {
	blocks := reportBlock * int(b[0]&0x1f)
	switch b[1] {
	case senderReport:
		return reportHead + senderInfo + blocks
	case receiverReport:
		return reportHead + blocks
	}
	return 4
}

// compound writes a compound packet: a sender report if any RTP was sent since
// the last one, else a receiver report; a report block if anything was
// received; the canonical name; and BYE at the end of a leg.
type compound struct {
	ssrc    uint32
	sender  bool
	ntp     uint64
	rtp     uint32
	packets uint32
	octets  uint32
	blocks  []block
	name    []byte
	bye     bool
}

// put writes c to b, which must be large enough, and returns its length.
func (c *compound) put(b []byte) int {
	kind, n := byte(receiverReport), reportHead
	if c.sender {
		kind = senderReport
		binary.BigEndian.PutUint64(b[n:], c.ntp)
		binary.BigEndian.PutUint32(b[n+8:], c.rtp)
		binary.BigEndian.PutUint32(b[n+12:], c.packets)
		binary.BigEndian.PutUint32(b[n+16:], c.octets)
		n += senderInfo
	}
	for i := range c.blocks {
		c.blocks[i].put(b[n:])
		n += reportBlock
	}
	putHead(b, len(c.blocks), kind, n, c.ssrc)
	n += c.putName(b[n:])
	if c.bye {
		putHead(b[n:], 1, goodbye, reportHead, c.ssrc)
		n += reportHead
	}
	return n
}

// putName writes a source description with one CNAME (section 6.5).
func (c *compound) putName(b []byte) int {
	n := reportHead
	b[n], b[n+1] = cnameItem, byte(len(c.name))
	n += 2 + copy(b[n+2:], c.name)
	end := (n + 4) &^ 3 // one to four zero octets end the chunk
	clear(b[n:end])
	putHead(b, 1, description, end, c.ssrc)
	return end
}

func putHead(b []byte, count int, kind byte, length int, ssrc uint32) {
	b[0] = versionTwo | byte(count)
	b[1] = kind
	binary.BigEndian.PutUint16(b[2:], uint16(length/4-1))
	binary.BigEndian.PutUint32(b[4:], ssrc)
}
