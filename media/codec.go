package media

import "fmt"

// Codec is an audio coding a leg can have agreed to. Both are G.711 (RFC 3551,
// section 4.5.14): one octet a sample, 8000 samples a second.
type Codec uint8

const (
	// PCMU is G.711 µ-law, static payload type 0. It is the zero value.
	PCMU Codec = iota
	// PCMA is G.711 A-law, static payload type 8.
	PCMA
)

// ClockRate is the RTP clock and sample rate of every codec here, in Hz.
const ClockRate = 8000

// PayloadType returns the codec's static payload type (RFC 3551, table 4).
func (c Codec) PayloadType() uint8 {
	if c == PCMA {
		return 8
	}
	return 0
}

// String returns the codec's encoding name as in an rtpmap.
func (c Codec) String() string {
	switch c {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	}
	return fmt.Sprintf("Codec(%d)", uint8(c))
}
