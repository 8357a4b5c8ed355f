package recording

import (
	"errors"
	"fmt"
	"io/fs"

	"switchroom/media"
	"switchroom/recording/disk"
	"switchroom/recording/proof"
	"switchroom/recording/tail"
	"switchroom/recording/timeline"
	"switchroom/recording/vault"
	"switchroom/recording/wav"
)

// tape is a recording on its way to the disk. One goroutine owns it: the
// writer, and after it the sealer.
//
// Invariants: the file holds [0, written) as the line does, but for what is
// dirty and for chunks that were lost; the header claims no more than written.
type tape struct {
	line    *timeline.Line // nil until the format is known
	file    disk.File      // nil until it could be made
	chain   proof.Chain
	chunks  []byte // SHA-256 of each settled second
	handle  uint32 // in the tail log
	written int64  // instants
	header  [wav.HeaderMax]byte
	claimed int64 // instants the header tells of; -1 before there is one
	retryAt int64 // after a failure: media.Now from which on to try again
	failed  error // the last one, nil when all is written
	reached int64 // how far the line was drawn out
	// intended: the log was told of what is dirty, and that has gone out.
	intended bool
	gaps     []Gap
	full     bool // the file has the size it can have
	limited  bool // and the recorder was told
	ending   bool // stopped: the line is complete
	done     bool // and all of it is written: the sealer may have it
	wrote    uint64
	dropped  uint64 // as of the last look
	root     [proof.Size]byte
	rooted   bool
	linked   int // of the chain, as the log was told

	keys  *vault.Keys   // to encrypt to; nil: the file is a WAV
	vault *vault.Writer // nil without keys, and until the file is made
	head  []byte        // of the encrypted file, as long as it is not written
}

// lengthMax is how many instants a file of format f can hold, a chunk spared.
func lengthMax(f wav.Format) int64 {
	return wav.DataMax/int64(f.Block())/timeline.Chunk*timeline.Chunk - timeline.Chunk
}

// retryAfter is how long a recording whose write failed leaves the disk alone.
const retryAfter = 500e6

// keepMax is how much that could not be written is kept in memory, in instants.
const keepMax = 6 * wav.Rate

// begin settles the file's format.
func (t *tape) begin(id string, f wav.Format) {
	t.line = timeline.New(f)
	t.chain = proof.NewChain(id, f)
	t.claimed = -1
}

// advance makes the line reach position to. Only when there is no room for it
// is anything written and settled on the way; else that is left to settle.
func (t *tape) advance(to int64, log *tail.Log, now int64) {
	if limit := lengthMax(t.line.Format()); to > limit {
		to, t.full = limit, true
	}
	for {
		t.reached = min(to, t.line.Extend(to))
		if t.reached >= to {
			return
		}
		t.settle(log, now)
	}
}

// intend notes in the log what is about to be written. The log goes out before
// the samples do: after a crash a stretch then holds what the log says last or,
// not yet written over, what it said before.
func (t *tape) intend(log *tail.Log, now int64) {
	t.intended = true
	if t.file == nil || t.failed != nil && now < t.retryAt {
		return
	}
	if t.keys != nil {
		return // its records vouch for themselves, and the log is in the clear
	}
	if pos, b := t.line.Dirty(); len(b) > 0 {
		log.Block(t.handle, pos, b, t.line.Format())
	}
}

// settle writes what is dirty and gives up what no packet that arrives behind
// the point reached can change. What cannot be written is kept as long as there is
// room, then becomes silence and a gap.
func (t *tape) settle(log *tail.Log, now int64) {
	if err := t.flush(log, now); err == nil {
		t.line.Settle(t.reached, t.chunk)
	} else if t.line.End()-t.line.Base() >= keepMax {
		t.lose()
	}
	t.link(log)
}

// lose gives up the oldest second: what of it is not written becomes silence.
func (t *tape) lose() {
	upTo := t.line.Base() + timeline.Chunk
	if from := t.line.Blank(upTo); from < upTo {
		t.gap(from, upTo)
		t.written = min(t.written, from)
	}
	t.line.Drop(t.chunk)
}

func (t *tape) chunk(samples []byte) {
	sum := t.chain.Add(samples)
	t.chunks = append(t.chunks, sum[:]...)
}

