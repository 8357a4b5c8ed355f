package report

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"switchroom/acd"
)

func TestEveryColumnIsInTheTableOfMetrics(t *testing.T) {
	text, err := os.ReadFile("METRICS.md")
	require.NoError(t, err)
	for _, c := range columns {
		if c.name == "from" || c.name == "to" || c.name == "key" {
			continue
		}
		require.Contains(t, string(text), "`"+c.name+"`")
	}
	for name := range Definitions {
		require.Contains(t, string(text), "`"+name+"`", "the definition of")
	}
	for _, f := range Formulas {
		require.Contains(t, string(text), "| service level `"+f+"` | "+Expressions[f]+" |")
	}
}

func TestADayOnWhichClocksChangeIsAsLongAsItIs(t *testing.T) {
	for _, day := range []struct {
		zone, date string
		hours      float64
		step       time.Duration
		rows       int
	}{
		{"Europe/Berlin", "2026-03-29", 23, time.Hour, 23},
		{"Europe/Berlin", "2026-10-25", 25, 30 * time.Minute, 50},
		{"Europe/Berlin", "2026-10-26", 24, 15 * time.Minute, 96},
		{"Asia/Shanghai", "2026-03-29", 24, time.Hour, 24},
		{"Asia/Kolkata", "2026-03-29", 24, time.Hour, 24},          // whole hours of a clock that is half an hour off
		{"America/Sao_Paulo", "2018-11-04", 23, time.Hour, 23},     // there was no midnight
		{"America/Sao_Paulo", "2018-02-17", 25, time.Hour, 25},     // midnight struck twice, and the day before got the hour
		{"America/Havana", "2026-11-01", 25, time.Hour, 25},        // one o'clock is midnight again
		{"Australia/Lord_Howe", "2026-04-05", 24.5, time.Hour, 25}, // half an hour
		{"Australia/Lord_Howe", "2026-10-04", 23.5, time.Hour, 24},
		{"Pacific/Apia", "2011-12-31", 24, time.Hour, 24}, // the day before was left out
	} {
		zone, err := time.LoadLocation(day.zone)
		require.NoError(t, err)
		noon, err := time.ParseInLocation(time.DateOnly+" 15:04", day.date+" 12:00", zone)
		require.NoError(t, err)
		whole := Query{From: noon, To: noon.Add(time.Minute), By: ByQueue, Location: zone}
		edges, err := whole.split()
		require.NoError(t, err)
		require.Len(t, edges, 2, "%v", day)
		require.Equal(t, day.hours, edges[1].Sub(edges[0]).Hours(), "%v: %v", day, edges)
		parts := Query{From: edges[0], To: edges[1], By: ByQueue, Step: day.step, Location: zone}
		edges, err = parts.split()
		require.NoError(t, err)
		require.Len(t, edges, day.rows+1, "%v: %v", day, edges)
	}
}

func TestEdgesAreInOrderAndCoverWhatWasAsked(t *testing.T) {
	zones := []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut", "Africa/Cairo"}
	rapid.Check(t, func(rt *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(rt, "zone"))
		require.NoError(rt, err)
		from := time.Unix(rapid.Int64Range(1_400_000_000, 1_900_000_000).Draw(rt, "from"), 0)
		q := Query{From: from, To: from.Add(time.Duration(rapid.Int64Range(1, int64(40*24*time.Hour)).Draw(rt, "length"))), By: ByQueue, Location: zone,
			Step: rapid.SampledFrom([]time.Duration{0, 15 * time.Minute, 30 * time.Minute, time.Hour}).Draw(rt, "step")}
		edges, err := q.split()
		require.NoError(rt, err)
		longest := 26 * time.Hour
		if q.Step > 0 {
			longest = q.Step
		}
		require.False(rt, edges[0].After(q.From))
		require.True(rt, edges[1].After(q.From))
		require.True(rt, edges[len(edges)-2].Before(q.To))
		require.False(rt, edges[len(edges)-1].Before(q.To))
		for i := 1; i < len(edges); i++ {
			require.True(rt, edges[i-1].Before(edges[i]))
			require.LessOrEqual(rt, edges[i].Sub(edges[i-1]), longest)
		}
	})
}

