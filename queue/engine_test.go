package queue

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAReadyAgentIsOfferedTheWaitingCall(t *testing.T) {
	var got []Offer
	e := New(Options{Offer: func(o Offer) { got = append(got, o) }})
	k, err := e.AddClass(Need{})
	require.NoError(t, err)
	a, err := e.AddAgent(Profile{}, "anna")
	require.NoError(t, err)
	c := &Call{Class: k}
	require.NoError(t, e.Enter(c))
	require.Empty(t, got)
	require.True(t, e.Ready(a))
	require.Len(t, got, 1)
	require.Same(t, c, got[0].Call)
	require.Equal(t, "anna", got[0].AgentOwner)
	require.True(t, e.Accept(got[0]))
	require.False(t, e.Accept(got[0]))
}
