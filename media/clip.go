package media

import (
	"io"
	"sync"
	"time"

	"switchroom/media/g711"
	"switchroom/media/tone"
)

// Clip is a piece of sound to play, encoded once for each codec and shared by
// all who hear it. It never changes.
type Clip struct {
	octets [2][]byte // by Codec, of the same length
}

// NewClip makes a clip of samples at 8 kHz. An empty one plays a moment of
// silence.
func NewClip(pcm []int16) *Clip {
	if len(pcm) == 0 {
		pcm = make([]int16, ClockRate/50)
	}
	c := &Clip{}
	c.octets[PCMU] = make([]byte, len(pcm))
	c.octets[PCMA] = make([]byte, len(pcm))
	g711.EncodeULaw(c.octets[PCMU], pcm)
	g711.EncodeALaw(c.octets[PCMA], pcm)
	return c
}

// ReadClip makes a clip of a prompt: a WAV file of 8000 Hz, mono, 16-bit PCM or
// G.711. The error wraps [tone.ErrPrompt] where the file is at fault and says how
// to convert it.
func ReadClip(r io.Reader) (*Clip, error) {
	pcm, err := tone.ReadWAV(r)
	if err != nil {
		return nil, err
	}
	return NewClip(pcm), nil
}

// Join makes one clip of several, in order: "you are number" "seven".
func Join(clips ...*Clip) *Clip {
	c := &Clip{}
	for codec := range c.octets {
		for _, part := range clips {
			c.octets[codec] = append(c.octets[codec], part.octets[codec]...)
		}
	}
	if c.len() == 0 {
		return NewClip(nil)
	}
	return c
}

// Duration is how long the clip plays once.
func (c *Clip) Duration() time.Duration { return tickTime(int64(c.len())) }

func (c *Clip) len() int { return len(c.octets[PCMU]) }

// fill writes the clip's sound from pos on to dst and returns the position
// after it. A loop begins again, else the rest of dst is silence.
func (c *Clip) fill(dst []byte, codec Codec, pos int, loop bool) int {
	from := c.octets[codec]
	n := copy(dst, from[min(pos, len(from)):])
	pos += n
	for n < len(dst) {
		if !loop {
			silence(dst[n:], codec)
			break
		}
		pos = copy(dst[n:], from)
		n += pos
	}
	if loop && pos >= len(from) {
		pos = 0
	}
	return pos
}

// silence fills dst with the codec's silence.
func silence(dst []byte, codec Codec) {
	octet := g711.ULawSilence
	if codec == PCMA {
		octet = g711.ALawSilence
	}
	for i := range dst {
		dst[i] = octet
	}
}

var (
	musicClip    = sync.OnceValue(func() *Clip { return NewClip(tone.Music()) })
	ringbackClip = sync.OnceValue(func() *Clip {
		// 425 Hz, one second in five: ITU-T E.180's recommendation, which is
		// understood where the tone at home differs.
		signal, _ := tone.Ringback("de")
		return NewClip(signal.Samples())
	})
)

// MusicClip returns the built-in music on hold, to be looped.
func MusicClip() *Clip { return musicClip() }

// RingbackClip returns the ringing tone, to be looped.
func RingbackClip() *Clip { return ringbackClip() }
