package report

import (
	"bytes"
	"encoding/csv"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// TestCiscosWorkedExample is that of Cisco's Reporting Concepts: 70 answered
// and 10 abandoned within the threshold, 20 beyond it.
func TestCiscosWorkedExample(t *testing.T) {
	b := builder(t, Query{From: day, To: day.Add(time.Hour), By: ByQueue, Step: time.Hour})
	add := func(n int, o Outcome, wait time.Duration) {
		for range n {
			b.Visit(Visit{Queue: "q", Entered: day, Wait: wait, Outcome: o})
		}
	}
	add(70, WasServed, 10*time.Second)
	add(10, WasLost, 10*time.Second)
	add(15, WasServed, 30*time.Second)
	add(5, WasLost, 30*time.Second)
	total := b.Report().Total
	require.Equal(t, 100, total.LevelEvents)
	for formula, want := range map[string]float64{
		Negative: 70, Ignore: 77.8, Positive: 80, Answered: 82.4, Offered: 70,
	} {
		got, ok := total.Counts.ServiceLevel(formula)
		require.True(t, ok)
		require.InDelta(t, want, got, 0.05, formula)
		require.NotEmpty(t, Expressions[formula])
	}
	_, ok := Counts{}.ServiceLevel(Ignore)
	require.False(t, ok, "nothing happened")
	_, ok = total.Counts.ServiceLevel("other")
	require.False(t, ok)
}

func builder(t require.TestingT, q Query) *Builder {
	q.Level = func(string) Level { return Level{Within: 20 * time.Second, Short: 5 * time.Second} }
	q.Formula = func(string) string { return Negative }
	b, err := NewBuilder(q)
	require.NoError(t, err)
	return b
}

func TestErlang(t *testing.T) {
	require.InDelta(t, 0.4092, ErlangC(10, 8), 0.00005)
	require.InDelta(t, 0.1325, ErlangB(30, 30), 0.0005) // one E1 at 30 erlangs
	require.Equal(t, 1.0, ErlangC(8, 8))
	require.Zero(t, ErlangB(30, 0))
	level, asa := Forecast(10, 8*3600/300.0, 300, 20)
	require.InDelta(t, 0.4092*300/2, asa, 0.01)
	require.InDelta(t, 100*(1-0.4092*math.Exp(-2*20/300.0)), level, 0.01)
	_, asa = Forecast(8, 3600, 8, 20)
	require.True(t, math.IsInf(asa, 1))
}

func TestTheFiguresOfARow(t *testing.T) {
	b := builder(t, Query{From: day, To: day.Add(time.Hour), By: ByAgent, Step: time.Hour})
	at := day.Add(10 * time.Minute)
	b.Visit(Visit{Queue: "q", Agent: "a", Entered: at, Wait: 10 * time.Second, Outcome: WasServed})
	b.Visit(Visit{Queue: "q", Agent: "a", Entered: at, Wait: 30 * time.Second, Outcome: WasServed})
	b.Handle(Handle{Agent: "a", Ended: at, Talk: 90 * time.Second, Hold: 30 * time.Second})
	b.Handle(Handle{Agent: "a", Ended: at, Talk: 60 * time.Second})
	b.Offer(Offer{Agent: "a", Ended: at, Outcome: "connected"})
	b.Offer(Offer{Agent: "a", Ended: at, Outcome: "no-answer"})
	b.Offer(Offer{Agent: "a", Ended: at, Outcome: "caller-gone"})
	b.Offer(Offer{Agent: "a", Ended: at, Outcome: "busy"})
	for _, s := range []Spell{
		{State: "ready", Length: 10 * time.Minute}, {State: "talking", Length: 3 * time.Minute},
		{State: "wrap-up", Length: 20 * time.Second}, {State: "not-ready", Length: 5 * time.Minute}, {State: "offline", Length: time.Hour},
	} {
		s.Agent, s.Start = "a", at
		b.Spell(s)
	}
	rep := b.Report()
	require.Len(t, rep.Rows, 1)
	r := rep.Rows[0]
	require.Equal(t, 20.0, *r.ASA)
	require.Equal(t, 50.0, *r.ServiceLevel)
	require.Nil(t, r.AbandonTime)
	require.Equal(t, 100.0, *r.AnswerRate)
	require.Equal(t, [4]int{4, 1, 1, 1}, [4]int{r.Offers, r.RONA, r.CallerGone, r.OtherDeclines})
	require.Equal(t, 100.0, *r.AHT, "(150 + 30 + 20) / 2")
	require.Equal(t, 75.0, *r.ATT)
	require.Equal(t, 15.0, *r.AverageHold)
	require.Equal(t, 10.0, *r.AverageACW)
	require.Equal(t, 1100.0, r.LoggedIn)
	require.Equal(t, 25.0, *r.Occupancy, "200 of 800 seconds")
	require.Equal(t, 72.73, *r.Utilisation, "800 of 1100 seconds")
}

func TestIntervals(t *testing.T) {
	cn := time.FixedZone("CST", 8*3600)
	b := builder(t, Query{From: day.Add(7 * time.Minute), To: day.Add(31 * time.Minute), By: ByQueue, Step: 15 * time.Minute})
	from, to := b.Span()
	require.Equal(t, day, from)
	require.Equal(t, day.Add(45*time.Minute), to)
	b = builder(t, Query{From: day, To: day.Add(time.Second), By: ByQueue, Location: cn})
	from, _ = b.Span()
	require.True(t, from.Equal(day.Add(-8*time.Hour)), "a day in China")

	for _, q := range []Query{
		{From: day, To: day, By: ByQueue}, {From: day, To: day.Add(1), By: "moon"},
		{From: day, To: day.Add(1), By: ByQueue, Step: time.Minute},
		{From: day, To: day.Add(1 << 60), By: ByQueue, Step: 15 * time.Minute},
	} {
		_, err := NewBuilder(q)
		require.ErrorIs(t, err, ErrQuery)
	}
}

func TestRowsAddUpToTheTotalAndAgentsTimeToTheMillisecond(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		by := rapid.SampledFrom([]By{ByQueue, ByClient, BySite, ByAgent, ByTrunk}).Draw(rt, "by")
		b := builder(rt, Query{From: day, To: day.Add(24 * time.Hour), By: by, Step: 15 * time.Minute})
		name := func(what string) string { return rapid.SampledFrom([]string{"x", "y", "=z"}).Draw(rt, what) }
		when := func() time.Time {
			return day.Add(time.Duration(rapid.Int64Range(0, int64(23*time.Hour)).Draw(rt, "when")))
		}
		long := func() time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(time.Hour-1)).Draw(rt, "long"))
		}
		var want Counts
		level := Level{Within: 20 * time.Second, Short: 5 * time.Second}
		for range rapid.IntRange(0, 30).Draw(rt, "visits") {
			v := Visit{Queue: name("queue"), Client: "c", Trunk: "t", Agent: name("agent"), Site: "s", Entered: when(), Wait: long() / 60,
				Outcome: rapid.SampledFrom([]Outcome{Waiting, WasServed, WasLost, FlowedOut}).Draw(rt, "outcome")}
			b.Visit(v)
			want.Count(v, level, day, day.Add(24*time.Hour))
		}
		var logged time.Duration
		for range rapid.IntRange(0, 30).Draw(rt, "spells") {
			s := Spell{Agent: name("agent"), Site: "s", Start: when(), Length: long().Truncate(time.Millisecond),
				State: rapid.SampledFrom([]string{"offline", "ready", "not-ready", "talking", "wrap-up"}).Draw(rt, "state")}
			b.Spell(s)
			if s.State != "offline" {
				logged += s.Length
			}
		}
		rep := b.Report()
		var sum Counts
		var time1, time2 time.Duration
		for _, r := range rep.Rows {
			sum = sum.Add(r.Counts)
			time1 += r.logged
			time2 += r.ready + r.notReady + r.handling
		}
		require.Equal(rt, want, sum)
		require.Equal(rt, want, rep.Total.Counts)
		require.Equal(rt, time1, time2, "states add up to logged-in time")
		if by == ByAgent || by == BySite {
			require.Equal(rt, logged, time1)
			require.Equal(rt, logged, rep.Total.logged)
		}
	})
}

func TestCSVHoldsNoFormula(t *testing.T) {
	b := builder(t, Query{From: day, To: day.Add(time.Hour), By: ByQueue, Step: time.Hour})
	evil := []string{"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(1)", "\t=1", " =1", "a\r\n=1", "＝1", "plain,\"quoted\""}
	for _, q := range evil {
		b.Visit(Visit{Queue: q, Entered: day, Wait: time.Second, Outcome: WasServed})
	}
	var out bytes.Buffer
	require.NoError(t, b.Report().WriteCSV(&out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(evil)+1)
	require.Contains(t, rows[0], "formula")
	require.Contains(t, rows[1], Negative)
	for _, row := range rows {
		for _, cell := range row {
			require.False(t, strings.ContainsAny(cell, "\r\n\x00"), "%q", cell)
			require.NotRegexp(t, `^[ ]*[=+\-@\t＝＋－＠]`, cell)
		}
	}
}

func FuzzSafeCell(f *testing.F) {
	for _, s := range []string{"=1", " \t=1", "", "\x00=", "普通"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := SafeCell(s)
		if trimmed := strings.TrimLeft(cell, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r\n\x00") {
			t.Fatalf("%q gives %q", s, cell)
		}
	})
}
