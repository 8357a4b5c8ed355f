package timeline

import (
	"testing"
	"time"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// desk speaks packets of one side into a line.
type desk struct {
	l    *Line
	side media.Side
	c    media.Codec
	ssrc uint32
	seq  uint16
	ts   uint32
	next byte
}

// packet makes the source's next packet of n samples, each with its own mark.
func (d *desk) packet(n int) *media.Frame {
	d.next++
	f := &media.Frame{Side: d.side, Codec: d.c, SSRC: d.ssrc, Seq: d.seq, Timestamp: d.ts, Payload: make([]byte, n)}
	for i := range f.Payload {
		f.Payload[i] = d.next%100 + 1
	}
	d.seq++
	d.ts += uint32(n)
	return f
}

// say speaks a packet of 20 ms that arrives at ms.
func (d *desk) say(ms int) byte {
	f := d.packet(160)
	d.l.Frame(f, Position(int64(ms)*int64(time.Millisecond)))
	return f.Payload[0]
}

// left returns the caller's channel in blocks of 20 ms: the octet that fills
// the block, 0 for silence, 0xFF when it is not of one piece.
func (l *Line) blocks(ch int) []byte {
	var out []byte
	b := l.Last()
	for at := 0; at+320 <= len(b); at += 320 {
		first := b[at+ch]
		for i := ch; i < 320; i += 2 {
			if b[at+i] != first {
				first = 0xFE
			}
		}
		if first == g711.ULawSilence {
			first = 0
		}
		out = append(out, first)
	}
	return out
}

func TestScenarios(t *testing.T) {
	tests := []struct {
		what string
		do   func(d *desk) []byte // returns the blocks wanted
	}{
		{"in order", func(d *desk) []byte {
			return []byte{d.say(0), d.say(20), d.say(40)}
		}},
		{"a late start is silence before", func(d *desk) []byte {
			return []byte{0, 0, 0, d.say(60), d.say(80)}
		}},
		{"jitter moves nothing", func(d *desk) []byte {
			return []byte{d.say(0), d.say(35), d.say(38), d.say(99), d.say(100), d.say(101)}
		}},
		{"loss is silence of its length", func(d *desk) []byte {
			a := d.say(0)
			d.packet(160)
			d.packet(160)
			return []byte{a, 0, 0, d.say(60)}
		}},
		{"reordered packets stand in their order", func(d *desk) []byte {
			a, x, y := d.say(0), d.packet(160), d.packet(160)
			d.l.Frame(y, 320)
			d.l.Frame(x, 330)
			return []byte{a, x.Payload[0], y.Payload[0]}
		}},
		{"the first packet reordered", func(d *desk) []byte {
			first := d.say(0)
			x, y := d.packet(160), d.packet(160)
			d.ssrc = 99
			x.SSRC, y.SSRC = 99, 99
			d.l.Frame(y, 8000)
			d.l.Frame(x, 8010)
			want := make([]byte, 51)
			want[0], want[49], want[50] = first, x.Payload[0], y.Payload[0]
			return want
		}},
		{"a duplicate changes nothing", func(d *desk) []byte {
			f := d.packet(160)
			d.l.Frame(f, 0)
			d.l.Frame(f, 10)
			return []byte{f.Payload[0], d.say(20)}
		}},
		{"a packet a second late still finds its place", func(d *desk) []byte {
			want := []byte{d.say(0), 0}
			late := d.packet(160)
			want[1] = late.Payload[0]
			for ms := 40; ms < 1040; ms += 20 {
				want = append(want, d.say(ms))
			}
			// Its source goes on meanwhile, so it can't be suspected of a jump
			// but by being far behind: it is told by its number.
			d.l.Frame(late, 8300)
			return want
		}},
		{"timestamps wrap", func(d *desk) []byte {
			d.ts = 1<<32 - 200
			return []byte{d.say(0), d.say(20), d.say(40)}
		}},
		{"numbers wrap", func(d *desk) []byte {
			d.seq = 65534
			return []byte{d.say(0), d.say(20), d.say(40), d.say(60)}
		}},
		{"a new source right behind the old one leaves no seam", func(d *desk) []byte {
			want := []byte{d.say(0), d.say(20)}
			d.ssrc, d.ts, d.seq = 77, 5, 5
			return append(want, d.say(43), d.say(60))
		}},
		{"a new source after a while stands where it arrives", func(d *desk) []byte {
			want := []byte{d.say(0), 0, 0, 0, 0}
			d.ssrc, d.ts, d.seq = 77, 5, 5
			return append(want, d.say(100), d.say(120))
		}},
		{"stragglers of the old source keep their place", func(d *desk) []byte {
			a, x := d.say(0), d.packet(160)
			old := *d
			d.ssrc, d.ts, d.seq = 77, 5, 5
			b := d.say(100)
			d.l.Frame(x, 810)
			_ = old
			return []byte{a, x.Payload[0], 0, 0, 0, b, d.say(120)}
		}},
		{"a timestamp jump ahead goes on where it arrives", func(d *desk) []byte {
			want := []byte{d.say(0), d.say(20)}
			d.ts += 1 << 20
			for ms := 40; ms < 200; ms += 20 {
				want = append(want, d.say(ms))
			}
			return want
		}},
		{"a timestamp jump back goes on where it arrives", func(d *desk) []byte {
			d.ts = 1 << 25
			want := []byte{d.say(0), d.say(20)}
			d.ts -= 1 << 20
			for ms := 40; ms < 200; ms += 20 {
				want = append(want, d.say(ms))
			}
			return want
		}},
		{"a jump in the last packets is kept", func(d *desk) []byte {
			want := []byte{d.say(0), d.say(20)}
			d.ts += 1 << 20
			return append(want, d.say(40), d.say(60))
		}},
		{"three seconds of nothing, by a clock that went on", func(d *desk) []byte {
			want := append([]byte{d.say(0)}, make([]byte, 150)...)
			d.ts += 150 * 160
			return append(want, d.say(3020), d.say(3040))
		}},
		{"three seconds of nothing, by a clock that stood still", func(d *desk) []byte {
			want := append([]byte{d.say(0)}, make([]byte, 150)...)
			for ms := 3020; ms < 3200; ms += 20 {
				want = append(want, d.say(ms))
			}
			return want
		}},
		{"a stalled network that delivers all at once loses nothing", func(d *desk) []byte {
			want := []byte{d.say(0), d.say(20)}
			for i := range 60 { // 1.2 s come within 30 ms
				want = append(want, d.say(1240+i/2))
			}
			return append(want, d.say(1260), d.say(1280))
		}},
		{"one stray timestamp moves nothing", func(d *desk) []byte {
			want := []byte{d.say(0), d.say(20)}
			stray := d.packet(160)
			stray.Timestamp += 1 << 24
			d.l.Frame(stray, 320)
			want = append(want, 0)
			for ms := 60; ms < 400; ms += 20 {
				want = append(want, d.say(ms))
			}
			return want
		}},
		{"longer and shorter packets", func(d *desk) []byte {
			f := d.packet(480)
			d.l.Frame(f, 0)
			a, b := d.packet(80), d.packet(80)
			b.Payload = append(b.Payload[:0], a.Payload...)
			d.l.Frame(a, 480)
			d.l.Frame(b, 560)
			x := f.Payload[0]
			return []byte{x, x, x, a.Payload[0], d.say(80)}
		}},
		{"a pause is silence, and what is said in it comes nowhere", func(d *desk) []byte {
			a := d.say(0)
			d.l.Pause(160)
			d.say(20)
			d.say(40)
			d.l.Resume(480)
			return []byte{a, 0, 0, d.say(60)}
		}},
		{"what was said in a pause and comes after it stays out", func(d *desk) []byte {
			a := d.say(0)
			late := d.packet(160)
			d.l.Pause(160)
			d.l.Resume(320)
			b := d.say(40)
			d.l.Frame(late, 330)
			return []byte{a, 0, b}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			l := New(wav.ULaw)
			want := tt.do(&desk{l: l, ssrc: 7, seq: 100, ts: 1000})
			l.Close()
			require.Equal(t, want, l.blocks(0))
			for _, b := range l.blocks(1) {
				require.Zero(t, b)
			}
		})
	}
}

func TestCountsTellWhatBecameOfPackets(t *testing.T) {
	l := New(wav.ULaw)
	d := &desk{l: l, ssrc: 7, seq: 65533, ts: 1000}
	d.say(0)
	d.packet(160) // lost
	d.packet(160) // lost
	x, y := d.packet(160), d.packet(160)
	l.Frame(y, 640)
	l.Frame(x, 650)
	l.Frame(x, 660)
	d.c = media.PCMA
	d.say(100)
	for ms := 120; ms < 4000; ms += 20 {
		d.say(ms)
	}
	x.Seq -= 2 // one of the lost ones, much too late
	x.Timestamp -= 320
	l.Frame(x, 32000)
	l.Close()
	s := l.Stats(media.Caller)
	require.EqualValues(t, 1, s.Lost)
	require.EqualValues(t, 1, s.Duplicate)
	require.EqualValues(t, 2, s.Reordered)
	require.EqualValues(t, 1, s.Late)
	require.EqualValues(t, 1, s.Sources)
	require.EqualValues(t, 195, s.Transcoded)
	require.EqualValues(t, 3+195, s.Packets)
}

func TestTwoLawsInOneFile(t *testing.T) {
	ulaw := &media.Frame{Codec: media.PCMU, SSRC: 1, Payload: make([]byte, 256)}
	for i := range ulaw.Payload {
		ulaw.Payload[i] = byte(i)
	}
	alaw := &media.Frame{Side: media.Agent, Codec: media.PCMA, SSRC: 2, Payload: ulaw.Payload}
	for _, f := range []wav.Format{wav.ULaw, wav.ALaw, wav.PCM16} {
		l := New(f)
		l.Frame(ulaw, 0)
		l.Frame(alaw, 0)
		l.Close()
		b := l.Last()
		for i := range 256 {
			u, a := g711.ULawSample(byte(i)), g711.ALawSample(byte(i))
			switch f {
			case wav.PCM16:
				require.Equal(t, []byte{byte(u), byte(u >> 8), byte(a), byte(a >> 8)}, b[4*i:4*i+4])
			case wav.ULaw:
				require.Equal(t, byte(i), b[2*i])
				require.InDelta(t, a, g711.ULawSample(b[2*i+1]), 520)
			case wav.ALaw:
				require.Equal(t, byte(i), b[2*i+1])
				require.InDelta(t, u, g711.ALawSample(b[2*i]), 520)
			}
		}
	}
}

func TestThirdPartyIsHeardBesideTheAgent(t *testing.T) {
	for _, f := range []wav.Format{wav.ULaw, wav.ALaw, wav.PCM16} {
		l := New(f)
		agent, other := make([]byte, 160), make([]byte, 160)
		for i := range agent {
			agent[i], other[i] = g711.ULawOctet(3000), g711.ULawOctet(-1000)
		}
		l.Frame(&media.Frame{Side: media.Agent, SSRC: 1, Payload: agent[:80]}, 0)
		l.Frame(&media.Frame{Side: media.Other, SSRC: 2, Payload: other}, 0)
		l.Close()
		b := l.Last()
		at := func(i int) int16 {
			switch f {
			case wav.ULaw:
				return g711.ULawSample(b[2*i+1])
			case wav.ALaw:
				return g711.ALawSample(b[2*i+1])
			}
			return int16(uint16(b[4*i+2]) | uint16(b[4*i+3])<<8)
		}
		require.InDelta(t, 2000, at(0), 150)
		require.InDelta(t, -1000, at(100), 60)
	}
}
