package tone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"switchroom/media/g711"
)

// ErrPrompt is what every error about the contents of a WAV file wraps.
var ErrPrompt = errors.New("tone: not a usable prompt")

var errNoSamples = fmt.Errorf("%w: it holds no samples", ErrPrompt)

// promptBytesMax is the longest file that ReadWAV takes: half an hour of
// 16-bit samples. A prompt is held in memory for as long as the switch runs.
const promptBytesMax = 30 * 60 * Rate * 2

// Format tags of RFC 2361 that a prompt may have.
const (
	wavPCM        = 0x0001
	wavALaw       = 0x0006
	wavULaw       = 0x0007
	wavExtensible = 0xFFFE
)

// ReadWAV reads a prompt: a RIFF WAVE file of 8000 Hz, mono, 16-bit PCM or
// G.711. It resamples nothing; the error of a file in another form says what
// the file is and how to convert it.
func ReadWAV(r io.Reader) ([]int16, error) {
	text, err := io.ReadAll(io.LimitReader(r, promptBytesMax+1))
	if err != nil {
		return nil, fmt.Errorf("tone: read prompt: %w", err)
	}
	if len(text) > promptBytesMax {
		return nil, fmt.Errorf("%w: longer than half an hour", ErrPrompt)
	}
	if len(text) < 12 || string(text[0:4]) != "RIFF" || string(text[8:12]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF WAVE file", ErrPrompt)
	}
	var f *wavFormat
	for rest := text[12:]; ; {
		id, body, after, err := wavChunk(rest)
		if err != nil {
			return nil, err
		}
		switch id {
		case "fmt ":
			if f, err = parseWavFormat(body); err != nil {
				return nil, err
			}
		case "data":
			if f == nil {
				return nil, fmt.Errorf("%w: samples before their format", ErrPrompt)
			}
			if len(body)*8 < int(f.bits) {
				return nil, errNoSamples
			}
			return f.samples(body), nil
		}
		rest = after
	}
}

// wavChunk splits the first chunk off: 4 letters, a length, the body, and an
// octet of padding after an odd length. A program that writes into a pipe can't
// know the length of its samples and gives one near 2^31 or 2^32: such a chunk
// reaches to the end of the file.
func wavChunk(rest []byte) (id string, body, after []byte, err error) {
	if len(rest) == 0 {
		return "", nil, nil, errNoSamples
	}
	if len(rest) < 8 {
		return "", nil, nil, fmt.Errorf("%w: it is cut short", ErrPrompt)
	}
	id = string(rest[:4])
	length := uint64(binary.LittleEndian.Uint32(rest[4:]))
	rest = rest[8:]
	if id == "data" && length >= 0x7FFF0000 {
		return id, rest, nil, nil
	}
	if length > uint64(len(rest)) {
		return "", nil, nil, fmt.Errorf("%w: it is cut short", ErrPrompt)
	}
	return id, rest[:length], rest[min(length+length%2, uint64(len(rest))):], nil
}

type wavFormat struct {
	tag      uint16
	channels uint16
	rate     uint32
	bits     uint16
}

// subformat is the tail of the GUIDs that stand for plain format tags in an
// extensible format.
var subformat = []byte{0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71}

func parseWavFormat(body []byte) (*wavFormat, error) {
	if len(body) < 16 {
		return nil, fmt.Errorf("%w: its format is cut short", ErrPrompt)
	}
	f := &wavFormat{
		tag:      binary.LittleEndian.Uint16(body),
		channels: binary.LittleEndian.Uint16(body[2:]),
		rate:     binary.LittleEndian.Uint32(body[4:]),
		bits:     binary.LittleEndian.Uint16(body[14:]),
	}
	if f.tag == wavExtensible && len(body) >= 40 && bytes.Equal(body[26:40], subformat) {
		f.tag = binary.LittleEndian.Uint16(body[24:])
	}
	pcm := f.tag == wavPCM && f.bits == 16
	law := (f.tag == wavALaw || f.tag == wavULaw) && f.bits == 8
	if f.rate != Rate || f.channels != 1 || !pcm && !law {
		return nil, fmt.Errorf("%w: it is %s; wanted is 8000 Hz, mono, 16-bit PCM or G.711 (sox IN.wav -r 8000 -c 1 -b 16 -e signed OUT.wav)", ErrPrompt, f)
	}
	return f, nil
}

func (f *wavFormat) String() string {
	names := map[uint16]string{wavPCM: "PCM", wavALaw: "A-law", wavULaw: "µ-law", 3: "float", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x55: "MP3"}
	name, ok := names[f.tag]
	if !ok {
		name = fmt.Sprintf("format %#04x", f.tag)
	}
	return fmt.Sprintf("%d Hz, %d channels, %d-bit %s", f.rate, f.channels, f.bits, name)
}

// samples decodes a data chunk; half a sample at its end is dropped.
func (f *wavFormat) samples(body []byte) []int16 {
	switch f.tag {
	case wavULaw:
		out := make([]int16, len(body))
		g711.DecodeULaw(out, body)
		return out
	case wavALaw:
		out := make([]int16, len(body))
		g711.DecodeALaw(out, body)
		return out
	default:
		out := make([]int16, len(body)/2)
		for i := range out {
			out[i] = int16(binary.LittleEndian.Uint16(body[2*i:]))
		}
		return out
	}
}