// gap notes that [from, to) was lost to the disk.
func (t *tape) gap(from, to int64) {
	start, length := instants(from), instants(to-from)
	if n := len(t.gaps); n > 0 && t.gaps[n-1].Start+t.gaps[n-1].Length >= start-0.0005 {
		t.gaps[n-1].Length = instants(to) - t.gaps[n-1].Start
		return
	}
	t.gaps = append(t.gaps, Gap{Start: start, Length: length, Why: gapDisk})
}

// instants turns sample instants into seconds.
func instants(n int64) float64 { return float64(n) / wav.Rate }

// open makes the file.
func (t *tape) open(files disk.Files, n name, log *tail.Log) error {
	err := t.create(files, n)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, n.id)
	}
	if err != nil {
		return err
	}
	t.handle = log.Open(n.id, t.line.Format())
	return nil
}

func (t *tape) create(files disk.Files, n name) (err error) {
	if t.keys != nil {
		err = t.openVault(files, n)
	} else {
		t.file, err = files.Create(n.sound())
	}
	if err != nil {
		t.file = nil
	}
	return err
}

// flush writes what the file lacks, silence for what was lost first. now is
// media.Now: after a failure the disk is left alone for a while.
func (t *tape) flush(log *tail.Log, now int64) error {
	if !t.intended {
		t.intend(log, now)
		// An error stands in the next look's way too, and is told there.
		_ = log.Flush()
	}
	t.intended = false
	if t.failed != nil && now < t.retryAt {
		return t.failed
	}
	if err := t.write(); err != nil {
		t.failed, t.retryAt = err, now+retryAfter
		return err
	}
	t.failed = nil
	return nil
}

// silenceMax is the most silence written at once, in instants.
const silenceMax = 8 * wav.Rate

func (t *tape) write() error {
	f := t.line.Format()
	for t.written < t.line.Base() {
		b := timeline.Silence(f, min(t.line.Base()-t.written, silenceMax))
		if err := t.put(t.written, b); err != nil {
			return err
		}
		t.written += int64(len(b) / f.Block())
	}
	pos, b := t.line.Dirty()
	if len(b) == 0 {
		return nil
	}
	if err := t.put(pos, b); err != nil {
		return err
	}
	t.written = t.line.End()
	t.line.Clean()
	return nil
}

func (t *tape) put(pos int64, b []byte) error {
	if t.file == nil {
		return errNoFile
	}
	f := t.line.Format()
	var err error
	if t.vault != nil {
		err = t.putVault(pos, b)
	} else {
		_, err = t.file.WriteAt(b, int64(f.HeaderSize())+pos*int64(f.Block()))
	}
	if err != nil {
		return err
	}
	t.wrote += uint64(len(b))
	return nil
}

// claim brings the header up to what was written. It comes after the samples
// and after their checksums: at no moment it tells of what is not there.
func (t *tape) claim(now int64) error {
	if t.file == nil || t.claimed == t.written {
		return nil
	}
	if t.failed != nil && now < t.retryAt {
		return t.failed
	}
	if t.vault != nil { // its records tell of themselves
		t.claimed = t.written
		return nil
	}
	f := t.line.Format()
	if _, err := t.file.WriteAt(wav.Header(t.header[:0], f, t.written*int64(f.Block())), 0); err != nil {
		t.failed, t.retryAt = err, now+retryAfter
		return err
	}
	t.claimed = t.written
	return nil
}

// finish gives up the rest of the line and returns the root over all of it.
func (t *tape) finish() [proof.Size]byte {
	if t.rooted {
		return t.root
	}
	t.rooted = true
	t.line.Settle(1<<62, t.chunk)
	if last := t.line.Last(); len(last) > 0 {
		t.chunk(last)
	}
	t.root = t.chain.Root(t.line.End())
	return t.root
}

// statsOf copies the line's counts, for readers to be given under a lock.
func (t *tape) statsOf() [3]timeline.Stats {
	var s [3]timeline.Stats
	for side := range s {
		s[side] = t.line.Stats(media.Side(side))
	}
	return s
}

var errNoFile = errors.New("recording: file could not be made")
