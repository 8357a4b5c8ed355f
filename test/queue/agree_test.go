package queue

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"switchroom/queue"
	"switchroom/test/queue/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair is one match of call and agent by their numbers.
type pair struct{ call, agent int }

// drive runs one seed's operations on an engine and gives its matches.
func drive(kind string, seed uint64) (matches []pair) {
	r := rand.New(rand.NewPCG(seed, 1))
	w := load.NewWorld(r, 40, 30, 8)
	now := int64(time.Hour)
	var open []load.Offer
	var numbers = map[*load.Call]int{}
	e := load.New(kind, w, 1000, func() int64 { return now }, func(o load.Offer) { open = append(open, o) })
	defer e.Stop()
	var calls []*load.Call
	take := func() {
		for _, o := range open[len(matches):] {
			matches = append(matches, pair{numbers[o.Call()], int(o.Agent)})
		}
	}
	served := 0
	for range 3000 {
		now += int64(r.IntN(int(time.Second)))
		switch n := r.IntN(10); {
		case n < 4 && len(calls) < served+100:
			c := &load.Call{}
			c.Class, c.Arrival = queue.ClassID(r.IntN(len(w.Needs))), now-int64(r.IntN(2))*int64(r.IntN(int(20*time.Second)))
			c.Owner = c
			numbers[c] = len(calls)
			calls = append(calls, c)
			e.Enter(c)
		case n < 8 && served < len(open):
			o := open[served]
			served++
			e.Accept(o)
			e.Ready(o.Agent)
		case n == 8 && len(calls) > 0:
			e.Abandon(calls[len(calls)-1-r.IntN(min(20, len(calls)))])
		default:
			e.Ready(int32(r.IntN(len(w.Profiles))))
		}
		take()
	}
	return matches
}

// The comparison is fair only if all engines do the same work. Nothing opens
// rings here, as the baselines know no Tick; the ring in force still counts.
func TestTheBaselinesMakeTheSameDecisions(t *testing.T) {
	for seed := range uint64(20) {
		want := drive("lock-free", seed)
		require.Greater(t, len(want), 100)
		for _, kind := range load.Kinds[1:] {
			require.Equal(t, want, drive(kind, seed), "%s, seed %d", kind, seed)
		}
	}
}

func TestAllEnginesCarryTheLoad(t *testing.T) {
	for _, kind := range load.Kinds {
		for _, waiting := range []int{0, 500} {
			r := load.Run(load.Setting{Kind: kind, Agents: 100, Classes: 50, Skills: 10, Waiting: waiting, Goroutines: 4, For: 50 * time.Millisecond, Seed: 3})
			require.Positive(t, r.Decisions, "%s with %d waiting", kind, waiting)
		}
	}
}

func TestAHistogramGivesQuantilesWithinItsError(t *testing.T) {
	var h, other load.Histogram
	for i := 1; i <= 10_000; i++ {
		h.Add(time.Duration(i) * 100)
	}
	other.Add(7 * time.Second)
	require.InEpsilon(t, 500_000, float64(h.Quantile(.5)), .07)
	require.InEpsilon(t, 990_000, float64(h.Quantile(.99)), .07)
	h.Merge(&other)
	require.Equal(t, 7*time.Second, h.Max())
}
