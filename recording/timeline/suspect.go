package timeline

import (
	"slices"

	"switchroom/media"
	"switchroom/recording/wav"
)

// When the judgement on suspects falls, in sample instants of arrival.
const (
	// suspectSpan is how long suspects must agree with one another before the
	// source is anchored anew: longer than one of them may stray, shorter than
	// what a crash may take.
	suspectSpan = 60 * wav.Rate / 1000
	// suspectHold is after how long silence or doubt ends in the new anchor.
	suspectHold = wav.Rate / 5
	// suspectsMax bounds what is held back for one source: two seconds of the
	// shortest packets.
	suspectsMax = 200
)

func (src *source) hold(f *media.Frame, arr int64) {
	held := suspect{frame: *f, arr: arr, payload: slices.Clone(f.Payload)}
	held.frame.Payload = held.payload
	src.suspects = append(src.suspects, held)
}

// skew is by how much a suspect came behind where the anchor has it.
func (src *source) skew(p *suspect) int64 { return p.arr - src.at(p.frame.Timestamp) }

// resolve anchors the source anew when its suspects agree for long enough, or
// final says that it is time. When the newest does not go on from the one
// before it, those before strayed and are dropped.
func (s *side) resolve(l *Line, src *source, final bool) {
	n := len(src.suspects)
	last := &src.suspects[n-1]
	if n > 1 && apart(src.skew(last), src.skew(&src.suspects[n-2])) > Sanity {
		s.stats.Late += uint64(n - 1)
		src.suspects = append(src.suspects[:0], *last)
		last = &src.suspects[0]
	}
	first := &src.suspects[0]
	span := last.arr - first.arr
	// A stalled network delivers faster than time: the skew shrinks. A sender
	// that stood still, or jumped, goes on at its own pace.
	steady := src.skew(first)-src.skew(last) < max(span/2, 1)
	if !final && (span < suspectSpan || !steady) && len(src.suspects) < suspectsMax {
		return
	}
	if final && len(src.suspects) == 1 && src.lone(first) {
		s.release(l, src)
		return
	}
	s.reanchor(l, src)
}

// lone says whether a single suspect is better believed to have strayed: its
// source was heard just before.
func (src *source) lone(p *suspect) bool {
	return apart(p.arr, src.pos) < suspectHold
}

func apart(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}

// reanchor puts the source where its suspects arrived, by the one that was
// least delayed, and places them.
func (s *side) reanchor(l *Line, src *source) {
	first := &src.suspects[0]
	least := src.skew(first)
	for i := range src.suspects {
		least = min(least, src.skew(&src.suspects[i]))
	}
	at := first.arr - (src.skew(first) - least)
	s.stats.Jumps++
	s.anchor(src, first.frame.Timestamp, at)
	s.release(l, src)
}

// release places the suspects by the anchor there is.
func (s *side) release(l *Line, src *source) {
	for i := range src.suspects {
		p := &src.suspects[i]
		if skew := src.skew(p); skew < -Sanity {
			s.stats.Late++
			continue
		}
		s.place(l, src, &p.frame, p.arr)
	}
	src.suspects = src.suspects[:0]
}

// expire judges the suspects that have waited long enough at position now.
func (s *side) expire(l *Line, now int64) {
	for i := range s.sources[:s.used] {
		src := &s.sources[i]
		if len(src.suspects) > 0 && now-src.suspects[0].arr >= suspectHold {
			s.resolve(l, src, true)
		}
	}
}
