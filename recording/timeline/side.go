package timeline

import (
	"switchroom/media"
	"switchroom/recording/wav"
)

// sourcesMax is how many SSRCs of one side are known at a time: the present
// one and those whose stragglers may still come.
const sourcesMax = 4

// side is one party: the sources that spoke for it, and where its voice ends.
type side struct {
	sources [sourcesMax]source
	used    int
	turn    uint64 // orders the sources by last use
	end     int64  // end of what was placed; 0 before
	stats   Stats
	past    struct{ lost uint64 } // of sources forgotten
}

// source is one SSRC.
type source struct {
	ssrc     uint32
	turn     uint64
	anchored bool
	ts       uint32 // timestamp of the last packet placed in its turn, and
	pos      int64  // its position: the next one stands relative to it
	seq      sequence
	suspects []suspect
}

// suspect is a packet whose RTP time and arrival disagree, held back until
// more of them show whether it strayed, the network stalled, or time jumped.
type suspect struct {
	frame   media.Frame
	arr     int64
	payload []byte
}

// frame places or holds back one packet.
func (s *side) frame(l *Line, f *media.Frame, arr int64) {
	src := s.source(f.SSRC)
	if len(src.suspects) > 0 && arr-src.suspects[0].arr >= suspectHold {
		s.resolve(l, src, true)
	}
	switch src.seq.admit(f.Seq) {
	case duplicate:
		s.stats.Duplicate++
		return
	case stale:
		s.stats.Late++
		return
	case outOfTurn:
		s.stats.Reordered++
	}
	if l.win.format != wav.PCM16 && l.win.format != Native(f.Codec) {
		s.stats.Transcoded++
	}
	if !src.anchored {
		s.anchor(src, f.Timestamp, arr)
	}
	pos := src.at(f.Timestamp)
	if skew := arr - pos; skew > Sanity || skew < -Sanity {
		src.hold(f, arr)
		s.resolve(l, src, false)
		return
	}
	// The old anchor holds: what was held back is a stall's delivery or a
	// stray, and is placed, or not, by the old anchor.
	s.release(l, src)
	s.place(l, src, f, arr)
}

// skip notes a packet that is not to be kept, so that it does not count as lost.
func (s *side) skip(f *media.Frame) {
	src := s.source(f.SSRC)
	src.seq.admit(f.Seq)
	// The timeline goes on without it: positions are relative to the last one
	// placed, and timestamps bridge the gap.
}

// source returns the state of an SSRC, forgetting the one heard longest ago
// when there are too many.
func (s *side) source(ssrc uint32) *source {
	s.turn++
	oldest := &s.sources[0]
	for i := range s.sources[:s.used] {
		src := &s.sources[i]
		if src.ssrc == ssrc {
			src.turn = s.turn
			return src
		}
		if src.turn < oldest.turn {
			oldest = src
		}
	}
	if s.used < sourcesMax {
		oldest = &s.sources[s.used]
		s.used++
	} else {
		s.past.lost += oldest.seq.lost()
		s.stats.Late += uint64(len(oldest.suspects))
	}
	s.stats.Sources++
	*oldest = source{ssrc: ssrc, turn: s.turn}
	return oldest
}

// anchor puts timestamp ts of src at position arr, or right behind what the
// side said last when that is next to it.
func (s *side) anchor(src *source, ts uint32, arr int64) {
	pos := max(arr, 0)
	if s.end > 0 && arr-s.end <= snap && s.end-arr <= snap {
		pos = s.end
	}
	src.anchored = true
	src.ts, src.pos = ts, pos
}

// at returns the position of timestamp ts.
func (src *source) at(ts uint32) int64 { return src.pos + int64(int32(ts-src.ts)) }

// place writes a packet where its timestamp says.
func (s *side) place(l *Line, src *source, f *media.Frame, arr int64) {
	pos := src.at(f.Timestamp)
	if int32(f.Timestamp-src.ts) > 0 {
		src.ts, src.pos = f.Timestamp, pos
	}
	if !l.write(f, pos, arr) {
		s.stats.Late++
		return
	}
	s.stats.Packets++
	s.end = max(s.end, pos+int64(len(f.Payload)))
}

// counts returns the side's stats with the losses of all its sources.
func (s *side) counts() Stats {
	out := s.stats
	out.Lost = s.past.lost
	for i := range s.sources[:s.used] {
		out.Lost += s.sources[i].seq.lost()
	}
	return out
}
