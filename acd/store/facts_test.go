package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/report"
	"switchroom/acd/store"
)

var level = report.Level{Within: 20 * time.Second, Short: 5 * time.Second}

func levels(string) report.Level { return level }

func build(t *testing.T, w *world, q report.Query, client string) report.Report {
	q.Level = func(string) report.Level { return level }
	q.Formula = func(string) string { return report.Ignore }
	b, err := report.NewBuilder(q)
	require.NoError(t, err)
	require.NoError(t, w.s.Fill(ctx, b, client, w.now))
	return b.Report()
}

// busyDay runs random calls of three queues and two clients over some hours.
func busyDay(w *world, n int) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range n {
		q := rng.IntN(3)
		c := acd.CDR{Queue: fmt.Sprint("q", q), Client: fmt.Sprint("c", q%2), Trunk: "t", From: number(rng.IntN(5)), Number: "400"}
		if rng.IntN(4) > 0 {
			c.Agent, c.Site = fmt.Sprint("a", rng.IntN(4)), "s"
		}
		wait := time.Duration(rng.IntN(60000)) * time.Millisecond
		w.call(c, wait, time.Duration(rng.IntN(120000))*time.Millisecond)
		w.pass(time.Duration(rng.IntN(10)) * time.Second)
	}
	w.sync()
}

func TestReportsAddUpToTheRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		from := w.now
		busyDay(w, 300)
		var cdrs []acd.CDR
		f := store.Filter{Limit: 50}
		for {
			page, err := w.s.CDRs(ctx, f)
			require.NoError(t, err)
			cdrs = append(cdrs, page.Items...)
			if f.Cursor = page.Next; f.Cursor == "" {
				break
			}
		}
		require.Len(t, cdrs, 300)
		for _, by := range []report.By{report.ByQueue, report.ByClient, report.ByTrunk} {
			rep := build(t, w, report.Query{From: from, To: w.now.Add(time.Hour), By: by, Step: 15 * time.Minute}, "")
			var answered, abandoned, handled int
			var talk, wait float64
			for _, c := range cdrs {
				if c.Answered == nil && c.Agent == "" {
					abandoned++
					continue
				}
				answered++
				handled++
				talk += c.Talked
				wait += c.Waited
			}
			require.Equal(t, answered, rep.Total.Answered, by)
			require.Equal(t, abandoned, rep.Total.Abandoned)
			require.Equal(t, handled, rep.Total.Handled)
			require.InDelta(t, talk, rep.Total.Talk, 0.01)
			require.InDelta(t, wait/float64(answered), *rep.Total.ASA, 0.01)
		}
		one := build(t, w, report.Query{From: from, To: w.now.Add(time.Hour), By: report.ByQueue, Step: time.Hour}, "c1")
		for _, r := range one.Rows {
			require.Equal(t, "q1", r.Key)
		}
		require.NotEmpty(t, one.Rows)
	})
}

// However a report finds whose work it was and who called again, it says the
// same.
func TestAReportSaysTheSameHoweverItIsAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		from := w.now
		rng := rand.New(rand.NewPCG(9, 9))
		worked := map[string]time.Duration{} // by queue
		for range 150 {
			q := fmt.Sprint("q", rng.IntN(3))
			c := acd.CDR{Queue: q, Client: "c" + q, Trunk: "t" + q, From: number(rng.IntN(40)), Number: "400", Agent: fmt.Sprint("a", rng.IntN(9)), Site: "s"}
			id := w.call(c, time.Second, time.Duration(rng.IntN(60000))*time.Millisecond)
			state := func(s string) {
				w.add(acd.Event{Kind: acd.AgentChanged, Agent: c.Agent, Site: "s", State: s, Call: id})
			}
			state("wrap-up")
			after := time.Duration(rng.IntN(90000)) * time.Millisecond
			w.pass(after)
			worked[q] += after
			state("ready")
			w.pass(time.Duration(rng.IntN(300)) * time.Second)
		}
		w.sync()
		whole := build(t, w, report.Query{From: from, To: w.now.Add(time.Hour), By: report.ByQueue, Return: 24 * time.Hour}, "")
		acw := map[string]float64{}
		for _, r := range whole.Rows {
			acw[r.Key] += r.ACW
		}
		for q, d := range worked {
			require.InDelta(t, d.Seconds(), acw[q], 0.001)
		}
		require.NotZero(t, whole.Total.Returned)
		require.Greater(t, whole.Total.Contacts, whole.Total.Returned)
		span := w.now.Sub(from)
		for n := range 30 {
			begin := from.Add(time.Duration(rng.Int64N(int64(span))))
			q := report.Query{From: begin, To: begin.Add(15*time.Minute + time.Duration(rng.Int64N(int64(span)))), Step: 15 * time.Minute,
				By:     []report.By{report.ByQueue, report.ByClient, report.ByTrunk, report.ByAgent, report.BySite}[n%5],
				Return: time.Duration(rng.IntN(20)) * time.Hour}
			client := []string{"", "", "cq1"}[rng.IntN(3)]
			want := build(t, w, q, client)
			for _, limits := range [][2]int{{0, 0}, {1 << 20, 0}, {10, 1 << 20}, {0, 1 << 20}} {
				restore := store.Limit(limits[0], limits[1])
				got := build(t, w, q, client)
				restore()
				require.Equal(t, want, got, "%v %+v", limits, q)
			}
		}
	})
}

