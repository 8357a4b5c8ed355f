package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// keepSocket keeps what was sent.
type keepSocket struct {
	nullSocket
	packets []header
}

func (s *keepSocket) send(b []byte) bool {
	var h header
	if !h.parse(b) {
		panic("not RTP")
	}
	s.packets = append(s.packets, h)
	return true
}

// party is a peer whose stream is as unruly as peers' are.
type party struct {
	leg  *Leg
	seq  uint16
	ts   uint32
	ssrc uint32
}

// world is a loop with a caller and two others, on virtual time.
type world struct {
	l       *loop
	caller  *Leg
	out     *keepSocket
	parties []*party
}

func newWorld(t *rapid.T, tb testing.TB) *world {
	l, a, b := deskLoop(tb, PCMU, PCMA)
	third := &Leg{session: a.session, side: Other, rtp: &nullSocket{}, rtcp: &nullSocket{}}
	l.add(third)
	l.connect(third, b.params)
	w := &world{l: l, caller: a, out: &keepSocket{}}
	a.rtp = w.out
	l.isolate(a)
	for _, leg := range []*Leg{b, third} {
		w.parties = append(w.parties, &party{leg: leg, seq: rapid.Uint16().Draw(t, "seq"), ts: rapid.Uint32().Draw(t, "ts"), ssrc: rapid.Uint32().Draw(t, "ssrc")})
	}
	return w
}

// pass lets d pass, with the ticks that are due in it.
func (w *world) pass(d time.Duration) {
	for end := w.l.now + int64(d); w.l.now < end; {
		w.l.tick(min(end, w.l.now+5*millisecond))
	}
}

func (w *world) packet(t testing.TB, p *party, pt uint8, payload []byte, ts uint32) {
	b := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: p.seq, Timestamp: ts, SSRC: p.ssrc}, Payload: payload})
	p.seq++
	w.l.receive(p.leg, false, described, b, w.l.now, w.l.now)
}

// act does one thing that happens to a call.
func (w *world) act(t *rapid.T, tb testing.TB) {
	p := rapid.SampledFrom(w.parties).Draw(t, "party")
	frame := frameOf(0x55)
	switch rapid.SampledFrom([]string{"speak", "speak", "speak", "key", "noise", "unknown", "ssrc", "jump", "clock",
		"bridge", "unbridge", "play", "prompt", "stop", "hold", "resume", "mix", "announce", "press", "codec", "pause"}).Draw(t, "act") {
	case "speak":
		for range rapid.IntRange(1, 10).Draw(t, "packets") {
			w.packet(tb, p, uint8(rapid.SampledFrom([]int{0, 8}).Draw(t, "law")), frame, p.ts)
			p.ts += frameTicks
			w.pass(20 * time.Millisecond)
		}
	case "key":
		for i := range uint32(6) {
			w.packet(tb, p, 101, []byte{3, byte(i/4) << 7, 0, byte(i)}, p.ts)
			w.pass(20 * time.Millisecond)
		}
		p.ts += 6 * frameTicks
	case "noise":
		w.packet(tb, p, 13, []byte{70}, p.ts)
	case "unknown":
		w.packet(tb, p, 111, frame, p.ts)
	case "ssrc":
		p.ssrc++
	case "jump":
		// Beyond what can be loss or reordering, which the caller is to see.
		p.seq += rapid.Uint16Range(dropoutMax, 1<<16-1-misorderMax).Draw(t, "by")
	case "clock":
		p.ts += rapid.Uint32().Draw(t, "by")
	case "bridge":
		for _, leg := range []*Leg{w.caller, p.leg} {
			w.l.isolate(leg)
			w.l.stopPlay(leg)
		}
		w.caller.peer, p.leg.peer = p.leg, w.caller
	case "unbridge":
		w.l.isolate(w.caller)
	case "play":
		w.l.startPlay(w.caller, play{clip: clipOf(1, 7), loop: true})
	case "prompt":
		w.l.startPlay(w.caller, play{clip: clipOf(2, 3)})
	case "stop":
		w.l.quiet(w.caller)
	case "hold", "resume":
		params := w.caller.params
		params.Send = !params.Send
		w.l.connect(w.caller, params)
	case "mix":
		w.l.arrange(w.caller.session, []Hears{{w.caller, []*Leg{w.parties[0].leg, w.parties[1].leg}}})
	case "announce":
		w.l.cover(w.caller, play{clip: clipOf(3, 4)})
	case "press":
		w.l.press(w.caller, '7', 100*time.Millisecond)
	case "codec":
		params := w.caller.params
		params.Codec ^= 1
		params.PayloadType = params.Codec.PayloadType()
		params.PtimeMs = rapid.SampledFrom([]int{10, 20, 30, 60}).Draw(t, "ptime")
		w.l.connect(w.caller, params)
	case "pause":
		w.pass(time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond)
	}
}

// Whatever happens to a call whose packets arrive in order, the caller hears
// one stream: one SSRC, each number one above the last, timestamps that rise
// for sound and stand still within a key, and never run ahead of the time that
// passed by more than a packet's worth per change of source.
func TestCallerHearsOneStreamWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, t)
		for range rapid.IntRange(5, 40).Draw(rt, "acts") {
			w.act(rt, t)
		}
		for i := 1; i < len(w.out.packets); i++ {
			last, now := w.out.packets[i-1], w.out.packets[i]
			require.Equal(rt, last.ssrc, now.ssrc)
			require.Equal(rt, last.seq+1, now.seq, "packet %d", i)
			step := int32(now.timestamp - last.timestamp)
			if now.payload == 101 && last.payload == 101 {
				require.GreaterOrEqual(rt, step, int32(0))
			} else {
				require.Positive(rt, step, "packet %d", i)
			}
		}
	})
}

// FuzzReceive gives a leg arbitrary datagrams on both ports while everything
// that reads sound is on: nothing panics, and what is sent is RTP.
func FuzzReceive(f *testing.F) {
	for _, b := range samplePackets(f) {
		f.Add(b, false)
	}
	c := sampleCompound()
	b := make([]byte, 512)
	f.Add(b[:c.put(b)], true)
	f.Add(packetBytes(f, newPacket(101, []byte{5, 0x80, 1, 0})), false)
	f.Fuzz(func(t *testing.T, b []byte, control bool) {
		if len(b) > bytesMax {
			return
		}
		l, x, y := deskLoop(t, PCMU, PCMA)
		out := &keepSocket{}
		y.rtp = out
		x.session.tap = &countingTap{}
		x.keys.listen(true)
		z := third(l, x)
		l.arrange(x.session, []Hears{{y, []*Leg{x}}, {z, []*Leg{x, y}}})
		from := described
		if control {
			from = nextPort(described)
		}
		for i := range int64(3) {
			work := append([]byte(nil), b...)
			if len(work) > 3 {
				work[3] += byte(i)
			}
			l.receive(x, control, from, work, i*20*millisecond, i*20*millisecond)
		}
		l.tick(1e9)
		x.figures()
	})
}
