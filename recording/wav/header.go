package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Format is how a file holds its samples.
type Format uint8

const (
	// ULaw is G.711 µ-law, one octet a sample. It is the zero value.
	ULaw Format = iota
	// ALaw is G.711 A-law, one octet a sample.
	ALaw
	// PCM16 is linear, 16 bits little-endian a sample.
	PCM16
)

// The shape every recording has.
const (
	Rate     = 8000 // samples a second and channel
	Channels = 2    // caller left, agent right

	// HeaderMax is the longest header; ReadHeader needs no more of a file.
	HeaderMax = g711Header

	// DataMax is the most sound a file may hold: RIFF counts in 32 bits. It is
	// a whole number of blocks of either format.
	DataMax = 1<<32 - 1<<12
)

const (
	g711Header = 58
	pcmHeader  = 44

	tagPCM  = 1
	tagALaw = 6
	tagULaw = 7
)

// ErrHeader says that the octets are no header of ours.
var ErrHeader = errors.New("wav: not a recording's header")

// String returns the format's name as it stands in a recording's metadata.
func (f Format) String() string {
	switch f {
	case ULaw:
		return "ulaw"
	case ALaw:
		return "alaw"
	case PCM16:
		return "pcm16"
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// ParseFormat is the reverse of String.
func ParseFormat(s string) (Format, bool) {
	for _, f := range [...]Format{ULaw, ALaw, PCM16} {
		if f.String() == s {
			return f, true
		}
	}
	return ULaw, false
}

// Block returns the octets of one sample instant: both channels.
func (f Format) Block() int {
	if f == PCM16 {
		return 4
	}
	return 2
}

// HeaderSize returns how many octets stand before the sound.
func (f Format) HeaderSize() int {
	if f == PCM16 {
		return pcmHeader
	}
	return g711Header
}

// Header appends to b the header of a file with data octets of sound. data
// must be at most DataMax and a whole number of blocks, and so is even: RIFF
// needs no pad octet.
func Header(b []byte, f Format, data int64) []byte {
	le := binary.LittleEndian
	tag, bits, fmtSize := uint16(tagULaw), uint16(8), uint32(18)
	switch f {
	case ALaw:
		tag = tagALaw
	case PCM16:
		tag, bits, fmtSize = tagPCM, 16, 16
	}
	block := uint16(f.Block())
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(int64(f.HeaderSize())-8+data))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, fmtSize)
	b = le.AppendUint16(b, tag)
	b = le.AppendUint16(b, Channels)
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint32(b, Rate*uint32(block))
	b = le.AppendUint16(b, block)
	b = le.AppendUint16(b, bits)
	if f != PCM16 {
		b = le.AppendUint16(b, 0)
		b = append(b, "fact"...)
		b = le.AppendUint32(b, 4)
		b = le.AppendUint32(b, uint32(data/int64(block)))
	}
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(data))
}

// ReadHeader reads a header that Header wrote: its format and the octets of
// sound it claims. Anything else, however valid as a WAV, is ErrHeader: the
// recordings are ours alone.
func ReadHeader(b []byte) (f Format, data int64, err error) {
	if len(b) < pcmHeader {
		return 0, 0, fmt.Errorf("%w: %d octets", ErrHeader, len(b))
	}
	switch binary.LittleEndian.Uint16(b[20:]) {
	case tagULaw:
		f = ULaw
	case tagALaw:
		f = ALaw
	case tagPCM:
		f = PCM16
	default:
		return 0, 0, fmt.Errorf("%w: format tag", ErrHeader)
	}
	n := f.HeaderSize()
	if len(b) < n {
		return 0, 0, fmt.Errorf("%w: %d octets", ErrHeader, len(b))
	}
	data = int64(binary.LittleEndian.Uint32(b[n-4:]))
	if data > DataMax || data%int64(f.Block()) != 0 {
		return 0, 0, fmt.Errorf("%w: size of the sound", ErrHeader)
	}
	if string(Header(make([]byte, 0, HeaderMax), f, data)) != string(b[:n]) {
		return 0, 0, ErrHeader
	}
	return f, data, nil
}
