package media

import "encoding/binary"

// The fixed header of an RTP packet (RFC 3550, section 5.1):
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|X|  CC   |M|     PT      |       sequence number         |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                           timestamp                           |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|           synchronization source (SSRC) identifier            |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
const (
	headerLen   = 12
	versionTwo  = 2 << 6
	paddingBit  = 1 << 5
	extendedBit = 1 << 4
	countMask   = 0x0f
	markerBit   = 0x80
	typeMask    = 0x7f
)

// bytesMax bounds a datagram. What is longer was cut off and is dropped.
const bytesMax = 2048

// header is what the relay reads of an RTP packet. The payload lies between
// start and end.
type header struct {
	seq        uint16
	payload    uint8
	marker     bool
	timestamp  uint32
	ssrc       uint32
	start, end int
}

// parse reads the header of b and tells whether b is an RTP packet.
func (h *header) parse(b []byte) bool {
	if len(b) < headerLen || b[0]&0xc0 != versionTwo {
		return false
	}
	h.marker = b[1]&markerBit != 0
	h.payload = b[1] & typeMask
	h.seq = binary.BigEndian.Uint16(b[2:])
	h.timestamp = binary.BigEndian.Uint32(b[4:])
	h.ssrc = binary.BigEndian.Uint32(b[8:])
	h.start, h.end = headerLen, len(b)
	if b[0]&^byte(versionTwo) == 0 {
		return true
	}
	return h.parseRest(b)
}

// parseRest skips what few senders use: contributing sources, a header
// extension (section 5.3.1), padding.
func (h *header) parseRest(b []byte) bool {
	h.start += 4 * int(b[0]&countMask)
	if b[0]&extendedBit != 0 {
		if h.start+4 > len(b) {
			return false
		}
		h.start += 4 + 4*int(binary.BigEndian.Uint16(b[h.start+2:]))
	}
	if h.start > len(b) {
		return false
	}
	if b[0]&paddingBit != 0 {
		padding := int(b[len(b)-1])
		if padding == 0 || h.start+padding > len(b) {
			return false
		}
		h.end -= padding
	}
	return true
}

// put writes the header, without extension and contributing sources, to the
// first headerLen octets of b.
func (h *header) put(b []byte) {
	_ = b[headerLen-1]
	b[0] = versionTwo
	b[1] = h.payload
	if h.marker {
		b[1] |= markerBit
	}
	binary.BigEndian.PutUint16(b[2:], h.seq)
	binary.BigEndian.PutUint32(b[4:], h.timestamp)
	binary.BigEndian.PutUint32(b[8:], h.ssrc)
}
