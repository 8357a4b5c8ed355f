package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"switchroom/acd"
	"switchroom/acd/store"
)

// anything appends n random events of all kinds, crashes of the switch among
// them.
func (w *world) anything(rng *rand.Rand, n int) {
	agents := []string{"8001", "8002", "李", "=x\x00"}
	for range n {
		a := agents[rng.IntN(len(agents))]
		switch rng.IntN(12) {
		case 0, 1, 2, 3:
			c := acd.CDR{Client: fmt.Sprint("c", rng.IntN(2)), Queue: fmt.Sprint("q", rng.IntN(3)), From: number(rng.IntN(9)), Number: "400", Trunk: "t"}
			if rng.IntN(3) > 0 {
				c.Agent, c.Site = a, "s"
			}
			id := w.call(c, time.Duration(rng.IntN(40000))*time.Millisecond, time.Duration(rng.IntN(90000))*time.Millisecond)
			if rng.IntN(2) == 0 {
				w.seal(store.Recording{ID: id, CallID: id, Client: c.Client, Agent: c.Agent, Started: w.now, Length: 5})
			}
			if rng.IntN(3) == 0 {
				w.add(acd.Event{Kind: acd.CallFiled, Call: id, Agent: a, Disposition: &acd.Disposition{Code: fmt.Sprint(rng.IntN(9))}})
			}
			if rng.IntN(4) == 0 {
				w.add(acd.Event{Kind: acd.RecordingDeleted, Call: id, Detail: []byte(`{"id":"` + id + `","rule":"r"}`)})
			}
		case 4:
			w.boot, w.mono = fmt.Sprint("boot-", w.rng.Uint32()), 0
			w.add(acd.Event{Kind: acd.SwitchStarted})
		case 5:
			w.add(acd.Event{Kind: acd.TrunkState, Trunk: "t", State: "up"})
		case 6:
			w.add(acd.Event{Kind: acd.CallRecord}) // nonsense
		case 7:
			w.now = w.now.Add(time.Duration(rng.IntN(7200)-3600) * time.Second) // the clock is set
		default:
			w.add(acd.Event{Kind: acd.AgentChanged, Agent: a, Site: "s", Reason: "\xffr", State: []string{"offline", "ready", "talking", "wrap-up"}[rng.IntN(4)]})
		}
		w.pass(time.Duration(rng.IntN(3600*20)) * time.Second / 3600)
		if rng.IntN(40) == 0 {
			w.pass(30 * time.Hour)
		}
	}
}

func TestTheRowsAreTheSameHoweverTheyWereFolded(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		defer func(was int) { batch = was }(batch)
		rng := rand.New(rand.NewPCG(11, 11))
		for range 10 {
			w.stop()
			batch = 1 + rng.IntN(60)
			w.start()
			w.anything(rng, 30)
			if rng.IntN(2) == 0 {
				w.sync()
			}
		}
		w.sync()
		want := w.dump()
		require.Greater(t, len(want), 300)
		require.NoError(t, w.s.Rebuild(ctx))
		require.Equal(t, want, w.dump())
		batch = 100000
		w.stop()
		w.start()
		require.NoError(t, w.s.Rebuild(ctx))
		require.Equal(t, want, w.dump())
		again := w.s.Rebuild(ctx)
		require.NoError(t, again)
		require.Equal(t, want, w.dump(), "a rebuild of a rebuild")
	})
}

// TestPostgresHoldsWhatSQLiteHolds folds one journal into both, while the
// server is killed and started again.
func TestPostgresHoldsWhatSQLiteHolds(t *testing.T) {
	s := newServer(t)
	defer s.stop()
	w := newWorldOn(t, s.base(t))
	other := *w
	other.url = ""
	other.start()
	defer other.stop()
	rng := rand.New(rand.NewPCG(5, 5))
	for round := range 4 {
		done, later := make(chan struct{}), time.Duration(rng.IntN(30))*time.Millisecond
		go func() {
			defer close(done)
			w.anything(rng, 150)
		}()
		time.Sleep(later)
		s.kill()
		<-done
		w.anything(rng, 10) // the others may all have been folded before
		if round%2 == 0 {
			require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
			_, err := w.s.CDRs(ctx, store.Filter{})
			require.ErrorIs(t, err, store.ErrUnavailable)
			require.NotZero(t, w.s.Status().Behind)
		}
		s.start(t)
	}
	w.sync()
	require.NoError(t, w.s.Status().Fault)
	require.NoError(t, other.s.CaughtUp(ctx, w.j.Status().Next-1))
	require.Equal(t, other.dump(), w.dump())
}

