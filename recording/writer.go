package recording

import (
	"context"
	"errors"
	"slices"
	"time"

	"switchroom/media"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"

	"go.uber.org/zap"
)

const (
	// lag is how far behind the clock the line is drawn out while nobody
	// speaks: packets on their way then need no writing over.
	lag = 60 * time.Millisecond
	// formatWait is how long a recording waits for both sides to speak before
	// it settles its format by the one that did, silentWait when neither does.
	formatWait = 100 * time.Millisecond
	silentWait = time.Second
	// giveUp is how long the writer tries, at the end, to finish what a
	// failing disk does not take.
	giveUp = 5 * time.Second
)

// write is the writer: it looks every Config.Tick at every open recording.
func (s *Store) write(ctx context.Context) {
	ticker := time.NewTicker(s.cfg.Tick)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if s.idle() {
			s.rest(ctx)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
			s.tick(media.Now())
		}
	}
	for _, r := range s.stopAll() {
		r.Stop(CauseSystem)
	}
	for deadline := media.Now() + int64(giveUp); media.Now() < deadline; {
		s.tick(media.Now())
		if s.idle() {
			return
		}
		<-ticker.C
	}
}

// rest waits for a recording to begin, but not for long: what was sealed last
// is still to be noted.
func (s *Store) rest(ctx context.Context) {
	timer := time.NewTimer(restMax)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-s.begun:
	case <-timer.C:
	}
}

// restMax is how long the writer of an idle store rests.
const restMax = time.Second

// stopAll refuses new recordings and returns those still open.
func (s *Store) stopAll() []*Recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return slices.Clone(s.writing)
}

func (s *Store) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.writing) == 0
}

// tick is one look: checksums first, then the sound they are of, then the
// headers that tell of it. Whatever the moment a crash comes, a header never
// claims what is not there, and the log knows the checksum of all that it
// claims.
func (s *Store) tick(now int64) {
	s.beat.Store(now)
	defer s.beat.Store(0)
	s.mu.Lock()
	recorders := slices.Clone(s.writing)
	for _, l := range s.safe {
		s.log.Safe(l.handle, l.length)
	}
	for _, h := range s.ended {
		s.log.Close(h)
	}
	s.safe, s.ended = s.safe[:0], s.ended[:0]
	s.mu.Unlock()

	var failed error
	for _, r := range recorders {
		if err := s.guarded(r, (*Recorder).collect, now); err != nil {
			failed = err
		}
	}
	if err := s.log.Flush(); err != nil {
		failed = err
	}
	for _, r := range recorders {
		if err := s.guarded(r, (*Recorder).keep, now); err != nil {
			failed = err
		}
	}
	var finished []*Recorder
	for _, r := range recorders {
		if err := s.guarded(r, (*Recorder).reveal, now); err != nil {
			failed = err
		} else if r.tape.done && !r.broken {
			finished = append(finished, r)
		}
	}
	s.report(failed, recorders)
	s.stats.lookNs.Store(media.Now() - now)
	if len(finished) > 0 {
		s.pass(finished)
	}
}

// report turns the look's outcome into alarms.
func (s *Store) report(failed error, recorders []*Recorder) {
	if failed != nil {
		s.stats.writeErrors.Add(1)
		s.alarms.set(WriteFailed, true, failed.Error())
	} else {
		s.alarms.set(WriteFailed, false, "")
	}
	dropped := uint64(0)
	for _, r := range recorders {
		dropped += r.newlyDropped()
	}
	s.stats.dropped.Add(dropped)
	s.alarms.set(Dropping, dropped > 0, "packets found no room")
}

// pass hands finished recordings to the sealer, who owns their tapes from here.
func (s *Store) pass(finished []*Recorder) {
	s.mu.Lock()
	s.writing = slices.DeleteFunc(s.writing, func(r *Recorder) bool { return slices.Contains(finished, r) })
	s.toSeal = append(s.toSeal, finished...)
	s.mu.Unlock()
	select {
	case s.sealKick <- struct{}{}:
	default:
	}
}

// collect brings the recording's line up to now, and notes what of it is to be
// written.
func (r *Recorder) collect(now int64) error {
	t := &r.tape
	turns, stopped, stopAt := r.take()
	if t.line == nil {
		format, ok := r.format(now, stopped)
		if !ok {
			r.putBack(turns)
			return nil
		}
		r.begin(format)
	}
	for _, turn := range turns {
		if turn.pause {
			t.line.Pause(timeline.Position(turn.at))
		} else {
			t.line.Resume(timeline.Position(turn.at))
		}
	}
	err := r.ensureFile(now)
	if errors.Is(err, ErrExists) {
		return nil
	}
	r.ring.drain(func(f *media.Frame) { r.frame(f, now) })
	to := timeline.Position(now - r.start - int64(lag))
	if stopped {
		t.line.Close()
		to = timeline.Position(stopAt)
	}
	t.advance(to, r.store.log, now)
	t.intend(r.store.log, now)
	t.ending = stopped
	return err
}

// keep writes what collect gathered.
func (r *Recorder) keep(now int64) error {
	t := &r.tape
	if t.line == nil {
		return nil
	}
	octets := t.wrote
	t.settle(r.store.log, now)
	r.store.stats.octets.Add(t.wrote - octets)
	r.limit()
	t.done = t.ending && t.failed == nil && t.file != nil
	return t.failed
}

