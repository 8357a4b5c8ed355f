package store_test

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/report"
	"switchroom/acd/store"
)

var ctx = context.Background()

func TestACallIsKeptWithAllThatBelongsToIt(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.pass(1500 * time.Microsecond)
		id := w.call(acd.CDR{Client: "courier", Queue: "parcels", Agent: "8001", Site: "chengdu", Trunk: "telecom",
			From: number(1), Number: "4008001234", Recording: "r"}, 12*time.Second, time.Minute)
		w.seal(store.Recording{ID: id, CallID: id, Client: "courier", Length: 60, Size: 960044, Started: w.now})
		w.sync()

		cdr, err := w.s.CDR(ctx, id)
		require.NoError(t, err)
		require.Equal(t, number(1), cdr.From)
		require.Equal(t, 60.0, cdr.Talked)
		require.Len(t, cdr.Segments, 3)
		r, err := w.s.Recording(ctx, id)
		require.NoError(t, err)
		require.EqualValues(t, 960044, r.Size)
		offers, err := w.s.Offers(ctx, id)
		require.NoError(t, err)
		require.Len(t, offers, 1)
		require.Equal(t, "connected", offers[0].Outcome)
		require.EqualValues(t, 7, offers[0].Decision.Seq)

		for _, unknown := range []string{"", "nobody", "' OR 1=1 --"} {
			_, err = w.s.CDR(ctx, unknown)
			require.ErrorIs(t, err, store.ErrNotFound)
			_, err = w.s.Offers(ctx, unknown)
			require.ErrorIs(t, err, store.ErrNotFound)
		}
	})
}

// all pages through everything that a filter chooses.
func all(t *testing.T, s *store.Store, f store.Filter) []string {
	t.Helper()
	var ids []string
	for {
		page, err := s.CDRs(ctx, f)
		require.NoError(t, err)
		for _, c := range page.Items {
			ids = append(ids, c.ID)
		}
		if page.Next == "" {
			return ids
		}
		require.Len(t, page.Items, f.Limit)
		f.Cursor = page.Next
	}
}

func TestTheProjectionComesBackFromAnything(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.call(acd.CDR{Client: "c", Queue: "q", Agent: "a", From: number(i)}, time.Second, time.Second)
	}
	w.sync()
	want := all(t, w.s, store.Filter{Limit: 7})
	require.Len(t, want, 20)
	same := func(t *testing.T) {
		t.Helper()
		w.call(acd.CDR{Client: "c", Queue: "q", Agent: "a"}, time.Second, time.Second)
		w.sync()
		got := all(t, w.s, store.Filter{Limit: 7})
		require.Equal(t, want, got[1:])
		want = got
	}

	t.Run("a restart", func(t *testing.T) {
		w.stop()
		w.start()
		same(t)
	})
	t.Run("the file gone while nothing runs", func(t *testing.T) {
		w.stop()
		require.NoError(t, os.Remove(w.path))
		w.start()
		same(t)
	})
	t.Run("the file gone under way", func(t *testing.T) {
		require.NoError(t, os.Remove(w.path))
		w.call(acd.CDR{Client: "c", Queue: "q", Agent: "a"}, time.Second, time.Second)
		w.sync()
		require.Eventually(t, func() bool {
			// The file first: the one before still answers until it is there.
			_, gone := os.Stat(w.path)
			page, err := w.s.CDRs(ctx, store.Filter{})
			return gone == nil && err == nil && len(page.Items) == 23
		}, 20*time.Second, 10*time.Millisecond)
		want = all(t, w.s, store.Filter{Limit: 7})
		same(t)
	})
	t.Run("a damaged file", func(t *testing.T) {
		w.stop()
		require.NoError(t, os.WriteFile(w.path, []byte("not a database at all, but longer than a header is"), 0o600))
		w.start()
		same(t)
	})
	t.Run("another form", func(t *testing.T) {
		w.stop()
		db, err := sql.Open("sqlite", "file:"+w.path[:len(w.path)-len(" room?.db")]+"%20room%3f.db")
		require.NoError(t, err)
		_, err = db.Exec("UPDATE projection SET form = 999")
		require.NoError(t, err)
		require.NoError(t, db.Close())
		w.start()
		same(t)
	})
	t.Run("a rebuild that is asked for", func(t *testing.T) {
		require.NoError(t, w.s.Rebuild(ctx))
		same(t)
	})
}

func TestALockedFileDelaysAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.call(acd.CDR{Client: "c"}, time.Second, 0)
	w.sync()
	db, err := sql.Open("sqlite", "file:"+w.path[:len(w.path)-len(" room?.db")]+"%20room%3f.db?_txlock=immediate&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer db.Close()
	tx, err := db.Begin()
	require.NoError(t, err)
	id := w.call(acd.CDR{Client: "c"}, time.Second, 0)
	require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 10*time.Millisecond)
	require.NotZero(t, w.s.Status().Behind)
	require.NoError(t, tx.Rollback())
	w.sync()
	_, err = w.s.CDR(ctx, id)
	require.NoError(t, err)
	require.NoError(t, w.s.Status().Fault)
}

func TestEventsThatMakeNoSenseArePassedOver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(acd.Event{Kind: acd.CallRecord})
		w.add(acd.Event{Kind: acd.RecordingSealed, Detail: []byte(`"text"`)})
		w.add(acd.Event{Kind: acd.RecordingSealed})
		w.add(acd.Event{Kind: "of.the.future"})
		id := w.call(acd.CDR{Client: "c"}, time.Second, 0)
		w.sync()
		_, err := w.s.CDR(ctx, id)
		require.NoError(t, err)
		require.EqualValues(t, 3, w.s.Status().Poison)
	})
}

func TestTheFirstRecordOfACallCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := w.call(acd.CDR{Client: "c"}, time.Second, 0)
		w.add(acd.Event{Kind: acd.CallRecord, Call: id, CDR: &acd.CDR{ID: id, Client: "other", Started: w.now, Ended: w.now}})
		w.sync()
		cdr, err := w.s.CDR(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "c", cdr.Client)
	})
}

func TestBeforeRunThereIsNothingToAsk(t *testing.T) {
	w := newWorld(t)
	w.stop()
	_, err := w.s.CDRs(ctx, store.Filter{})
	require.ErrorIs(t, err, store.ErrUnavailable)
}

func TestCountsOfTheDay(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		level := report.Level{Within: 20 * time.Second, Short: 5 * time.Second}
		from := w.now
		q := acd.CDR{Client: "c", Queue: "q"}
		served := acd.CDR{Client: "c", Queue: "q", Agent: "a"}
		w.call(served, 10*time.Second, time.Minute)
		w.call(served, 20*time.Second, time.Minute)
		w.call(served, 21*time.Second, time.Minute)
		w.call(q, 2*time.Second, 0)
		w.call(q, 15*time.Second, 0)
		w.call(q, 40*time.Second, 0)
		w.add(acd.Event{Kind: acd.CallArrived, Call: "w", Client: "c"})
		w.add(acd.Event{Kind: acd.CallQueued, Call: "w", Queue: "q", Client: "c"}) // waits beyond T
		w.pass(30 * time.Second)
		w.add(acd.Event{Kind: acd.CallArrived, Call: "n", Client: "c"})
		w.add(acd.Event{Kind: acd.CallQueued, Call: "n", Queue: "q", Client: "c"}) // waits, not yet beyond T
		w.pass(time.Second)
		w.sync()
		counts := func() report.Counts {
			all, err := w.s.Today(ctx, from, w.now, func(string) report.Level { return level })
			require.NoError(t, err)
			return all["q"]
		}
		require.Equal(t, report.Counts{Answered: 3, AnsweredWithin: 2, Abandoned: 3, AbandonWithin: 1, ShortAbandons: 1, LevelEvents: 6}, counts())

		// A crash: the calls that waited flowed out.
		w.add(acd.Event{Kind: acd.CallRecord, Call: "w", CDR: &acd.CDR{ID: "w", Queue: "q", Cause: "system", Started: w.now.Add(-31 * time.Second), Ended: w.now,
			Duration: 31, Segments: []acd.Segment{{Kind: "queue", Queue: "q", Length: 31, Cause: "system"}}}})
		w.sync()
		require.Equal(t, 1, counts().FlowOut)
		require.Equal(t, 6, counts().LevelEvents)
	})
}