func TestAServerThatHangsIsGivenUp(t *testing.T) {
	s := newServer(t)
	defer s.stop()
	w := newWorldOn(t, s.base(t))
	w.stop()
	w.within = 300 * time.Millisecond
	w.start()
	w.call(acd.CDR{Client: "c", Queue: "q"}, time.Second, 0)
	w.sync()
	s.signal(t, syscall.SIGSTOP)
	began := time.Now()
	_, err := w.s.CDRs(ctx, store.Filter{})
	require.ErrorIs(t, err, store.ErrUnavailable)
	id := w.call(acd.CDR{Client: "c", Queue: "q"}, time.Second, 0)
	require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
	require.Less(t, time.Since(began), 25*time.Second, "not the default")
	s.signal(t, syscall.SIGCONT)
	w.sync()
	_, err = w.s.CDR(ctx, id)
	require.NoError(t, err)
}

func TestADatabaseOfAnotherSwitchIsLeftAlone(t *testing.T) {
	url := shared(t).base(t)
	w := newWorldOn(t, url)
	w.call(acd.CDR{Client: "c"}, time.Second, 0)
	w.sync()
	want := w.dump()
	w.stop()
	other := newWorldOn(t, url)
	require.Eventually(t, func() bool { return other.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
	require.ErrorContains(t, other.s.Status().Fault, "another switch")
	_, err := other.s.CDRs(ctx, store.Filter{})
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.Equal(t, want, w.dump())
	require.NoError(t, other.s.Rebuild(ctx), "but by an administrator's word")
	page, err := other.s.CDRs(ctx, store.Filter{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	w.start()
}

func TestTwoWhoFoldIntoOneDatabaseDoNotMixTheirRows(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		other := *w
		other.start()
		defer other.stop()
		rng := rand.New(rand.NewPCG(9, 9))
		w.anything(rng, 200)
		w.sync()
		require.NoError(t, other.s.CaughtUp(ctx, w.j.Status().Next-1))
		want := w.dump()
		other.stop()
		require.NoError(t, w.s.Rebuild(ctx))
		require.Equal(t, want, w.dump())
		other.stop = func() {}
	})
}

func TestARowThatTheDatabaseRefusesHoldsUpNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.call(acd.CDR{Client: "c"}, time.Second, 0)
		w.sync()
		for _, s := range w.refusing() {
			w.exec(s)
		}
		var odd, even []string
		for i := range 40 {
			if i == 17 {
				odd = append(odd, w.call(acd.CDR{Client: "odd"}, time.Second, 0))
			}
			even = append(even, w.call(acd.CDR{Client: "c"}, time.Second, 0))
		}
		w.sync()
		for _, id := range even {
			_, err := w.s.CDR(ctx, id)
			require.NoError(t, err)
		}
		_, err := w.s.CDR(ctx, odd[0])
		require.ErrorIs(t, err, store.ErrNotFound)
		require.EqualValues(t, 1, w.s.Status().Poison)
		require.NoError(t, w.s.Status().Fault)
	})
}

// refusing makes the tables refuse records of the client odd.
func (w *world) refusing() []string {
	if w.url != "" {
		return []string{`ALTER TABLE switchroom.cdrs ADD CHECK (client <> 'odd')`}
	}
	return []string{`CREATE TRIGGER refuse BEFORE INSERT ON cdrs WHEN NEW.client = 'odd' BEGIN SELECT RAISE(ABORT, 'odd'); END`}
}

// exec changes the world's database from outside.
func (w *world) exec(text string) {
	w.t.Helper()
	driver, source := "sqlite", "file:"+strings.NewReplacer(" ", "%20", "?", "%3f").Replace(w.path)+"?_pragma=busy_timeout(5000)"
	if w.url != "" {
		driver, source = "pgx", w.url
	}
	db, err := sql.Open(driver, source)
	require.NoError(w.t, err)
	defer db.Close()
	_, err = db.Exec(text)
	require.NoError(w.t, err)
}

