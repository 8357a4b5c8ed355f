package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoOrderOfTheOfferProtocolBreaksARule(t *testing.T) {
	for _, x := range []*explorer{{agents: 1, depth: 4}, {agents: 1, early: true, depth: 4}, {agents: 2, depth: 3}} {
		require.True(t, x.run(), "%s", x.story())
		require.Greater(t, len(x.seen), 200)
	}
}

// What is not gone into twice would have led to nothing new.
func TestStatesThatAreTakenForTheSameGoOnAlike(t *testing.T) {
	pruned, whole := &explorer{agents: 1, depth: 3}, &explorer{agents: 1, depth: 3, whole: true}
	require.True(t, pruned.run(), "%s", pruned.story())
	require.True(t, whole.run(), "%s", whole.story())
	require.Greater(t, whole.steps, pruned.steps)
	require.Equal(t, len(whole.seen), len(pruned.seen))
	for state := range whole.seen {
		require.Contains(t, pruned.seen, state)
	}
}

func TestNoWalkThroughTheOfferProtocolBreaksARule(t *testing.T) {
	for seed := uint64(1); seed <= 1000; seed++ {
		require.Empty(t, wander(seed, "", false).fault, "go run ./test/sim -walk %d -trace", seed)
	}
}

func TestFaultsInTheOfferProtocolAreFound(t *testing.T) {
	for _, name := range append(slices.Sorted(maps.Keys(plotMutants())), lateAnswer, freeTooEarly, staleOffer) {
		found := ""
		for depth := 1; depth <= 5 && found == ""; depth++ {
			x := &explorer{agents: 1, depth: depth, mutant: name}
			if !x.run() {
				found = x.fault
			}
		}
		require.NotEmpty(t, found, name)
		t.Log(name, ":", found)
	}
}

// plotMutants are those that have something to break in a plot.
func plotMutants() map[string]bool {
	all := map[string]bool{}
	for name := range mutants {
		all[name] = name != "forgotten-exit"
	}
	delete(all, "forgotten-exit")
	return all
}
