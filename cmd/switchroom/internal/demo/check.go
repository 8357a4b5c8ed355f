package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"switchroom/media/g711"
)

// pitchTolerance is how far from a party's pitch a channel may sound, as a
// share of it.
const pitchTolerance = 0.06

// proof is what was found in one recording.
type proof struct {
	recording
	path          string
	caller, agent heard
	faults        []error
}

// prove reads a recording from the disk and listens to it: the file is the one
// that the switch vouches for, the caller's voice is on the left channel and
// the agent's on the right.
func (c cast) prove(dir string, r recording) proof {
	p := proof{recording: r, path: filepath.Join(dir, "recordings", r.Started.UTC().Format("2006/01/02"), r.ID+".wav")}
	text, err := os.ReadFile(p.path)
	if err != nil {
		p.faults = append(p.faults, err)
		return p
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != r.SHA256 {
		p.faults = append(p.faults, errors.New("the file is not the one that was hashed"))
	}
	left, right, err := stereo(text)
	if err != nil {
		p.faults = append(p.faults, err)
		return p
	}
	p.caller, p.agent = hear(left), hear(right)
	caller, known := c.caller(r.From)
	agent, serves := c.agent(r.Agent)
	if !known || !serves {
		p.faults = append(p.faults, fmt.Errorf("nobody knows %s or %s", plain(r.From), plain(r.Agent)))
		return p
	}
	p.faults = append(p.faults, p.caller.is("left", caller.name, caller.voice), p.agent.is("right", agent.name, agent.voice))
	return p
}

// err is what is wrong with the recording, nil for nothing.
func (p proof) err() error {
	if err := errors.Join(p.faults...); err != nil {
		return fmt.Errorf("recording %s: %w", p.ID, err)
	}
	return nil
}

// is holds a channel against the voice that it should carry.
func (h heard) is(channel, name string, v voice) error {
	switch {
	case math.IsInf(h.level, -1):
		return fmt.Errorf("the %s channel is silent, where %s spoke", channel, name)
	case h.pitch == 0:
		return fmt.Errorf("no voice on the %s channel, where %s spoke", channel, name)
	case math.Abs(h.pitch-v.pitch) > v.pitch*pitchTolerance:
		return fmt.Errorf("the voice on the %s channel is of %.0f Hz, that of %s of %.0f", channel, h.pitch, name, v.pitch)
	}
	return nil
}

var errWAV = errors.New("no stereo WAV of 8 kHz in G.711 or 16-bit PCM")

// stereo reads a recording's two channels.
func stereo(text []byte) (left, right []int16, err error) {
	if len(text) < 12 || string(text[:4]) != "RIFF" || string(text[8:12]) != "WAVE" {
		return nil, nil, errWAV
	}
	var tag, bits uint16
	for text = text[12:]; len(text) >= 8; {
		id, length := string(text[:4]), int(binary.LittleEndian.Uint32(text[4:]))
		text = text[8:]
		if length > len(text) {
			return nil, nil, fmt.Errorf("%w: cut short", errWAV)
		}
		body := text[:length]
		text = text[min(length+length%2, len(text)):]
		switch id {
		case "fmt ":
			if length < 16 || binary.LittleEndian.Uint16(body[2:]) != 2 || binary.LittleEndian.Uint32(body[4:]) != 8000 {
				return nil, nil, errWAV
			}
			tag, bits = binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[14:])
		case "data":
			return channels(tag, bits, body)
		}
	}
	return nil, nil, fmt.Errorf("%w: no sound in it", errWAV)
}

func channels(tag, bits uint16, body []byte) (left, right []int16, err error) {
	var sample func(i int) int16
	size := 1
	switch {
	case tag == 1 && bits == 16:
		size = 2
		sample = func(i int) int16 { return int16(binary.LittleEndian.Uint16(body[2*i:])) }
	case tag == 6 && bits == 8:
		sample = func(i int) int16 { return g711.ALawSample(body[i]) }
	case tag == 7 && bits == 8:
		sample = func(i int) int16 { return g711.ULawSample(body[i]) }
	default:
		return nil, nil, errWAV
	}
	for i := range len(body) / size / 2 {
		left, right = append(left, sample(2*i)), append(right, sample(2*i+1))
	}
	return left, right, nil
}
