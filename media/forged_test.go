package media

import (
	"math/rand/v2"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// Packets with the peer's own source address forged, the worst that plain RTP
// knows: they may be heard as long as they come, and afterwards the call is as
// it was. What goes out stays one stream throughout.
func TestCallGoesOnAfterForgedPackets(t *testing.T) {
	forged := map[string]func(i int, b []byte) []byte{
		"wild sequence numbers":      func(i int, b []byte) []byte { return numbered(b, uint16(i*7919)) },
		"numbers half way round":     func(i int, b []byte) []byte { return numbered(b, uint16(i+1<<15)) },
		"another SSRC":               func(i int, b []byte) []byte { b[11] ^= 0xff; return b },
		"a new SSRC each time":       func(i int, b []byte) []byte { b[10], b[11] = byte(i>>8)|0x80, byte(i); return b },
		"our own SSRC":               nil, // put in below
		"timestamps from anywhere":   func(i int, b []byte) []byte { b[4], b[5] = byte(i*31), byte(i*17); return b },
		"unknown payload types":      func(i int, b []byte) []byte { b[1] = byte(20 + i%70); return b },
		"extensions that don't end":  func(i int, b []byte) []byte { b[0] |= extendedBit; b[14], b[15] = 0xff, byte(i); return b },
		"padding longer than itself": func(i int, b []byte) []byte { b[0] |= paddingBit; b[len(b)-1] = 255; return b },
		"fifteen sources":            func(i int, b []byte) []byte { b[0] |= countMask; return b },
		"cut short":                  func(i int, b []byte) []byte { return b[:i%headerLen] },
		"no sound at all":            func(i int, b []byte) []byte { return b[:headerLen] },
	}
	for name, forge := range forged {
		l, a, b := deskLoop(t, PCMU, PCMU)
		out := &keepSocket{}
		b.rtp = out
		if forge == nil {
			forge = func(_ int, p []byte) []byte { (&header{seq: 9, ssrc: a.out.ssrc}).put(p); return p }
		}
		seq, heard := uint16(65500), 0
		speak := func(n int) {
			for range n {
				seq++
				p := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(seq) * frameTicks, SSRC: 7}, Payload: frameOf(1)})
				before := len(out.packets)
				l.receive(a, false, described, p, l.now+20*millisecond, l.now+20*millisecond)
				heard += len(out.packets) - before
			}
		}
		speak(50)
		for i := range 500 {
			p := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq + 1, Timestamp: uint32(seq) * frameTicks, SSRC: 7}, Payload: frameOf(0x66)})
			l.receive(a, false, described, forge(i, p), l.now+millisecond, l.now+millisecond)
			if i%10 == 0 {
				speak(1)
			}
		}
		heard = 0
		speak(50)
		require.GreaterOrEqual(t, heard, 48, "%s: a jump back is believed at its second packet", name)
		require.True(t, a.alive && a.connected, name)
		for i, p := range out.packets {
			require.Equal(t, b.out.ssrc, p.ssrc, name)
			if i > 0 {
				require.NotZero(t, p.seq-out.packets[i-1].seq, "%s: a number used twice", name)
			}
		}
	}
}

func numbered(b []byte, seq uint16) []byte {
	b[2], b[3] = byte(seq>>8), byte(seq)
	return b
}

// A BYE, or any other report, ends nothing, whoever sends it: that is for the
// signalling to do. Its figures may be lies, and are bounded.
func TestForgedReportsEndNothing(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	events := &journal{}
	a.session.events = events
	next := stream(t, l, a, 0, frameOf(1))
	next()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		packets := []rtcp.Packet{
			&rtcp.SenderReport{SSRC: a.in.ssrc, NTPTime: rng.Uint64(), RTPTime: rng.Uint32(), PacketCount: rng.Uint32(),
				Reports: []rtcp.ReceptionReport{{SSRC: a.out.ssrc, FractionLost: 255, TotalLost: 0xffffff, Jitter: rng.Uint32(), LastSenderReport: rng.Uint32(), Delay: rng.Uint32()}}},
			&rtcp.Goodbye{Sources: []uint32{a.in.ssrc, a.out.ssrc, 7}, Reason: "forged"},
		}
		text, err := rtcp.Marshal(packets)
		require.NoError(t, err)
		l.receive(a, true, nextPort(described), text, l.now, l.now)
		s := a.figures()
		require.GreaterOrEqual(t, s.MOS, 0.0)
		require.LessOrEqual(t, s.RTT.Seconds(), 60.0)
		require.LessOrEqual(t, s.RemoteLoss, 1.0)
	}
	sent := b.rtp.(*nullSocket).sent
	next()
	require.Equal(t, sent+1, b.rtp.(*nullSocket).sent)
	require.Empty(t, events.of(Closed))
	require.True(t, a.alive)
}
