package main

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/replay"
	"switchroom/test/replay/floor"

	"github.com/stretchr/testify/require"
)

// made is the folder of a journal of a floor.
func made(t *testing.T, o floor.Options) string {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Open(journal.Config{Dir: dir, SegmentBytes: 1 << 20})
	require.NoError(t, err)
	require.NoError(t, floor.Write(j, o))
	require.NoError(t, j.Close())
	return dir
}

func replayed(t *testing.T, events iter.Seq2[acd.Event, error]) (replay.Report, []replay.Difference) {
	t.Helper()
	var all []replay.Difference
	rep, err := replay.Run(events, replay.Options{Different: func(d replay.Difference) { all = append(all, d) }})
	require.NoError(t, err)
	require.Equal(t, rep.Decisions, rep.Same+rep.Close+rep.Following+rep.Different)
	return rep, all
}

// edited gives a journal's events as edit leaves them; false leaves one out.
func edited(dir string, edit func(*acd.Event) bool) iter.Seq2[acd.Event, error] {
	return func(yield func(acd.Event, error) bool) {
		for ev, err := range journal.Scan(dir) {
			if err == nil && !edit(&ev) {
				continue
			}
			if !yield(ev, err) {
				return
			}
		}
	}
}

func TestEveryDecisionIsMadeAgain(t *testing.T) {
	for seed, o := range []floor.Options{
		{Agents: 60, Queues: 6, Rate: 0.5, Events: 20000},  // agents wait for calls
		{Agents: 40, Queues: 12, Rate: 4, Events: 20000},   // calls wait for agents
		{Agents: 5, Queues: 1, Rate: 0.05, Events: 5000},   // rings open
		{Agents: 400, Queues: 30, Rate: 10, Events: 30000}, // many of both
	} {
		o.Seed = uint64(seed)
		dir := made(t, o)
		rep, _ := replayed(t, journal.Scan(dir))
		require.Greater(t, rep.Decisions, uint64(300))
		require.Equal(t, rep.Decisions, rep.Same, "%+v", rep)
		require.Zero(t, rep.Recounted, "with the same explanations")
		require.Zero(t, rep.Unjudged+rep.Skipped)
		require.NotZero(t, named(dir), "runners-up among them")
		again, _ := replayed(t, journal.Scan(dir))
		require.Equal(t, rep, again)
	}
}

// named counts the runners-up that a journal's explanations name.
func named(dir string) (n int) {
	for ev := range journal.Scan(dir) {
		if ev.Decision != nil {
			n += len(ev.Decision.RunnersUp)
		}
	}
	return n
}

func TestADecisionThatWasNotMadeSoIsToldWithBothExplanations(t *testing.T) {
	dir := made(t, floor.Options{Seed: 3, Agents: 60, Queues: 6, Rate: 0.5, Events: 20000})
	n, wrong := 0, ""
	rep, all := replayed(t, edited(dir, func(ev *acd.Event) bool {
		if ev.Kind == acd.CallOffered {
			if n++; n == 200 { // as another program might have decided
				wrong = ev.Call
				ev.Agent = map[bool]string{true: "8001", false: "8002"}[ev.Agent == "8002"]
			}
		}
		return true
	}))
	require.NotEmpty(t, all)
	d := all[0]
	require.Equal(t, wrong, d.Call)
	require.NotEqual(t, d.Was, d.Now)
	require.NotEmpty(t, d.Now)
	require.Equal(t, d.Recorded.Considered, d.Replayed.Considered)
	require.Less(t, len(all), 40, "the replay goes on from what was decided")
	require.Greater(t, rep.Same, rep.Decisions*97/100)
}

