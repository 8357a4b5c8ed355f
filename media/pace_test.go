package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePaceFollowsThePackets(t *testing.T) {
	p := pace{from: ticksFrom, until: ticksUntil}
	now := int64(1e9)
	p.judge(0, now)
	pass := func(packets int) bool { // in one stretch, in two parts
		now += paceEvery / 2
		require.False(t, p.judge(packets/2, now), "before a stretch is over")
		now += paceEvery / 2
		return p.judge(packets-packets/2, now)
	}
	for _, step := range []struct {
		packets        int
		changes, ticks bool
	}{
		{ticksFrom - 1, false, false},
		{ticksFrom, true, true},
		{ticksFrom - 1, false, true}, // no to and fro at one figure
		{ticksUntil, false, true},
		{ticksUntil - 1, true, false},
		{ticksFrom - 1, false, false},
		{5 * ticksFrom, true, true},
		{0, true, false},
	} {
		require.Equal(t, step.changes, pass(step.packets), "%+v", step)
		require.Equal(t, step.ticks, p.ticks, "%+v", step)
	}
}

// An even stream stays even only if each of its packets waits equally long.
func TestEveryPacketTimeIsAMultipleOfTheTick(t *testing.T) {
	for _, ms := range []int64{10, 20, 30, 40, 50, 60} {
		require.Zero(t, ms*millisecond%tickEvery)
	}
}
