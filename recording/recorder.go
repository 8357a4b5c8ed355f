package recording

import (
	"sync"
	"sync/atomic"
	"time"

	"switchroom/media"
	"switchroom/recording/disk"
)

// Recorder records one call. Frame belongs to the goroutine that carries the
// call's media; the other methods may be called from any goroutine, return at
// once, and do nothing after Stop.
type Recorder struct {
	// Constant after Start.
	store *Store
	name  name
	start int64 // of the timeline, on media.Now's clock

	ring   *ring
	heard  atomic.Uint32 // a bit for each side and codec that spoke
	paused atomic.Bool   // Frame drops
	closed atomic.Bool   // Frame drops, for good

	mu       sync.Mutex
	meta     Meta
	turns    []turn // pauses and resumes the writer has not applied
	inPause  bool
	pausedAt int64 // ns since start
	stopped  bool
	stopAt   int64 // ns since start
	changed  bool  // meta differs from the JSON on disk
	// firstMeta is the first JSON's file until a sync has taken it; nil after.
	firstMeta disk.File

	// draft serialises what writes the JSON: the syncer until sealing is set,
	// the sealer alone from then on.
	draft   sync.Mutex
	sealing bool

	broken bool                     // the writer's: a fault of ours has ended it
	tape   tape                     // the writer's; the sealer's once the writer has let go of it
	file   atomic.Pointer[openFile] // for the syncer, and readers to know that there is one
	length atomic.Int64             // instants the header tells of
	// tainted: the disk reported an error on what was written before.
	tainted atomic.Bool
}

var _ media.Tap = (*Recorder)(nil)

// openFile is what the syncer needs of a recording.
type openFile struct {
	disk.File
	handle uint32
}

// turn is a pause (or its end) at a time, in ns since the start.
type turn struct {
	at    int64
	pause bool
}

func heardBit(s media.Side, c media.Codec) uint32 { return 1 << (uint32(s)*2 + uint32(c)&1) }

// ID returns the recording's id: its call's.
func (r *Recorder) ID() string { return r.name.id }

// Frame copies one packet into the recording's ring, or drops and counts it
// when there is no room. It never waits and does not allocate.
func (r *Recorder) Frame(f *media.Frame) {
	if r.closed.Load() || r.paused.Load() {
		return
	}
	if bit := heardBit(f.Side, f.Codec); r.heard.Load()&bit == 0 {
		r.heard.Or(bit)
	}
	r.ring.push(f)
}

// now returns the time since the recording's start in ns.
func (r *Recorder) now() int64 { return media.Now() - r.start }

// Mark notes that something happened. At and Offset are set when they are
// zero.
func (r *Recorder) Mark(m Mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.mark(m, r.now())
	}
}

func (r *Recorder) mark(m Mark, at int64) {
	if m.At.IsZero() {
		m.At = r.store.cfg.Now()
	}
	m.At = m.At.UTC().Truncate(time.Millisecond)
	if m.Offset == 0 {
		m.Offset = seconds(at)
	}
	r.meta.Marks = append(r.meta.Marks, m)
	r.changed = true
}

// Pause keeps no sound from now on until Resume: not an octet that arrives
// meanwhile is copied, written or hashed. The recording holds silence there.
// Pausing twice is one pause.
func (r *Recorder) Pause(who, why string) {
	r.paused.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped || r.inPause {
		return
	}
	// Taken after paused is set: a packet that slipped by was received before.
	at := r.now()
	r.inPause, r.pausedAt = true, at
	r.turns = append(r.turns, turn{at, true})
	r.mark(Mark{Kind: MarkPause, Who: who, Why: why}, at)
}

// Resume ends a pause.
func (r *Recorder) Resume(who, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped || !r.inPause {
		return
	}
	at := r.now()
	r.unpause(at)
	r.mark(Mark{Kind: MarkResume, Who: who, Why: why}, at)
	r.paused.Store(false)
}

func (r *Recorder) unpause(at int64) {
	r.inPause = false
	r.meta.Paused += seconds(at - r.pausedAt)
	r.turns = append(r.turns, turn{at, false})
}

// Hold notes that who put the other party on hold.
func (r *Recorder) Hold(who string) { r.Mark(Mark{Kind: MarkHold, Who: who}) }

// Unhold notes that who took the other party back.
func (r *Recorder) Unhold(who string) { r.Mark(Mark{Kind: MarkUnhold, Who: who}) }

// Segment notes that from now on the given agent serves the call.
func (r *Recorder) Segment(agent, agentName, site string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	at := r.now()
	r.endSegment(at)
	r.meta.Agent, r.meta.AgentName, r.meta.Site = agent, agentName, site
	r.meta.Segments = append(r.meta.Segments, Segment{Agent: agent, AgentName: agentName, Site: site, Start: seconds(at)})
	r.mark(Mark{Kind: MarkAgent, Who: agent}, at)
}

func (r *Recorder) endSegment(at int64) {
	if n := len(r.meta.Segments); n > 0 && r.meta.Segments[n-1].End == 0 {
		r.meta.Segments[n-1].End = seconds(at)
	}
}

// Stop ends the recording. What Frame took before is kept to the last packet;
// the file is finished and sealed later, and Config.Sealed told.
func (r *Recorder) Stop(cause string) {
	r.closed.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	r.stopped = true
	r.stopAt = r.now()
	if r.inPause {
		r.unpause(r.stopAt)
		r.mark(Mark{Kind: MarkPaused}, r.stopAt)
	}
	r.endSegment(r.stopAt)
	r.meta.Cause = cause
	r.changed = true
}

// view returns the recording's metadata as it stands.
func (r *Recorder) view() Meta {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.meta.clone()
	if r.inPause {
		m.Paused += seconds(r.now() - r.pausedAt)
	}
	return m
}

// seconds turns ns into seconds with milliseconds.
func seconds(ns int64) float64 {
	return float64((ns+int64(time.Millisecond)/2)/int64(time.Millisecond)) / 1000
}
