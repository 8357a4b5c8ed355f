package timeline

import (
	"time"

	"switchroom/media"
	"switchroom/recording/wav"
)

// Bounds of the line, in sample instants.
const (
	// Horizon is how far behind the newest arrival a packet may still be
	// placed: a network that stood still and then delivers all at once.
	Horizon = 3 * wav.Rate / 2
	// Sanity is how far RTP time and arrival may disagree before the source
	// is suspected of having jumped.
	Sanity = wav.Rate / 2
	// snap is how near to the end of what its side has said a newly anchored
	// source is put right behind it: the jitter of one packet's arrival must
	// neither cut into the last one nor leave a click.
	snap = wav.Rate / 50
	// slack keeps the owner, who settles by its own clock, behind the limit
	// that arrivals set, so that how often it looks changes nothing.
	slack = wav.Rate / 2
	// roomMax is the longest the open end of the line may get.
	roomMax = 8 * wav.Rate
)

// sides is how many of media's sides a line tells apart.
const sides = 3

// forever is a position no line reaches.
const forever = 1<<63 - 1

// Position returns the sample instant of a time, in ns since the line's start.
func Position(ns int64) int64 { return ns / int64(time.Second/wav.Rate) }

// Stats counts what became of one side's packets.
type Stats struct {
	Packets    uint64 // placed, whole or in part
	Lost       uint64 // never seen, by sequence number
	Late       uint64 // came after their place was settled, or belonged nowhere
	Duplicate  uint64
	Reordered  uint64 // came out of turn and found their place
	Sources    uint64 // SSRCs heard
	Jumps      uint64 // times a source was anchored anew
	Transcoded uint64 // packets of another law than the file's
}

// Line is the timeline of one recording.
type Line struct {
	win    window
	pauses []span
	sides  [sides]side
}

// span is [from, to) in sample instants.
type span struct{ from, to int64 }

// New returns an empty line that will hold its samples in format f.
func New(f wav.Format) *Line { return &Line{win: window{format: f}} }

// Format returns how the line holds its samples.
func (l *Line) Format() wav.Format { return l.win.format }

// End returns the line's length so far.
func (l *Line) End() int64 { return l.win.end }

// Base returns where the part begins that may still change.
func (l *Line) Base() int64 { return l.win.base }

// Pause mutes the line from position at on: packets that arrive from then on
// are dropped, until Resume. It must come before the frames that arrive after.
func (l *Line) Pause(at int64) {
	if !l.paused() {
		l.pauses = append(l.pauses, span{at, forever})
	}
}

// Resume ends the pause. What arrives later and belongs, by its RTP time, into
// the pause stays silent.
func (l *Line) Resume(at int64) {
	if l.paused() {
		last := &l.pauses[len(l.pauses)-1]
		last.to = max(at, last.from)
	}
}

func (l *Line) paused() bool {
	return len(l.pauses) > 0 && l.pauses[len(l.pauses)-1].to == forever
}

// muted says whether a packet that arrived at arr fell into a pause.
func (l *Line) muted(arr int64) bool {
	for _, p := range l.pauses {
		if arr >= p.from && arr < p.to {
			return true
		}
	}
	return false
}

// Room says whether a packet that arrives at position arr can be taken without
// the line growing beyond its bound. When not, the owner must first settle.
func (l *Line) Room(arr int64) bool { return arr+Sanity+snap-l.win.base < roomMax }

// Frame places one packet that arrived at position arr. Frames must come in
// order of arrival, and Room(arr) must hold.
func (l *Line) Frame(f *media.Frame, arr int64) {
	if int(f.Side) >= sides || len(f.Payload) == 0 || codeOf(f.Codec, l.win.format) == nil {
		return
	}
	s := &l.sides[f.Side]
	if l.muted(arr) {
		s.skip(f)
		return
	}
	s.frame(l, f, arr)
}

// Extend makes the line reach to position to, with silence, as far as there is
// room, and says how far it then reaches. Suspects are judged: they will not
// get company.
func (l *Line) Extend(to int64) int64 {
	for i := range l.sides {
		l.sides[i].expire(l, to)
	}
	l.win.extend(min(to, l.win.base+roomMax))
	return l.win.end
}

// Dirty returns what changed since the last Clean: the samples from position
// pos to the line's end. The slice is valid until the line is used again.
func (l *Line) Dirty() (pos int64, samples []byte) {
	w := &l.win
	return w.dirty, w.buf[int(w.dirty-w.base)*w.format.Block():]
}

// Clean says that all up to the end has been written.
func (l *Line) Clean() { l.win.dirty = l.win.end }

// Settle gives up, a chunk at a time, what no packet arriving at now or later
// can change. Each is passed to chunk, which must not keep it.
func (l *Line) Settle(now int64, chunk func([]byte)) {
	l.win.settle(now-Horizon-slack, chunk)
}

// Drop settles the oldest chunk, whatever may still come for it.
func (l *Line) Drop(chunk func([]byte)) { l.win.settle(l.win.base+Chunk, chunk) }

// Blank silences what is dirty before position to: it could not be kept.
// It returns the first position blanked.
func (l *Line) Blank(to int64) (from int64) {
	w := &l.win
	from, to = w.dirty, min(to, w.end)
	if from >= to {
		return to
	}
	at := int(from-w.base) * w.format.Block()
	silence(w.buf[:at], w.format, to-from)
	return from
}

// Close places what was held back: nothing more will come.
func (l *Line) Close() {
	for i := range l.sides {
		l.sides[i].expire(l, forever)
	}
}

// Last returns what Settle has not given up, to be called after Close.
func (l *Line) Last() []byte { return l.win.buf }

// Stats returns side's counts so far.
func (l *Line) Stats(side media.Side) Stats {
	if int(side) >= sides {
		return Stats{}
	}
	return l.sides[side].counts()
}

// write puts a packet's samples at pos, but for those in a pause and those
// whose place is settled. It reports whether any found a place.
func (l *Line) write(f *media.Frame, pos, arr int64) bool {
	c := codeOf(f.Codec, l.win.format)
	from, to := pos, pos+int64(len(f.Payload))
	floor := max(l.win.base, (arr-Horizon)/Chunk*Chunk)
	from = max(from, floor)
	if from >= to || to > arr+Sanity+snap+int64(len(f.Payload)) {
		return false
	}
	for _, p := range l.pauses {
		if p.from > arr || p.to <= from || p.from >= to {
			continue
		}
		if p.from > from {
			l.store(f, c, pos, from, p.from)
		}
		from = min(p.to, to)
	}
	l.store(f, c, pos, from, to)
	return true
}

func (l *Line) store(f *media.Frame, c *code, pos, from, to int64) {
	if from >= to {
		return
	}
	part := f.Payload[from-pos : to-pos]
	switch f.Side {
	case media.Caller:
		l.win.put(0, from, part, c)
	case media.Agent:
		if l.sides[media.Other].end > from { // who has spoken there before must not be wiped out
			l.win.mix(1, from, part, c)
			break
		}
		l.win.put(1, from, part, c)
	default:
		// A third party shares the agent's channel.
		l.win.mix(1, from, part, c)
	}
}
