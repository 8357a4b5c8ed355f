package timeline

import (
	"slices"
	"testing"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// arrived is a packet and when it came.
type arrived struct {
	frame media.Frame
	arr   int64
}

// oracle places packets the plain way: a map from instant to octet per side,
// every source by its own anchor. It knows no window and no suspects.
func oracle(packets []arrived, length int64) [2][]byte {
	type source struct {
		ts  uint32
		pos int64
	}
	var out [2][]byte
	sources := make(map[uint32]source)
	type number struct {
		ssrc uint32
		seq  uint16
	}
	seen := make(map[number]bool)
	var end [2]int64
	for side := range out {
		out[side] = slices.Repeat([]byte{g711.ULawSilence}, int(length))
	}
	for _, p := range packets {
		side := p.frame.Side
		n := number{p.frame.SSRC, p.frame.Seq}
		if seen[n] {
			continue
		}
		seen[n] = true
		s, known := sources[p.frame.SSRC]
		if !known {
			s = source{p.frame.Timestamp, p.arr}
			if near := p.arr - end[side]; end[side] > 0 && near >= -snap && near <= snap {
				s.pos = end[side]
			}
			sources[p.frame.SSRC] = s
		}
		pos := s.pos + int64(int32(p.frame.Timestamp-s.ts))
		settled := (p.arr - Horizon) / Chunk * Chunk
		placed := false
		for i, o := range p.frame.Payload {
			if at := pos + int64(i); at >= max(settled, 0) {
				out[side][at] = o
				placed = true
			}
		}
		if placed {
			end[side] = max(end[side], pos+int64(len(p.frame.Payload)))
		}
	}
	return out
}

// traffic draws what two sides send and what the network makes of it.
func traffic(t *rapid.T) []arrived {
	var packets []arrived
	ssrc := uint32(0)
	for side := range media.Side(2) {
		at := rapid.Int64Range(0, 3*wav.Rate).Draw(t, "start")
		seq := rapid.Uint16().Draw(t, "seq")
		ts := rapid.Uint32().Draw(t, "ts")
		ssrc++
		for range rapid.IntRange(1, 120).Draw(t, "packets") {
			n := rapid.SampledFrom([]int{80, 160, 160, 160, 240, 480}).Draw(t, "size")
			f := media.Frame{Side: side, SSRC: ssrc, Seq: seq, Timestamp: ts, Payload: make([]byte, n)}
			for i := range f.Payload {
				f.Payload[i] = byte(1 + (int(seq)*7+i)%100)
			}
			delay := rapid.Int64Range(0, 400).Draw(t, "delay")
			switch rapid.IntRange(0, 19).Draw(t, "fate") {
			case 0: // lost
			case 1: // twice
				packets = append(packets, arrived{f, at + delay}, arrived{f, at + delay + 100})
			case 2: // late, though not by so much that it looks like a jump
				packets = append(packets, arrived{f, at + Sanity/2 + delay})
			case 3: // silence, by a clock that goes on
				gap := rapid.Int64Range(0, 5*wav.Rate).Draw(t, "gap")
				at, ts = at+gap, ts+uint32(gap)
			case 4: // another source, as far as a side knows several at a time
				if ssrc%100 == sourcesMax {
					continue
				}
				ssrc++
				seq, ts = rapid.Uint16().Draw(t, "seq"), rapid.Uint32().Draw(t, "ts")
				at += rapid.Int64Range(0, 2*wav.Rate).Draw(t, "pause")
			default:
				packets = append(packets, arrived{f, at + delay})
			}
			seq, ts, at = seq+1, ts+uint32(n), at+int64(n)
		}
		ssrc = 100
	}
	slices.SortStableFunc(packets, func(a, b arrived) int { return int(a.arr - b.arr) })
	return packets
}

func TestPlacementAgreesWithThePlainWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packets := traffic(t)
		l := New(wav.ULaw)
		var kept []byte
		settle := func(now int64) { l.Settle(now, func(b []byte) { kept = append(kept, b...) }) }
		last := int64(0)
		for _, p := range packets {
			for !l.Room(p.arr) {
				l.Extend(p.arr)
				settle(p.arr)
			}
			l.Frame(&p.frame, p.arr)
			last = p.arr
			if rapid.IntRange(0, 9).Draw(t, "look") == 0 {
				l.Extend(p.arr)
				settle(p.arr)
			}
		}
		l.Close()
		for l.End() < last {
			l.Extend(last)
			settle(last)
		}
		got := append(kept, l.Last()...)
		require.EqualValues(t, l.End(), len(got)/2)
		want := oracle(packets, l.End())
		for side := range want {
			for i := range want[side] {
				if got[2*i+side] != want[side][i] {
					t.Fatalf("side %d at %d: %d, not %d", side, i, got[2*i+side], want[side][i])
				}
			}
		}
	})
}

func TestHowOftenTheOwnerLooksChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packets := traffic(t)
		run := func(every int) []byte {
			l := New(wav.ULaw)
			var kept []byte
			settle := func(now int64) { l.Settle(now, func(b []byte) { kept = append(kept, b...) }) }
			for i, p := range packets {
				for !l.Room(p.arr) || i%every == 0 && l.End() < p.arr {
					l.Extend(p.arr)
					settle(p.arr)
				}
				l.Frame(&p.frame, p.arr)
			}
			l.Close()
			return append(kept, l.Last()...)
		}
		often, seldom := run(1), run(1000)
		n := min(len(often), len(seldom))
		require.Equal(t, seldom[:n], often[:n])
	})
}
