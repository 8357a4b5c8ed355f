package tone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/media/g711"
)

func chunk(id string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

func format(tag, channels uint16, rate uint32, bits uint16) []byte {
	out := binary.LittleEndian.AppendUint16(nil, tag)
	out = binary.LittleEndian.AppendUint16(out, channels)
	out = binary.LittleEndian.AppendUint32(out, rate)
	out = binary.LittleEndian.AppendUint32(out, rate*uint32(channels)*uint32(bits)/8)
	out = binary.LittleEndian.AppendUint16(out, channels*bits/8)
	return binary.LittleEndian.AppendUint16(out, bits)
}

func extensible(tag uint16, rate uint32, bits uint16) []byte {
	out := format(wavExtensible, 1, rate, bits)
	out = append(out, 22, 0, byte(bits), 0, 4, 0, 0, 0)
	out = binary.LittleEndian.AppendUint16(out, tag)
	return append(out, subformat...)
}

func wav(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return chunk("RIFF", body)
}

func littleEndian(samples []int16) []byte {
	var out []byte
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}

func TestPromptsInEveryFormAreRead(t *testing.T) {
	sound := Sine(440, 50*time.Millisecond, -10)
	ulaw, alaw := make([]byte, len(sound)), make([]byte, len(sound))
	g711.EncodeULaw(ulaw, sound)
	g711.EncodeALaw(alaw, sound)
	fromULaw, fromALaw := make([]int16, len(sound)), make([]int16, len(sound))
	g711.DecodeULaw(fromULaw, ulaw)
	g711.DecodeALaw(fromALaw, alaw)

	pipe := wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", littleEndian(sound)))
	binary.LittleEndian.PutUint32(pipe[40:], 0xFFFFFFFF)

	for name, c := range map[string]struct {
		file []byte
		want []int16
	}{
		"PCM":            {wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", littleEndian(sound))), sound},
		"µ-law":          {wav(chunk("fmt ", format(wavULaw, 1, Rate, 8)), chunk("data", ulaw)), fromULaw},
		"A-law":          {wav(chunk("fmt ", format(wavALaw, 1, Rate, 8)), chunk("data", alaw)), fromALaw},
		"extensible":     {wav(chunk("fmt ", extensible(wavPCM, Rate, 16)), chunk("data", littleEndian(sound))), sound},
		"other chunks":   {wav(chunk("LIST", []byte("odd")), chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("fact", make([]byte, 4)), chunk("data", littleEndian(sound)), chunk("id3 ", nil)), sound},
		"from a pipe":    {pipe, sound},
		"half a sample":  {wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", append(littleEndian(sound), 9))), sound},
		"no end padding": {wav(chunk("fmt ", format(wavULaw, 1, Rate, 8)), chunk("data", ulaw[:399]))[:44+399], fromULaw[:399]},
	} {
		got, err := ReadWAV(bytes.NewReader(c.file))
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
}

func TestUnusablePromptsSayWhatIsWrong(t *testing.T) {
	good := wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", make([]byte, 320)))
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "no RIFF"},
		{[]byte("RIFFxxxxAVI LIST"), "no RIFF"},
		{wav(chunk("data", make([]byte, 320))), "before their format"},
		{wav(chunk("fmt ", format(wavPCM, 1, Rate, 16))), "no samples"},
		{wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", nil)), "no samples"},
		{wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", []byte{1})), "no samples"},
		{wav(chunk("fmt ", []byte{1, 0})), "cut short"},
		{good[:100], "cut short"},
		{good[:40], "cut short"},
		{wav(chunk("fmt ", format(wavPCM, 2, 44100, 16))), "44100 Hz, 2 channels, 16-bit PCM"},
		{wav(chunk("fmt ", format(wavPCM, 1, Rate, 8))), "8000 Hz, 1 channels, 8-bit PCM"},
		{wav(chunk("fmt ", format(0x55, 1, Rate, 0))), "MP3"},
		{wav(chunk("fmt ", format(0x1234, 1, Rate, 16))), "format 0x1234"},
		{wav(chunk("fmt ", extensible(3, Rate, 32))), "32-bit float"},
	} {
		_, err := ReadWAV(bytes.NewReader(c.file))
		require.ErrorIs(t, err, ErrPrompt, c.want)
		require.ErrorContains(t, err, c.want)
	}
	_, err := ReadWAV(iotest.ErrReader(errors.New("disk gone")))
	require.ErrorContains(t, err, "disk gone")
	require.NotErrorIs(t, err, ErrPrompt)
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wav(chunk("fmt ", format(wavPCM, 1, Rate, 16)), chunk("data", make([]byte, 32))))
	f.Add(wav(chunk("fmt ", extensible(wavULaw, Rate, 8)), chunk("data", make([]byte, 33))))
	f.Fuzz(func(t *testing.T, file []byte) {
		samples, err := ReadWAV(bytes.NewReader(file))
		if err == nil && (len(samples) == 0 || len(samples) > len(file)) {
			t.Fatalf("%d samples from %d octets", len(samples), len(file))
		}
	})
}
