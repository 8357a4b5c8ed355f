package journal

import (
	"slices"
	"time"
)

// rest is the writer's sleep. Who appends or commits sets the alarm himself, so
// that the writer wakes once for each sync, and not each time to find that it
// is not yet time. Under Journal.mu.
type rest struct {
	asleep bool
	until  time.Time   // when asleep
	alarm  *time.Timer // the writer waits for it
	last   time.Time   // of the last sync
}

// due is when what is pending is to be synced: CommitEvery after the last sync,
// or Share after it when somebody waits. Under mu.
func (j *Journal) due() time.Time {
	if j.urgent {
		return j.rest.last.Add(j.cfg.Share)
	}
	return j.rest.last.Add(j.cfg.CommitEvery)
}

// hasten has a writer that sleeps wake when what is pending is due. Under mu.
func (j *Journal) hasten() {
	if at := j.due(); j.rest.asleep && at.Before(j.rest.until) {
		j.rest.until = at
		j.rest.alarm.Reset(max(time.Until(at), 0))
	}
}

// sleep has the writer wait until then, or until it is woken before.
// j.mu is held, and given up while it waits.
func (j *Journal) sleep(until time.Time) {
	j.rest.asleep, j.rest.until = true, until
	j.rest.alarm.Reset(max(time.Until(until), 0))
	j.mu.Unlock()
	select {
	case <-j.wake:
	case <-j.rest.alarm.C:
	}
	j.mu.Lock()
	j.rest.asleep = false
}

// promise is a Commit that waits: kept is closed when its number is safe, or
// never will be.
type promise struct {
	seq  uint64
	kept chan struct{}
}

// await lists a Commit of seq, in order: most are of the last number. Under mu.
func (j *Journal) await(seq uint64) <-chan struct{} {
	p := promise{seq, make(chan struct{})}
	i := len(j.promises)
	for i > 0 && j.promises[i-1].seq > seq {
		i--
	}
	j.promises = slices.Insert(j.promises, i, p)
	return p.kept
}

// keep wakes the Commits whose numbers are safe, or all when the writer has
// ended. Under mu.
func (j *Journal) keep() {
	n := 0
	for n < len(j.promises) && (j.closed || j.promises[n].seq <= j.synced) {
		close(j.promises[n].kept)
		n++
	}
	j.promises = slices.Delete(j.promises, 0, n)
}