func TestTodaysCountsAreThoseOfAReport(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		from := w.now
		compare := func() {
			t.Helper()
			b, err := report.NewBuilder(report.Query{From: from, To: w.now.Add(24 * time.Hour), By: report.ByQueue,
				Level: levels, Formula: func(string) string { return report.Ignore }})
			require.NoError(t, err)
			require.NoError(t, w.s.Fill(ctx, b, "", w.now))
			got, err := w.s.Today(ctx, from, w.now, levels)
			require.NoError(t, err)
			want := map[string]report.Counts{}
			for _, r := range b.Report().Rows {
				want[r.Key] = want[r.Key].Add(r.Counts)
			}
			require.Equal(t, want, got)
			require.Len(t, got, 3)
		}
		busyDay(w, 100)
		compare() // from the tables
		busyDay(w, 100)
		compare() // and from what was committed since
		w.add(acd.Event{Kind: acd.CallArrived, Call: "live", Client: "c"})
		w.add(acd.Event{Kind: acd.CallQueued, Call: "live", Client: "c", Queue: "q1"})
		w.pass(30 * time.Second)
		answered := func() int {
			w.sync()
			today, err := w.s.Today(ctx, from, w.now, levels)
			require.NoError(t, err)
			return today["q2"].Answered
		}
		before := answered()
		for _, e := range []acd.Event{{Kind: acd.CallArrived}, {Kind: acd.CallQueued, Queue: "q1"}, {Kind: acd.CallConnected, Queue: "q1", Agent: "a"},
			{Kind: acd.CallQueued, Queue: "q2", Cause: string(acd.Consulting)}, {Kind: acd.CallConsulted, Queue: "q2", Agent: "a", Number: "b"}} {
			e.Call, e.Client = "asks", "c"
			w.add(e)
		}
		require.Equal(t, before+1, answered(), "an agent that consults a queue is a visitor whom it has served")
		w.sync()
		compare() // and from calls that go on
		w.stop()
		w.start()
		w.sync()
		compare()
		level.Within = time.Second // the configuration changes
		defer func() { level.Within = 20 * time.Second }()
		compare()
	})
}

func TestAgentsTimeIsKeptOverStepsOfTheClockAndCrashes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		from := w.now
		state := func(s string) { w.add(acd.Event{Kind: acd.AgentChanged, Agent: "a", Site: "s", State: s}) }
		w.add(acd.Event{Kind: acd.SwitchStarted})
		state("ready")
		w.pass(10 * time.Minute)
		w.now = w.now.Add(time.Hour) // somebody sets the clock
		state("not-ready")
		w.now = w.now.Add(-time.Hour)
		w.pass(5 * time.Minute)
		state("ready")
		w.pass(time.Minute)
		w.add(acd.Event{Kind: acd.TrunkState}) // the last sign of life
		w.pass(time.Hour)                      // dead
		w.boot, w.mono = "boot-2", 0
		w.add(acd.Event{Kind: acd.SwitchStarted})
		state("offline")
		w.pass(time.Minute)
		state("ready")
		w.pass(2 * time.Minute)
		w.sync()
		total := build(t, w, report.Query{From: from, To: from.Add(24 * time.Hour), By: report.ByAgent}, "").Total
		require.Equal(t, (10+1+2)*60.0, total.Ready)
		require.Equal(t, 5*60.0, total.NotReady)
		require.Equal(t, 18*60.0, total.LoggedIn)
	})
}

func TestFiltersChooseAsAModelDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		from := w.now
		busyDay(w, 200)
		page, err := w.s.CDRs(ctx, store.Filter{Limit: 1000})
		require.NoError(t, err)
		everything := page.Items
		require.True(t, slices.IsSortedFunc(everything, func(a, b acd.CDR) int { return strings.Compare(b.ID, a.ID) }))
		rng := rand.New(rand.NewPCG(3, 3))
		maybe := func(values ...string) string {
			if rng.IntN(2) == 0 {
				return ""
			}
			return values[rng.IntN(len(values))]
		}
		span := w.now.Sub(from)
		for range 300 {
			f := store.Filter{Limit: 1 + rng.IntN(40), Client: maybe("c0", "c1", "' OR '1'='1"), Queue: maybe("q0", "q1", "x%"),
				Agent: maybe("a1", "a2"), Number: maybe(number(1), number(2)[1:], "400", "+400", "4")}
			if rng.IntN(2) == 0 {
				f.From = from.Add(time.Duration(rng.Int64N(int64(span))))
			}
			if rng.IntN(2) == 0 {
				f.To = from.Add(time.Duration(rng.Int64N(int64(span))))
			}
			var want []string
			for _, c := range everything {
				n := f.Number
				if n != "" && n[0] == '+' {
					n = n[1:]
				}
				fits := (f.Client == "" || f.Client == c.Client) && (f.Queue == "" || f.Queue == c.Queue) &&
					(f.Agent == "" || f.Agent == c.Agent) && (n == "" || c.From == "+"+n || c.Number == n) &&
					(f.From.IsZero() || !c.Started.Before(f.From)) && (f.To.IsZero() || c.Started.Before(f.To))
				if fits {
					want = append(want, c.ID)
				}
			}
			require.Equal(t, want, all(t, w.s, f), "%+v", f)
		}
		_, err = w.s.CDRs(ctx, store.Filter{Cursor: "' OR 1=1"})
		require.ErrorIs(t, err, store.ErrCursor)
	})
}
