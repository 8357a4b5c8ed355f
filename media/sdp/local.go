package sdp

import (
	"net/netip"
	"strconv"

	pion "github.com/pion/sdp/v3"

	"switchroom/media"
)

// Local is our side of a session.
type Local struct {
	Addr      netip.Addr // where our media is, as the peer is to see it
	Port      uint16     // RTP's
	RTCPPort  uint16     // 0: Port + 1
	SessionID uint64     // one for the life of the dialog
	// Version is one more than the last one for each description that differs
	// from the one before it in the session (RFC 3264, section 8).
	Version uint64
	// Codecs in order of preference; nil: PCMU, PCMA.
	Codecs []media.Codec
	// DTMF is the payload type of telephone-events in our offers, 101 by
	// custom; an answer uses the offer's. 0: neither offered nor accepted.
	DTMF uint8
	// CN is whether comfort noise (RFC 3389, payload type 13) is offered and
	// accepted. Without it a peer has to send sound all the time.
	CN bool
	// PtimeMs is the packet length that we ask for; 0: 20. A peer that asked
	// first gets its own wish.
	PtimeMs int
	// Direction is what we want; what the peer allows may be less.
	Direction Direction
	// Security says whether packets are protected; Keys, from [NewKeys], are
	// ours, unless it is Plain.
	Security Security
	Keys     []Key
}

func (l Local) codecs() []media.Codec {
	if l.Codecs == nil {
		return []media.Codec{media.PCMU, media.PCMA}
	}
	return l.Codecs
}

func (l Local) ptime() int {
	if l.PtimeMs == 0 {
		return ptimeDefault
	}
	return max(ptimeLow, min(l.PtimeMs, ptimeHigh))
}

// format is one payload type of our audio stream with its attributes.
type format struct {
	pt     uint8
	coding string // of the rtpmap
	fmtp   string
}

func codecFormat(pt uint8, c media.Codec) format {
	return format{pt: pt, coding: c.String() + "/" + strconv.Itoa(media.ClockRate)}
}

// eventFormat lists the 16 DTMF digits (RFC 4733, section 3.2).
func eventFormat(pt uint8) format {
	return format{pt: pt, coding: "telephone-event/" + strconv.Itoa(media.ClockRate), fmtp: "0-15"}
}

func noiseFormat(pt uint8) format {
	return format{pt: pt, coding: "CN/" + strconv.Itoa(media.ClockRate)}
}

// description is our text around the streams. A t= line is repeated from the
// offer that is answered (RFC 3264, section 6).
func (l Local) description(times [][2]uint64, streams []*pion.MediaDescription) []byte {
	family := "IP4"
	if l.Addr.Unmap().Is6() {
		family = "IP6"
	}
	address := l.Addr.Unmap().String()
	d := pion.SessionDescription{
		Origin: pion.Origin{
			Username: "-", SessionID: l.SessionID, SessionVersion: l.Version,
			NetworkType: "IN", AddressType: family, UnicastAddress: address,
		},
		SessionName: "-",
		ConnectionInformation: &pion.ConnectionInformation{
			NetworkType: "IN", AddressType: family, Address: &pion.Address{Address: address},
		},
		MediaDescriptions: streams,
	}
	if len(times) == 0 {
		times = [][2]uint64{{0, 0}}
	}
	for _, t := range times {
		d.TimeDescriptions = append(d.TimeDescriptions, pion.TimeDescription{
			Timing: pion.Timing{StartTime: t[0], StopTime: t[1]},
		})
	}
	text, _ := d.Marshal() // writes into memory: its error is always nil
	return text
}

// stream is our audio stream.
func (l Local) stream(proto string, formats []format, ptime int, dir Direction, more ...pion.Attribute) *pion.MediaDescription {
	m := &pion.MediaDescription{MediaName: pion.MediaName{
		Media: "audio", Port: pion.RangedPort{Value: int(l.Port)}, Protos: []string{proto},
	}}
	for _, f := range formats {
		pt := strconv.Itoa(int(f.pt))
		m.MediaName.Formats = append(m.MediaName.Formats, pt)
		m.Attributes = append(m.Attributes, pion.NewAttribute("rtpmap", pt+" "+f.coding))
		if f.fmtp != "" {
			m.Attributes = append(m.Attributes, pion.NewAttribute("fmtp", pt+" "+f.fmtp))
		}
	}
	m.Attributes = append(m.Attributes, pion.NewAttribute("ptime", strconv.Itoa(ptime)))
	if l.RTCPPort != 0 && l.RTCPPort != l.Port+1 {
		m.Attributes = append(m.Attributes, pion.NewAttribute("rtcp", strconv.Itoa(int(l.RTCPPort))))
	}
	m.Attributes = append(m.Attributes, more...)
	m.Attributes = append(m.Attributes, pion.NewPropertyAttribute(dir.String()))
	return m
}

// refused is the stream that a peer offered and that we don't take: the same
// with port 0 (RFC 3264, section 6).
func (s *stream) refused() *pion.MediaDescription {
	return &pion.MediaDescription{MediaName: pion.MediaName{
		Media: s.media, Protos: []string{s.proto}, Formats: s.formats,
	}}
}