func TestAnotherRuleIsADifference(t *testing.T) {
	dir := made(t, floor.Options{Seed: 4, Agents: 60, Queues: 1, Rate: 0.3, Events: 10000})
	rep, all := replayed(t, edited(dir, func(ev *acd.Event) bool {
		if ev.Kind == acd.ConfigRouting {
			ev.Detail = []byte(strings.ReplaceAll(string(ev.Detail), `"longest-idle"`, `"top-down"`))
		}
		return true
	}))
	require.Greater(t, rep.Decisions-rep.Same, rep.Decisions/10)
	require.Greater(t, rep.Different, uint64(5))
	require.True(t, slices.ContainsFunc(all, func(d replay.Difference) bool { return d.Kind == "different" && d.Note == "" }))
}

func TestInputsThatOverlappedAreTold(t *testing.T) {
	dir := made(t, floor.Options{Seed: 5, Agents: 60, Queues: 1, Rate: 0.3, Events: 8000})
	// Two agents who became free one after the other did so in the same instant,
	// and the journal has them the other way round.
	var before *acd.Event
	swaps := 0
	rep, _ := replayed(t, func(yield func(acd.Event, error) bool) {
		seq := uint64(0)
		give := func(ev acd.Event) bool { seq++; ev.Seq = seq; return yield(ev, nil) }
		for ev, err := range journal.Scan(dir) {
			require.NoError(t, err)
			ready := ev.Kind == acd.AgentChanged && ev.State == "ready" && ev.Fresh
			if before != nil && ready && before.Agent != ev.Agent {
				ev.Mono = before.Mono
				swaps++
				if !give(ev) || !give(*before) {
					return
				}
				before = nil
				continue
			}
			if before != nil && !give(*before) {
				return
			}
			before = nil
			if ready {
				held := ev
				before = &held
				continue
			}
			if !give(ev) {
				return
			}
		}
	})
	require.Greater(t, swaps, 3)
	require.NotZero(t, rep.Close)
	require.Zero(t, rep.Different)
}

func TestAJournalWithoutItsBeginningIsJudgedFromTheNextStart(t *testing.T) {
	dir := made(t, floor.Options{Seed: 6, Agents: 20, Queues: 3, Rate: 1, Events: 3000})
	rep, _ := replayed(t, func(yield func(acd.Event, error) bool) {
		last := uint64(0)
		for run := range 2 {
			for ev, err := range journal.Scan(dir) {
				require.NoError(t, err)
				if last++; run == 0 && ev.Seq < 1000 {
					continue
				}
				ev.Seq = last
				if !yield(ev, nil) {
					return
				}
			}
		}
	})
	require.Greater(t, rep.Skipped, uint64(1900))
	require.Equal(t, 1, rep.Runs)
	require.Equal(t, rep.Decisions, rep.Same)
	require.NotZero(t, rep.Decisions)

	gap, _ := replayed(t, edited(dir, func(ev *acd.Event) bool { return ev.Seq < 1000 || ev.Seq > 1100 }))
	require.Greater(t, gap.Skipped, uint64(1800), "behind a gap nothing is known")
	require.Equal(t, gap.Decisions, gap.Same)
}

func TestOneSegmentAndARunningSwitchsFolderAreReadToo(t *testing.T) {
	dir := made(t, floor.Options{Seed: 7, Agents: 20, Queues: 3, Rate: 1, Events: 8000})
	files, err := filepath.Glob(filepath.Join(dir, "*.swj"))
	require.NoError(t, err)
	require.Greater(t, len(files), 1)
	rep, _ := replayed(t, journal.Scan(files[0]))
	require.Equal(t, rep.Decisions, rep.Same)
	require.NotZero(t, rep.Decisions)
	j, err := journal.Open(journal.Config{Dir: dir, SegmentBytes: 1 << 20}) // which locks it
	require.NoError(t, err)
	whole, _ := replayed(t, journal.Scan(dir))
	require.Equal(t, whole.Decisions, whole.Same)
	require.NoError(t, j.Close())
	_, err = replay.Run(journal.Scan(filepath.Join(dir, "nothing")), replay.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = replay.Run(journal.Scan(t.TempDir()), replay.Options{})
	require.ErrorContains(t, err, "no segment")
}
