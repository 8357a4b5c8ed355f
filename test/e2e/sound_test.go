package e2e

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zaf/g711"
)

// tones tell parties apart by ear and by Goertzel: Hz by name.
var tones = map[string]float64{"caller": 425, "caller2": 500, "agent": 1000, "agent2": 1300, "boss": 1700}

// writeTones puts a file for each tone, which SIPp repeats without a seam,
// into a folder.
func writeTones(dir string) error {
	for name, hz := range tones {
		if err := os.WriteFile(filepath.Join(dir, name+".ulaw"), toneULaw(hz, 20*time.Second), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func toneULaw(hz float64, d time.Duration) []byte {
	pcm := make([]byte, 0, 16000*int(d/time.Second))
	for i := range 8000 * int(d/time.Second) {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(8000*math.Sin(2*math.Pi*hz*float64(i)/8000))))
	}
	return g711.EncodeUlaw(pcm)
}

// Tape is a recording's two channels as linear samples.
type Tape struct{ Caller, Agent []int16 }

// Length is in seconds.
func (t Tape) Length() float64 { return float64(len(t.Caller)) / 8000 }

// Recording fetches a recording's WAV, once it is listed, and reads it by the
// format's own rules.
func (w *World) Recording(id string) Tape {
	w.t.Helper()
	require.NotEmpty(w.t, id)
	w.Eventually(5*time.Second, "the recording is listed", func() bool {
		status, _ := w.Do("GET", "/api/v1/recordings/"+id, nil)
		return status == 200
	})
	status, wav := w.Do("GET", "/api/v1/recordings/"+id+"/audio", nil)
	require.Equal(w.t, 200, status, "%s", wav[:min(len(wav), 200)])
	return w.readWAV(wav)
}

func (w *World) readWAV(wav []byte) Tape {
	w.t.Helper()
	require.Equal(w.t, "RIFF", string(wav[:4]))
	require.Equal(w.t, "WAVE", string(wav[8:12]))
	var format, channels, rate, bits int
	var data []byte
	for at := 12; at+8 <= len(wav); {
		id, size := string(wav[at:at+4]), int(binary.LittleEndian.Uint32(wav[at+4:]))
		body := wav[at+8 : min(at+8+size, len(wav))]
		switch id {
		case "fmt ":
			format, channels = int(binary.LittleEndian.Uint16(body)), int(binary.LittleEndian.Uint16(body[2:]))
			rate, bits = int(binary.LittleEndian.Uint32(body[4:])), int(binary.LittleEndian.Uint16(body[14:]))
		case "data":
			data = body
		}
		at += 8 + size + size%2
	}
	require.Equal(w.t, 2, channels)
	require.Equal(w.t, 8000, rate)
	switch {
	case format == 7 && bits == 8:
		data = g711.DecodeUlaw(data)
	case format == 6 && bits == 8:
		data = g711.DecodeAlaw(data)
	default:
		require.Equal(w.t, 1, format)
		require.Equal(w.t, 16, bits)
	}
	var s Tape
	for i := 0; i+4 <= len(data); i += 4 {
		s.Caller = append(s.Caller, int16(binary.LittleEndian.Uint16(data[i:])))
		s.Agent = append(s.Agent, int16(binary.LittleEndian.Uint16(data[i+2:])))
	}
	return s
}

// waveOf puts a µ-law sound into a WAV of 16 bits, which every player takes.
func waveOf(ulaw []byte) []byte {
	pcm := g711.DecodeUlaw(ulaw)
	h := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(36+len(pcm)))...)
	h = append(h, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, 8000, 16000, 2 | 16<<16} {
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	h = binary.LittleEndian.AppendUint32(append(h, "data"...), uint32(len(pcm)))
	return append(h, pcm...)
}

func samplesOf(pcm []byte) []int16 {
	out := make([]int16, 0, len(pcm)/2)
	for i := 0; i+1 < len(pcm); i += 2 {
		out = append(out, int16(binary.LittleEndian.Uint16(pcm[i:])))
	}
	return out
}

// power is the share of a stretch's energy at hz, 0 to 1, and its level (RMS).
func power(samples []int16, hz float64) (share, rms float64) {
	if len(samples) == 0 {
		return 0, 0
	}
	coeff := 2 * math.Cos(2*math.Pi*hz/8000)
	var s1, s2, total float64
	for _, v := range samples {
		x := float64(v)
		s1, s2 = x+coeff*s1-s2, s1
		total += x * x
	}
	if total == 0 {
		return 0, 0
	}
	at := s1*s1 + s2*s2 - coeff*s1*s2
	return at / (total * float64(len(samples)) / 2), math.Sqrt(total / float64(len(samples)))
}

// course is the level of each tenth of a second, for a failure's report.
func course(channel []int16) string {
	var b strings.Builder
	for at := 0; at+800 <= len(channel); at += 800 {
		_, rms := power(channel[at:at+800], 1000)
		fmt.Fprintf(&b, " %.0f", rms)
	}
	return b.String()
}

// Holds demands that a channel carries the tone, alone and audible, from one
// second to another. It looks at a tenth of a second at a time: who plays the
// tone is a program on a machine that may be busy, and where it stood still for
// a moment the tone's phase jumps. That every sample is in its place is for the
// tests of the recorder and of the media load.
func (w *World) Holds(channel []int16, tone string, from, to float64) {
	w.t.Helper()
	a, b := int(from*8000), int(to*8000)
	require.LessOrEqual(w.t, b, len(channel), "the recording is too short")
	require.GreaterOrEqual(w.t, b-a, tenth, "nothing to look at, %.1f to %.1f s", from, to)
	var course []string // for the report
	looks, poor := 0, 0
	for at := a; at+tenth <= b; at += tenth {
		share, rms := power(channel[at:at+tenth], tones[tone])
		course = append(course, fmt.Sprintf("%.1f s: %.2f of %.0f", float64(at)/8000, share, rms))
		looks++
		if share <= 0.9 || rms <= 1000 {
			poor++
		}
	}
	if allowed := max(looks/10, min(looks/5, 1)); poor > allowed {
		w.t.Fatalf("not %s alone, %.1f to %.1f s:\n%s", tone, from, to, strings.Join(course, "\n"))
	}
}

// tenth is a tenth of a second, in samples.
const tenth = 800

// Silent demands that nothing is heard.
func (w *World) Silent(channel []int16, from, to float64) {
	w.t.Helper()
	_, rms := power(channel[int(from*8000):min(int(to*8000), len(channel))], 1000)
	require.Less(w.t, rms, 50.0, "sound where silence should be, %.1f to %.1f s", from, to)
}
