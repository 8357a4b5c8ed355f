package exchange

import (
	"testing"

	"switchroom/acd"
	"switchroom/configs"

	"github.com/stretchr/testify/require"
)

func TestKeysAreLookedForInTheSoundOfTheCallersOfAQueueThatSaysSo(t *testing.T) {
	c := &call{stay: stay{queue: &queuePlan{config: configs.Queue{InbandDTMF: true}}}}
	require.True(t, (&party{call: c, role: acd.CallerParty}).findsTones())
	require.False(t, (&party{call: c, role: acd.AgentParty}).findsTones(), "an agent's phone has other ways")
	c.queue = &queuePlan{}
	require.False(t, (&party{call: c, role: acd.CallerParty}).findsTones())
	p := &plan{config: &configs.Config{Trunks: []configs.Trunk{{ID: "a"}, {ID: "b", InbandDTMF: true, SRTP: "require"}}}}
	require.True(t, p.trunk("b").InbandDTMF)
	require.Equal(t, configs.Trunk{}, p.trunk("c"))
}