// TestFiguresAddUpToTheRecords draws whole records, and compares the report
// with sums over them.
func TestFiguresAddUpToTheRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		by := rapid.SampledFrom([]By{ByQueue, ByClient, ByTrunk}).Draw(rt, "by")
		step := rapid.SampledFrom([]time.Duration{0, 15 * time.Minute, time.Hour}).Draw(rt, "step")
		b := builder(rt, Query{From: day, To: day.Add(24 * time.Hour), By: by, Step: step})
		var talked, held, busy, waited time.Duration
		var answered, abandoned, flowed, handled, offers int
		ms := func(what string, most int64) float64 { return float64(rapid.Int64Range(0, most).Draw(rt, what)) / 1000 }
		for range rapid.IntRange(0, 20).Draw(rt, "calls") {
			c := acd.CDR{ID: "id", Client: "c", Trunk: "t", Queue: "q", Started: day.Add(time.Duration(ms("start", 20*3600*1000) * 1e9))}
			at := ms("greeting", 5000)
			wait := ms("wait", 60000)
			cause := rapid.SampledFrom([]string{"answered", "abandoned", "max-wait", "overflow", "queue-full"}).Draw(rt, "cause")
			stay := acd.Segment{Kind: "queue", Queue: "q", Start: at, Length: wait, Cause: cause}
			at = float64(int64((at+wait)*1000+0.5)) / 1000
			if cause == "answered" {
				offers++
				c.Segments = append(c.Segments, acd.Segment{Kind: "ring", Agent: "a", Queue: "q", Start: at, Cause: "answered"})
			}
			c.Segments = append(c.Segments, stay)
			switch cause {
			case "answered":
				answered++
				waited += Duration(wait)
				for range 1 + rapid.IntRange(0, 2).Draw(rt, "transfers") {
					talk := ms("talk", 600000)
					hold := min(ms("hold", 60000), talk)
					c.Segments = append(c.Segments, acd.Segment{Kind: "hold", Agent: "a", Start: at, Length: hold},
						acd.Segment{Kind: "talk", Agent: "a", Queue: "q", Start: at, Length: talk})
					talked, held = talked+Duration(talk), held+Duration(hold)
					at = float64(int64((at+talk)*1000+0.5))/1000 + 1
					handled++
				}
			case "abandoned":
				abandoned++
			default:
				flowed++
			}
			c.Duration = at
			busy += Duration(at)
			var f Facts
			f.AddRecord(&c)
			b.Add(&f, "")
			b.Add(&f, "somebody else's")
		}
		r := b.Report()
		var sum Row
		for _, row := range r.Rows {
			sum.Counts = sum.Counts.Add(row.Counts)
			sum.Handled += row.Handled
			sum.Offers += row.Offers
			sum.talk, sum.hold, sum.busy = sum.talk+row.talk, sum.hold+row.hold, sum.busy+row.busy
			sum.answerWait += row.answerWait
		}
		for _, got := range []Row{sum, r.Total} {
			require.Equal(rt, [5]int{answered, abandoned, flowed, handled, offers},
				[5]int{got.Answered, got.Abandoned, got.FlowOut, got.Handled, got.Offers})
			require.Equal(rt, [4]time.Duration{talked - held, held, busy, waited}, [4]time.Duration{got.talk, got.hold, got.busy, got.answerWait})
		}
	})
}

func TestWhoCallsAgainWasNotHelped(t *testing.T) {
	b := builder(t, Query{From: day, To: day.Add(24 * time.Hour), By: ByClient, Return: 7 * 24 * time.Hour})
	call := func(client, caller string, at time.Time) {
		b.Came(client, caller, at)
		b.Contact(Contact{Client: client, Caller: caller, Started: at, Ended: at.Add(time.Minute)})
	}
	call("c", "1", day)
	call("c", "1", day.Add(time.Hour)) // the one before did not help
	call("c", "2", day)
	b.Came("c", "2", day.Add(8*24*time.Hour)) // too late to count
	call("c", "3", day)
	b.Came("other", "3", day.Add(time.Hour)) // another company
	call("c", "4", day)
	b.Came("c", "4", day.Add(7*24*time.Hour)) // the last moment
	b.Contact(Contact{Client: "c", Caller: "", Ended: day})
	r := b.Report().Total
	require.Equal(t, [2]int{5, 2}, [2]int{r.Contacts, r.Returned})
	require.Equal(t, 60.0, *r.FCR)
}

func TestTrafficAndStaffAreErlangs(t *testing.T) {
	b := builder(t, Query{From: day, To: day.Add(time.Hour), By: ByTrunk, Step: time.Hour, Channels: func(string) int { return 30 }})
	for range 30 {
		b.Use(Use{Trunk: "e1", Start: day.Add(-time.Minute), Length: time.Hour + 2*time.Minute})
	}
	row := b.Report().Rows[0]
	require.Equal(t, 30.0, *row.Erlangs)
	require.InDelta(t, 13.25, *row.Blocking, 0.05)

	b = builder(t, Query{From: day, To: day.Add(time.Hour), By: ByQueue, Step: time.Hour})
	b.q.Level = func(string) Level { return Level{Within: 20 * time.Second, Target: 80} }
	for range 96 {
		b.Visit(Visit{Queue: "q", Entered: day, Outcome: WasServed})
		b.Handle(Handle{Queue: "q", Ended: day, Talk: 5 * time.Minute})
	}
	row = b.Report().Rows[0]
	require.Equal(t, 12, *row.AgentsNeeded, "8 erlangs")
	require.Equal(t, 20.0, *row.Within)
}

func TestARowsFormulaIsThatOfItsQueues(t *testing.T) {
	q := Query{From: day, To: day.Add(time.Hour), By: ByQueue, Step: time.Hour,
		Level:   func(queue string) Level { return Level{Within: time.Duration(len(queue)) * time.Second} },
		Formula: func(queue string) string { return map[string]string{"a": Positive, "bb": Offered}[queue] }}
	b, err := NewBuilder(q)
	require.NoError(t, err)
	b.Visit(Visit{Queue: "a", Entered: day, Outcome: WasServed})
	b.Visit(Visit{Queue: "bb", Entered: day, Outcome: WasServed})
	r := b.Report()
	require.Equal(t, []string{Positive, Offered, Ignore}, []string{r.Rows[0].Formula, r.Rows[1].Formula, r.Total.Formula})
	require.Equal(t, 2.0, *r.Rows[1].Within)
	require.Nil(t, r.Total.Within)
	var csv strings.Builder
	require.NoError(t, r.WriteCSV(&csv))
	require.Contains(t, csv.String(), ",positive,1,")
}
