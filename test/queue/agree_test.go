package queue

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"switchroom/queue"
	"switchroom/test/queue/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair is one match of call and agent by their numbers, and why.
type pair struct {
	call, agent, ring int
	why               queue.Why
}

// driver runs one seed's operations on an engine.
type driver struct {
	*rand.Rand
	e       load.Engine
	w       *load.World
	now     int64
	calls   []*load.Call
	numbers map[*load.Call]int
	open    []load.Offer
	matches []pair
}

func drive(t *testing.T, kind string, seed uint64) []pair {
	d := &driver{Rand: rand.New(rand.NewPCG(seed, 1)), now: int64(time.Hour), numbers: map[*load.Call]int{}}
	d.w = load.NewWorld(d.Rand, 40, 30, 8)
	for i := range d.w.Needs {
		d.w.Needs[i] = d.need(i)
	}
	d.e = load.New(kind, d.w, 1000, func() int64 { return d.now }, func(o load.Offer) {
		d.open = append(d.open, o)
		d.matches = append(d.matches, pair{d.numbers[o.Call], int(o.Agent), o.Ring, o.Why})
	})
	defer d.e.Stop()
	for range 3000 {
		d.now += int64(d.IntN(int(time.Second)))
		d.e.Tick()
		d.step()
	}
	return d.matches
}

// need varies one of the world's: strategies, sites, priorities.
func (d *driver) need(i int) queue.Need {
	n := d.w.Needs[i]
	n.Rings = slices.Clone(n.Rings)
	n.Strategy = queue.Strategy(d.IntN(6))
	n.Priority = d.IntN(3) - 1
	if d.IntN(2) == 0 {
		n.Rings[0].Sites = []queue.Site{queue.Site(d.IntN(4)), 1}
	}
	return n
}

func (d *driver) step() {
	agent := int32(d.IntN(len(d.w.Profiles)))
	switch n := d.IntN(24); {
	case n < 9:
		c := &load.Call{}
		c.Class, c.Arrival = queue.ClassID(d.IntN(len(d.w.Needs))), d.now-int64(d.IntN(2))*int64(d.IntN(int(20*time.Second)))
		c.Owner = c
		d.numbers[c] = len(d.calls)
		d.calls = append(d.calls, c)
		d.e.Enter(c)
	case n < 16 && len(d.open) > 0:
		o := d.open[0]
		d.open = d.open[1:]
		if d.IntN(3) > 0 {
			d.e.Accept(&o)
			d.e.Ready(o.Agent)
		} else {
			d.e.Decline(&o)
			d.e.Return(o.Agent)
		}
	case n == 16 && len(d.calls) > 0:
		if a, offered, _ := d.e.Abandon(d.calls[len(d.calls)-1-d.IntN(min(20, len(d.calls)))]); offered {
			d.e.Return(a)
		}
	case n == 17:
		d.e.NotReady(agent)
	case n == 18:
		p := d.w.Profiles[d.IntN(len(d.w.Profiles))]
		p.Site = queue.Site(d.IntN(4))
		d.e.ChangeAgent(agent, p)
	case n == 19:
		i := d.IntN(len(d.w.Needs))
		d.e.Redefine(i, d.need(d.IntN(len(d.w.Needs))))
	default:
		d.e.Ready(agent)
	}
}

// The comparison is fair only if all engines do the same work: by all
// strategies, over rings, declines and changes, with the same explanation.
func TestTheBaselinesMakeTheSameDecisions(t *testing.T) {
	for seed := range uint64(20) {
		want := drive(t, "lock-free", seed)
		require.Greater(t, len(want), 100)
		for _, kind := range load.Kinds[1:] {
			got := drive(t, kind, seed)
			for i := range min(len(want), len(got)) {
				require.Equal(t, want[i], got[i], "%s, seed %d, match %d", kind, seed, i)
			}
			require.Len(t, got, len(want), "%s, seed %d", kind, seed)
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
