package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoFloorBreaksARule(t *testing.T) {
	var total figures
	for seed := uint64(1); seed <= 40; seed++ {
		r := simulate(seed, "", false)
		require.Empty(t, r.fault, "go run ./test/sim -seed %d -trace (at %s)", seed, r.at)
		total.add(r.figures)
	}
	require.Greater(t, total.talks, 300)
	require.Greater(t, total.recordings, 150)
	require.Greater(t, total.own, 20)
	require.Greater(t, total.consultations, 20)
	require.Greater(t, total.conferences, 3)
	require.Greater(t, total.supervised, 15)
	require.Greater(t, total.crashes, 2)
	require.Greater(t, total.cutOff, 10)
}

func TestASeedIsTheSameFloorEachTime(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		require.Equal(t, simulate(seed, "", false), simulate(seed, "", false))
	}
}

func TestFaultsThatAreBuiltInAreFound(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(mutants)) {
		found := uint64(0)
		for seed := uint64(1); seed <= 30 && found == 0; seed++ {
			if simulate(seed, name, false).fault != "" {
				found = seed
			}
		}
		require.NotZero(t, found, name)
		require.NotEmpty(t, simulate(found, name, false).fault, "and again")
	}
}