func TestTablesThatAreGoneAreMadeAnew(t *testing.T) {
	w := newWorldOn(t, shared(t).base(t))
	w.anything(rand.New(rand.NewPCG(4, 4)), 60)
	w.sync()
	want := w.dump()
	for _, s := range []string{"DROP TABLE switchroom.spells", "DROP TABLE switchroom.projection", "DROP SCHEMA switchroom CASCADE"} {
		w.exec(s)
		w.add(acd.Event{Kind: acd.AgentChanged, Agent: "8001", State: "ready"})
		w.sync()
		require.Greater(t, len(w.dump()), len(want)-2, s)
	}
}

func TestNoPasswordIsEverShown(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	for _, url := range []string{
		"postgres://switch:s3cret@127.0.0.1:1/base", "postgres://switch:s3cret@/base?host=/nowhere", "postgres://switch:s3 cret@%zz",
		"postgres://switch:s3cret@127.0.0.1:1/base?sslmode=odd",
	} {
		w := newWorld(t)
		w.stop()
		w.url, w.log = url, zap.New(core)
		w.start()
		require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
		require.NotContains(t, w.s.Status().Fault.Error(), "s3")
		w.stop()
		w.url = ""
		w.start()
	}
	require.NotZero(t, logs.Len())
	for _, e := range logs.All() {
		require.NotContains(t, fmt.Sprint(e.Message, e.ContextMap()), "s3")
	}
}

func TestTroubleIsLoggedOnceAndItsEndToo(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	s := newServer(t)
	defer s.stop()
	w := newWorldOn(t, s.base(t))
	w.stop()
	w.log = zap.New(core)
	w.start()
	w.call(acd.CDR{Client: "c"}, time.Second, 0)
	w.sync()
	s.kill()
	w.call(acd.CDR{Client: "c"}, time.Second, 0)
	require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
	since := w.s.Status().Since
	require.False(t, since.IsZero())
	time.Sleep(200 * time.Millisecond) // many tries
	require.Equal(t, since, w.s.Status().Since)
	require.LessOrEqual(t, logs.FilterMessage("projection stands still").Len(), 3, "one line a reason")
	s.start(t)
	w.sync()
	require.Equal(t, 1, logs.FilterMessage("projection gets on again").Len())
	require.True(t, w.s.Status().Since.IsZero())
}

func TestTodaysCountsGoOnWhileTheDatabaseIsAway(t *testing.T) {
	s := newServer(t)
	defer s.stop()
	w := newWorldOn(t, s.base(t))
	from := w.now
	busyDay(w, 30)
	want, err := w.s.Today(ctx, from, w.now, levels)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	s.kill()
	w.add(acd.Event{Kind: acd.TrunkState})
	require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	got, err := w.s.Today(short, from, w.now, levels)
	require.NoError(t, err)
	require.Equal(t, want, got)
	s.start(t)
	busyDay(w, 30)
	got, err = w.s.Today(ctx, from, w.now, levels)
	require.NoError(t, err)
	sum := 0
	for _, c := range got {
		sum += c.Offered()
	}
	require.Equal(t, 60, sum)
}

func TestOtherTablesAreNeverTouched(t *testing.T) {
	url := shared(t).base(t)
	db := shared(t).open(t, url)
	for _, s := range []string{"CREATE SCHEMA mine", "CREATE TABLE mine.cdrs (n INT)", "INSERT INTO mine.cdrs VALUES (7)"} {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
	w := newWorldOn(t, url+"&search_path=mine")
	require.Eventually(t, func() bool { return w.s.Status().Fault != nil }, 20*time.Second, 5*time.Millisecond)
	require.ErrorContains(t, w.s.Status().Fault, "other tables")
	soon, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, w.s.Rebuild(soon), context.DeadlineExceeded)
	var n int
	require.NoError(t, db.QueryRow("SELECT n FROM mine.cdrs").Scan(&n))
	require.Equal(t, 7, n)
	_, err := db.Exec("DROP TABLE mine.cdrs")
	require.NoError(t, err)
	w.call(acd.CDR{Client: "c"}, time.Second, 0)
	w.sync()
	require.NoError(t, db.QueryRow("SELECT count(*) FROM mine.cdrs").Scan(&n))
	require.Equal(t, 1, n, "a schema of one's own choice")
}
