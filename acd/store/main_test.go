package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/store"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedServer.server != nil {
		sharedServer.stop()
	}
	if code == 0 {
		if err := goleak.Find(goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// world is a journal with its projection.
type world struct {
	t    testing.TB
	j    *journal.Journal
	s    *store.Store
	path string
	url  string // of PostgreSQL; "": SQLite
	stop func()
	boot string
	mono int64
	now  time.Time
	rng  *rand.Rand
	disk []store.Recording // what the recordings' folder holds

	within time.Duration
	log    *zap.Logger
}

// batch is small, so that tests meet its edges.
var batch = 100

func newWorld(t testing.TB) *world { return newWorldOn(t, "") }

// newWorldOn is newWorld with a database at a URL.
func newWorldOn(t testing.TB, url string) *world {
	dir := t.TempDir()
	j, err := journal.Open(journal.Config{Dir: filepath.Join(dir, "journal"), SegmentBytes: 1 << 20})
	require.NoError(t, err)
	w := &world{t: t, j: j, url: url, path: filepath.Join(dir, "switch room?.db"), boot: "boot-1",
		now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), rng: rand.New(rand.NewPCG(1, 2))}
	w.start()
	t.Cleanup(func() {
		w.stop()
		j.Close()
	})
	return w
}

// start begins a projection; w.stop ends it.
func (w *world) start() {
	w.s = store.New(store.Config{Path: w.path, URL: w.url, Journal: w.j, Retry: 10 * time.Millisecond, Batch: batch,
		Within: w.within, Log: w.log,
		Recordings: func(yield func(store.Recording) error) error {
			for _, r := range w.disk {
				if err := yield(r); err != nil {
					return err
				}
			}
			return nil
		}})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.s.Run(ctx) })
	w.stop = func() { cancel(); wg.Wait() }
}

// add appends an event at the world's time.
func (w *world) add(ev acd.Event) uint64 {
	ev.Time, ev.Mono, ev.Boot = w.now, w.mono, w.boot
	seq := w.j.Append(ev)
	require.NotZero(w.t, seq)
	return seq
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.mono += int64(d)
}

// sync waits until everything is safe and folded.
func (w *world) sync() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	last := w.j.Status().Next - 1
	require.NoError(w.t, w.j.Commit(ctx, last))
	require.NoError(w.t, w.s.CaughtUp(ctx, last), "%v", w.s.Status().Fault)
}

// id is a call's id made at the world's time.
func (w *world) id() string {
	ms := w.now.UnixMilli()
	var id uuid.UUID
	for i := range id {
		id[i] = byte(w.rng.Uint32())
	}
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// call runs one whole call through the journal.
func (w *world) call(c acd.CDR, wait, talk time.Duration) string {
	id := w.id()
	c.ID, c.Started = id, w.now
	ev := acd.Event{Call: id, Client: c.Client, Queue: c.Queue, Agent: c.Agent, Site: c.Site}
	with := func(k acd.Kind, f func(*acd.Event)) {
		e := ev
		e.Kind = k
		if f != nil {
			f(&e)
		}
		w.add(e)
	}
	with(acd.CallArrived, func(e *acd.Event) { e.Trunk, e.From, e.Number = c.Trunk, c.From, c.Number })
	with(acd.CallQueued, nil)
	w.pass(wait)
	if c.Agent == "" {
		with(acd.CallLeft, func(e *acd.Event) { e.Cause, e.Seconds = "abandoned", wait.Seconds() })
		c.Cause = "abandoned"
		c.Segments = []acd.Segment{{Kind: "queue", Queue: c.Queue, Length: wait.Seconds(), Cause: "abandoned"}}
	} else {
		with(acd.CallOffered, func(e *acd.Event) { e.Decision = &acd.Decision{Seq: 7, Strategy: "longest-idle"} })
		with(acd.CallConnected, func(e *acd.Event) { e.Seconds = wait.Seconds() })
		w.pass(talk)
		c.Cause = "caller-hangup"
		c.Segments = []acd.Segment{
			{Kind: "ring", Agent: c.Agent, Site: c.Site, Queue: c.Queue, Start: wait.Seconds(), Cause: "answered"},
			{Kind: "queue", Queue: c.Queue, Length: wait.Seconds(), Cause: "answered"},
			{Kind: "talk", Agent: c.Agent, Site: c.Site, Queue: c.Queue, Start: wait.Seconds(), Length: talk.Seconds()},
		}
		answered := c.Started.Add(wait)
		c.Answered = &answered
	}
	c.Waited, c.Talked, c.Duration = wait.Seconds(), talk.Seconds(), (wait + talk).Seconds()
	c.Ended = w.now
	with(acd.CallRecord, func(e *acd.Event) { e.CDR = &c })
	return id
}

// seal notes a recording of the call.
func (w *world) seal(r store.Recording) {
	detail, err := json.Marshal(r)
	require.NoError(w.t, err)
	w.add(acd.Event{Kind: acd.RecordingSealed, Call: r.CallID, Detail: detail})
}

func number(n int) string { return fmt.Sprintf("+861380000%04d", n) }