func TestRecordingsThatOnlyTheDiskKnowsAreFoundByARebuild(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		known, lost := w.id(), w.id()
		w.seal(store.Recording{ID: known, Length: 5})
		w.sync()
		w.stop()
		w.disk = []store.Recording{{ID: known, Length: 4}, {ID: lost, Length: 3}, {}}
		w.start()
		require.NoError(t, w.s.Rebuild(ctx))
		require.Eventually(t, func() bool {
			r, err := w.s.Recording(ctx, lost)
			return err == nil && r.Length == 3
		}, 20*time.Second, 5*time.Millisecond, "%v", w.s.Status())
		r, err := w.s.Recording(ctx, known)
		require.NoError(t, err)
		require.Equal(t, 5.0, r.Length, "the journal's word counts")
	})
}

// BenchmarkFold is how fast a projection catches up, in calls of seven events
// and a recording.
func BenchmarkFold(b *testing.B) {
	defer func(was int) { batch = was }(batch)
	batch = 2000
	w := newWorld(b)
	const calls = 2000
	for i := range calls {
		id := w.call(acd.CDR{Client: "c", Queue: "q", Agent: "a", From: number(i)}, time.Second, time.Minute)
		w.seal(store.Recording{ID: id, Client: "c", Started: w.now})
	}
	w.sync()
	b.ResetTimer()
	for b.Loop() {
		require.NoError(b, w.s.Rebuild(ctx))
	}
	b.ReportMetric(float64(calls*b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkPage is one page of a list over 20,000 calls.
func BenchmarkPage(b *testing.B) {
	w := newWorld(b)
	for i := range 20000 {
		w.call(acd.CDR{Client: "c", Queue: "q", Agent: "a", From: number(i % 1000)}, time.Second, time.Minute)
		if i%1000 == 0 {
			w.sync()
		}
	}
	w.sync()
	for name, f := range map[string]store.Filter{
		"newest": {}, "number": {Number: number(7)}, "agent": {Agent: "a", From: w.now.Add(-24 * time.Hour)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page, err := w.s.CDRs(ctx, f)
				require.NoError(b, err)
				require.NotEmpty(b, page.Items)
			}
		})
	}
}

func TestADeletedRecordingLeavesItsCertificate(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := w.call(acd.CDR{Queue: "q", Client: "courier", Agent: "a"}, time.Second, time.Second)
		w.seal(store.Recording{ID: id, CallID: id, Client: "courier", Started: w.now})
		w.sync()
		_, err := w.s.Deletion(ctx, id)
		require.ErrorIs(t, err, store.ErrNotFound)
		w.add(acd.Event{Kind: acd.RecordingDeleted, Call: id, Detail: []byte(`{"id":"` + id + `","root":"feed","rule":"client courier","at":"2026-03-01T00:00:00Z"}`)})
		w.add(acd.Event{Kind: acd.RecordingDeleted, Call: id, Detail: []byte(`{"id":"` + id + `","root":"feed","rule":"client courier","at":"2026-03-01T00:00:00Z"}`)})
		w.add(acd.Event{Kind: acd.RecordingDeleted, Detail: []byte(`{}`)})
		w.sync()
		for range 2 {
			_, err = w.s.Recording(ctx, id)
			require.ErrorIs(t, err, store.ErrNotFound)
			page, err := w.s.Recordings(ctx, store.Filter{})
			require.NoError(t, err)
			require.Empty(t, page.Items)
			d, err := w.s.Deletion(ctx, id)
			require.NoError(t, err)
			require.Equal(t, "courier", d.Client)
			require.Equal(t, "client courier", d.Rule)
			require.Equal(t, "feed", d.Root)
			require.NoError(t, w.s.Rebuild(ctx))
		}
	})
}