// frame puts one packet on the line.
func (r *Recorder) frame(f *media.Frame, now int64) {
	t := &r.tape
	arr := max(timeline.Position(f.Arrival-r.start), 0)
	if !t.line.Room(arr) {
		t.advance(arr, r.store.log, now)
	}
	if !t.full && t.line.Room(arr) {
		t.line.Frame(f, arr)
	}
}

// take returns what the call did since the last look.
func (r *Recorder) take() (turns []turn, stopped bool, stopAt int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if limit := r.store.cfg.PauseMax; limit > 0 && r.inPause && r.now()-r.pausedAt > int64(limit) {
		at := r.now()
		r.unpause(at)
		r.mark(Mark{Kind: MarkResume, Who: CauseSystem, Why: "pause too long"}, at)
		r.paused.Store(false)
	}
	turns, r.turns = r.turns, nil
	return turns, r.stopped, r.stopAt
}

// putBack returns turns that could not be applied yet.
func (r *Recorder) putBack(turns []turn) {
	if len(turns) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turns = append(turns, r.turns...)
}

// format decides how the file holds its samples, or not yet.
func (r *Recorder) format(now int64, stopped bool) (wav.Format, bool) {
	if f, ok := wav.ParseFormat(r.hint()); ok {
		return f, true
	}
	heard := r.heard.Load()
	age := time.Duration(now - r.start)
	ulaw := heardBit(media.Caller, media.PCMU) | heardBit(media.Agent, media.PCMU) | heardBit(media.Other, media.PCMU)
	alaw := ulaw << 1
	caller := heardBit(media.Caller, media.PCMU) | heardBit(media.Caller, media.PCMA)
	agent := caller << 2
	both := heard&caller != 0 && heard&agent != 0
	switch {
	case heard == 0 && !stopped && age < silentWait:
		return 0, false
	case heard != 0 && !both && !stopped && age < formatWait:
		return 0, false
	case heard&ulaw != 0 && heard&alaw != 0:
		return wav.PCM16, true
	case heard&alaw != 0:
		return wav.ALaw, true
	}
	return wav.ULaw, true
}

func (r *Recorder) hint() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meta.Format
}

func (r *Recorder) begin(f wav.Format) {
	r.tape.begin(r.name.id, f)
	r.mu.Lock()
	r.meta.Format = f.String()
	r.changed = false
	r.mu.Unlock()
	r.note()
}

// ensureFile makes the file, trying again now and then while the disk refuses.
func (r *Recorder) ensureFile(now int64) error {
	t := &r.tape
	if t.file != nil || t.failed != nil && now < t.retryAt {
		return t.failed
	}
	err := t.open(r.store.files, r.name, r.store.log)
	if errors.Is(err, ErrExists) {
		// Never write over a recording. There is nowhere to put this one.
		r.store.zlog.Error("recording's file exists", zap.String("id", r.name.id))
		r.store.abandon(r)
		return err
	}
	if err != nil {
		t.failed, t.retryAt = err, now+retryAfter
		return err
	}
	t.failed = nil
	r.file.Store(&openFile{t.file, t.handle})
	r.store.touch(r.name.dir)
	return nil
}

// limit ends a recording that has the size a WAV can have.
func (r *Recorder) limit() {
	if !r.tape.full || r.tape.limited {
		return
	}
	r.tape.limited = true
	r.Mark(Mark{Kind: MarkLimit})
	r.closed.Store(true)
}

// reveal lets the header tell of what is written, and readers see the length.
func (r *Recorder) reveal(now int64) error {
	t := &r.tape
	if t.line == nil {
		return nil
	}
	if err := t.claim(now); err != nil {
		t.done = false
		return err
	}
	if t.claimed > 0 && t.claimed/timeline.Chunk != r.length.Load()/timeline.Chunk {
		r.publish()
	}
	r.length.Store(max(t.claimed, 0))
	return nil
}

// publish copies the writer's counts to where readers may see them.
func (r *Recorder) publish() {
	t := &r.tape
	stats := t.statsOf()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meta.Sides = r.sides(r.meta.Sides[:0], stats) // whoever reads the metadata gets a copy
	if len(t.gaps) > len(r.meta.Gaps) {
		r.changed = true
	}
	r.meta.Gaps = slices.Clone(t.gaps)
}

// sides turns counts into what the JSON holds, appended to out.
func (r *Recorder) sides(out []SideStats, stats [3]timeline.Stats) []SideStats {
	for i, st := range stats {
		side := media.Side(i)
		dropped := r.ring.dropped[i].Load()
		if side == media.Other && st.Packets == 0 && dropped == 0 {
			continue
		}
		// A packet the ring had no room for was never numbered by the line.
		lost := st.Lost - min(st.Lost, dropped)
		out = append(out, SideStats{
			Side: side.String(), Packets: st.Packets, Lost: lost, Late: st.Late, Duplicate: st.Duplicate,
			Reordered: st.Reordered, Dropped: dropped, Sources: st.Sources, Jumps: st.Jumps, Transcoded: st.Transcoded,
		})
	}
	return out
}

// newlyDropped returns how many frames were dropped since the last call.
func (r *Recorder) newlyDropped() uint64 {
	sum := uint64(0)
	for i := range r.ring.dropped {
		sum += r.ring.dropped[i].Load()
	}
	fresh := sum - r.tape.dropped
	r.tape.dropped = sum
	return fresh
}
