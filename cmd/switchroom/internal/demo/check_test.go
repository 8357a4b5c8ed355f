package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/configs"
	"switchroom/media/g711"
	"switchroom/media/tone"
)

// wavOf is a recording of two channels.
func wavOf(tag, bits uint16, left, right []int16) []byte {
	var body []byte
	for i := range left {
		for _, s := range []int16{left[i], right[i]} {
			switch tag {
			case 1:
				body = binary.LittleEndian.AppendUint16(body, uint16(s))
			case 6:
				body = append(body, g711.ALawOctet(s))
			case 7:
				body = append(body, g711.ULawOctet(s))
			}
		}
	}
	le := binary.LittleEndian
	out := le.AppendUint32([]byte("RIFF"), uint32(36+len(body)))
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, tag)
	out = le.AppendUint16(out, 2)
	out = le.AppendUint32(out, 8000)
	out = le.AppendUint32(out, 8000*2*uint32(bits)/8)
	out = le.AppendUint16(out, 2*bits/8)
	out = le.AppendUint16(out, bits)
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(len(body)))
	return append(out, body...)
}

// keep writes a recording of the cast where the switch would.
func keep(t *testing.T, dir string, text []byte) recording {
	t.Helper()
	sum := sha256.Sum256(text)
	r := recording{ID: "0190", From: newCast().callers[0].from, Agent: "8101", Started: time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC), SHA256: hex.EncodeToString(sum[:])}
	path := filepath.Join(dir, "recordings", "2026", "03", "01")
	require.NoError(t, os.MkdirAll(path, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(path, r.ID+".wav"), text, 0o600))
	return r
}

func TestARecordingWithBothVoicesInPlaceIsProven(t *testing.T) {
	c := newCast()
	agent, _ := c.agent("8101")
	left, right := c.callers[0].voice.say(0), agent.voice.say(0)
	n := min(len(left), len(right))
	for _, form := range [][2]uint16{{1, 16}, {6, 8}, {7, 8}} {
		dir := t.TempDir()
		p := c.prove(dir, keep(t, dir, wavOf(form[0], form[1], left[:n], right[:n])))
		require.NoError(t, p.err())
	}
}

func TestAFaultyRecordingIsFound(t *testing.T) {
	c := newCast()
	agent, _ := c.agent("8101")
	left, right := c.callers[0].voice.say(0), agent.voice.say(0)
	n := min(len(left), len(right))
	left, right = left[:n], right[:n]
	silent := make([]int16, n)
	noise := tone.Comfort(10*time.Second, -20, 1)[:n]
	for want, text := range map[string][]byte{
		"the right channel is silent":     wavOf(7, 8, left, silent),
		"the left channel is silent":      wavOf(7, 8, silent, right),
		"the voice on the left channel":   wavOf(7, 8, right, right),
		"no voice on the left":            wavOf(7, 8, noise, right),
		"cut short":                       wavOf(7, 8, left, right)[:1000],
		"no stereo WAV":                   wavOf(3, 32, nil, nil),
		"no sound in it":                  wavOf(7, 8, left, right)[:36],
		"no stereo WAV of 8 kHz in G.711": []byte("nothing"),
	} {
		dir := t.TempDir()
		require.ErrorContains(t, c.prove(dir, keep(t, dir, text)).err(), want)
	}
	dir := t.TempDir()
	r := keep(t, dir, wavOf(7, 8, left, right))
	r.SHA256 = "00"
	require.ErrorContains(t, c.prove(dir, r).err(), "not the one that was hashed")
	r.ID = "0191"
	require.ErrorIs(t, c.prove(dir, r).err(), os.ErrNotExist)
}

func TestTheConfigurationIsValidWithoutAWarning(t *testing.T) {
	p, err := settle()
	require.NoError(t, err)
	plan := newPlan(newCast(), p, t.TempDir())
	c, err := configs.Parse("demo.yaml", plan.text)
	require.NoError(t, err, "%s", plan.text)
	require.Empty(t, c.Warnings)
	require.Len(t, c.Agents, len(newCast().agents))
	require.Len(t, plan.passwords, len(newCast().agents))
}

func TestPathsAreOneWordOfAShell(t *testing.T) {
	require.Equal(t, "/tmp/a-b_c.wav", quote("/tmp/a-b_c.wav"))
	require.Equal(t, `'/tmp/a b'\''c'`, quote("/tmp/a b'c"))
}
