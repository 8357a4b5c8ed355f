package sdp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"switchroom/media"
)

// Packet lengths in ms. What is agreed lies within what the engine can make.
const (
	ptimeDefault = 20
	ptimeLow     = 10
	ptimeHigh    = 60
	ptimeMax     = 1000 // beyond: nonsense
)

// encoding is what a payload type stands for.
type encoding struct {
	name     string // lower case
	clock    int
	channels int
}

// static are the payload types of RFC 3551, table 4, that need no rtpmap
// among those that we know.
var static = map[uint8]encoding{
	0:  {"pcmu", media.ClockRate, 1},
	8:  {"pcma", media.ClockRate, 1},
	13: {"cn", media.ClockRate, 1},
}

// audio is an audio stream as it was understood.
type audio struct {
	types    []uint8 // as listed, no doubles
	codings  map[uint8]encoding
	ptime    int // ms, 0: not said
	maxptime int // ms, 0: not said
	dir      Direction
	rtcpPort uint16      // 0: the port after RTP's
	rtcpConn *connection // nil: where RTP goes
	cryptos  []crypto    // in the peer's order
}

// plainRTP is whether the transport is one that we speak. With RTP/AVPF we do
// what RFC 4585 leaves to a receiver: we send no early feedback.
func (s *stream) plainRTP() bool { return s.proto == "RTP/AVP" || s.proto == "RTP/AVPF" }

// readAudio interprets formats and attributes. Numbers out of range are
// errors; a mapping that can't be read leaves its payload type without one.
func readAudio(s *stream, session Direction) (*audio, error) {
	a := &audio{codings: make(map[uint8]encoding), dir: session}
	seen := make(map[uint8]bool)
	for _, f := range s.formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			return nil, fmt.Errorf("payload type %q", f)
		}
		if !seen[uint8(pt)] {
			seen[uint8(pt)] = true
			a.types = append(a.types, uint8(pt))
		}
	}
	for _, attr := range s.attrs {
		if err := a.attribute(attr); err != nil && !attr.cut {
			return nil, err
		}
	}
	for _, pt := range a.types {
		if _, mapped := a.codings[pt]; !mapped {
			if coding, ok := static[pt]; ok {
				a.codings[pt] = coding
			}
		}
	}
	if s.conn.held() {
		a.dir = direction(a.dir.Sends(), false)
	}
	return a, nil
}

func (a *audio) attribute(attr attribute) (err error) {
	if dir, ok := parseDirection(attr.key); ok {
		a.dir = dir
		return nil
	}
	switch attr.key {
	case "rtpmap":
		a.rtpmap(attr.value)
	case "ptime":
		a.ptime, err = parsePtime(attr.value)
	case "maxptime":
		a.maxptime, err = parsePtime(attr.value)
	case "rtcp":
		err = a.rtcp(attr.value)
	case "crypto":
		a.crypto(attr.value)
	}
	return err
}

// rtpmap reads "101 telephone-event/8000" and "96 opus/48000/2".
func (a *audio) rtpmap(value string) {
	number, mapping, _ := strings.Cut(value, " ")
	pt, err := strconv.ParseUint(number, 10, 7)
	parts := strings.Split(strings.TrimSpace(mapping), "/")
	if err != nil || len(parts) < 2 || len(parts) > 3 {
		return
	}
	coding := encoding{name: strings.ToLower(parts[0]), channels: 1}
	if coding.clock, err = strconv.Atoi(parts[1]); err != nil {
		return
	}
	if len(parts) == 3 {
		if coding.channels, err = strconv.Atoi(parts[2]); err != nil {
			return
		}
	}
	if _, twice := a.codings[uint8(pt)]; !twice {
		a.codings[uint8(pt)] = coding
	}
}

// rtcp reads "53020" and "53020 IN IP4 126.16.64.4" (RFC 3605).
func (a *audio) rtcp(value string) error {
	number, where, named := strings.Cut(value, " ")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return fmt.Errorf("rtcp %q", value)
	}
	a.rtcpPort = uint16(port)
	if named {
		c, ok := parseConnection(where)
		if !ok {
			return fmt.Errorf("rtcp %q", value)
		}
		a.rtcpConn = &c
	}
	return nil
}

func parsePtime(value string) (int, error) {
	ptime, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || ptime < 1 || ptime > ptimeMax {
		return 0, fmt.Errorf("packet time %q", value)
	}
	return ptime, nil
}

// find is the first payload type in the peer's order that stands for coding.
func (a *audio) find(coding encoding) (uint8, bool) {
	for _, pt := range a.types {
		if a.codings[pt] == coding {
			return pt, true
		}
	}
	return 0, false
}

func codecCoding(c media.Codec) encoding {
	return encoding{strings.ToLower(c.String()), media.ClockRate, 1}
}

var (
	eventCoding = encoding{"telephone-event", media.ClockRate, 1}
	noiseCoding = encoding{"cn", media.ClockRate, 1}
)

// packetTime is the packet length to use with a peer that said what it wants
// to receive, when `own` is what we would choose.
func (a *audio) packetTime(own int) int {
	ptime := own
	if a.ptime != 0 {
		ptime = a.ptime
	}
	if a.maxptime != 0 {
		ptime = min(ptime, a.maxptime)
	}
	return max(ptimeLow, min(ptime, ptimeHigh))
}

// rtcpTarget is where the peer wants its RTCP. Like RTP's, it is invalid while
// the address says hold.
func (s *stream) rtcpTarget(local netip.Addr) (netip.AddrPort, error) {
	conn, port := *s.conn, s.audio.rtcpPort
	if s.audio.rtcpConn != nil {
		conn = *s.audio.rtcpConn
	}
	if port == 0 {
		if s.port == 0xFFFF {
			return netip.AddrPort{}, nil // there is no port after the last
		}
		port = s.port + 1
	}
	return conn.target(port, local)
}
