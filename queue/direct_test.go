package queue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unseen gives an engine with an agent at site 1 who is available, and a class.
// f runs once, on the goroutine of the Enter that comes to the point where the
// agent is found for a call that nobody else sees, and is not claimed yet.
func unseen(t *testing.T, need Need, f func(*halted, AgentID)) (*halted, AgentID, ClassID) {
	h := haltedAt(points)
	k, err := h.AddClass(need)
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{Site: 1}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(a))
	h.hook = func(p point) {
		if p == atUnseen {
			h.hook = nil
			f(h, a)
		}
	}
	return h, a, k
}

func TestAnArrivalDoesNotGetAnAgentWhoHasMovedAway(t *testing.T) {
	here := Need{Rings: []Ring{{Sites: []Site{1}}}}
	h, _, k := unseen(t, here, func(h *halted, a AgentID) {
		require.NoError(t, h.ChangeAgent(a, Profile{Site: 2}))
	})
	c := &Call{Class: k}
	require.NoError(t, h.Enter(c))
	require.Empty(t, h.offers)
	require.Equal(t, 1, h.Position(c), "it waits")
	quiet(t, h.Engine)
}

func TestAnArrivalDoesNotGetAnAgentWhoIsNotReadyAnyMore(t *testing.T) {
	h, a, k := unseen(t, Need{}, func(h *halted, a AgentID) { require.True(t, h.NotReady(a)) })
	c := &Call{Class: k}
	require.NoError(t, h.Enter(c))
	require.Empty(t, h.offers)
	require.True(t, h.Ready(a))
	require.Same(t, c, (<-h.offers).Call)
	quiet(t, h.Engine)
}

func TestAnArrivalThatIsAbandonedAtOnceIsNotDelivered(t *testing.T) {
	var c *Call
	h, a, k := unseen(t, Need{}, func(h *halted, a AgentID) {
		_, offered, ok := h.Abandon(c)
		require.True(t, ok && !offered)
		h.hook = func(p point) { require.NotEqual(t, atClaimed, p, "nobody is claimed for a call that is gone") }
	})
	c = &Call{Class: k}
	require.NoError(t, h.Enter(c))
	require.Empty(t, h.offers)
	require.Equal(t, 1, h.AgentsReady(k), "the agent is free still")
	require.True(t, h.NotReady(a))
	quiet(t, h.Engine)
}

func TestAnArrivalMayEndWithItsClassBeforeItIsMatched(t *testing.T) {
	var c *Call
	h, _, k := unseen(t, Need{}, func(h *halted, a AgentID) {
		_, _, ok := h.Abandon(c)
		require.True(t, ok)
		h.RetireClass(c.Class)
		require.True(t, h.NotReady(a))
	})
	b, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(b))
	c = &Call{Class: k}
	require.NoError(t, h.Enter(c))
	require.Empty(t, h.offers)
	quiet(t, h.Engine)
}

func TestAnArrivalLeavesTheAgentToAnOlderOneThatCameBetween(t *testing.T) {
	older := &Call{Arrival: 1}
	h, _, k := unseen(t, Need{}, func(h *halted, a AgentID) {
		require.NoError(t, h.Enter(older)) // which gets the agent
	})
	older.Class = k
	c := &Call{Class: k, Arrival: 2}
	require.NoError(t, h.Enter(c))
	require.Equal(t, 1, len(h.offers))
	require.Same(t, older, (<-h.offers).Call)
	require.Equal(t, 1, h.Position(c), "it waits")
	quiet(t, h.Engine)
}

// A ring has opened and Tick has not looked at it yet: an arrival meets an
// agent who by now may have the older call.
func TestAnArrivalLeavesTheAgentToAnOlderCallWhoseRingHasOpened(t *testing.T) {
	for _, sameClass := range []bool{true, false} {
		now, offers := int64(0), []Offer(nil)
		e := New(Options{Now: func() int64 { return now }, Offer: func(o Offer) { offers = append(offers, o) }})
		wide, err := e.AddClass(Need{Rings: []Ring{{Sites: []Site{2}}, {After: time.Minute}, {After: time.Hour}}})
		require.NoError(t, err)
		other, err := e.AddClass(Need{})
		require.NoError(t, err)
		a, err := e.AddAgent(Profile{Site: 1}, nil)
		require.NoError(t, err)
		require.True(t, e.Ready(a))
		older := &Call{Class: wide}
		require.NoError(t, e.Enter(older))
		require.Empty(t, offers)
		now = int64(2 * time.Minute)
		c := &Call{Class: other, Arrival: now}
		if sameClass {
			c.Class, c.Arrival = wide, int64(30*time.Second) // the agent may have it as well
		}
		require.NoError(t, e.Enter(c))
		require.Len(t, offers, 1)
		require.Same(t, older, offers[0].Call)
		require.Equal(t, 1, e.Position(c), "it waits")
		quiet(t, e)
	}
}

// The top names the older call, the key does not show it yet.
func TestAnArrivalDoesNotPassOneInSightWhoseEnterStandsStill(t *testing.T) {
	h := haltedAt(atTop)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(a)) // whose look leaves a key that says that nobody waits
	require.True(t, h.NotReady(a))
	first := &Call{Class: k, Arrival: 1}
	done := make(chan bool)
	go func() { done <- h.Enter(first) == nil }()
	<-h.at
	require.True(t, h.Ready(a))
	require.Empty(t, h.offers)
	require.NoError(t, h.Enter(&Call{Class: k, Arrival: 2}))
	require.Equal(t, 1, len(h.offers))
	require.Same(t, first, (<-h.offers).Call)
	h.end(t, done)
}

// The call for which the agent became available is gone before he has it.
func TestAnAgentWhoseCallIsGoneInBecomingAvailableGetsTheNext(t *testing.T) {
	h := haltedAt(points)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	var calls [3]*Call
	for i := range calls {
		calls[i] = &Call{Class: k, Arrival: int64(i)}
		require.NoError(t, h.Enter(calls[i]))
	}
	require.True(t, h.Ready(a))
	require.True(t, h.Accept(<-h.offers))
	h.hook = func(p point) {
		if p == atClaimed {
			h.hook = nil
			_, offered, ok := h.Abandon(calls[1])
			require.True(t, ok && !offered)
		}
	}
	require.True(t, h.Ready(a))
	require.Equal(t, 1, len(h.offers))
	require.Same(t, calls[2], (<-h.offers).Call)
	quiet(t, h.Engine)
}

// Of two agents one is given a call in becoming available, later than the other
// became so. The call is gone before it is delivered, and both come back.
func TestAnAgentWhoWasGivenACallInBecomingAvailableHasThatOrder(t *testing.T) {
	h := haltedAt(points)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	var as [2]AgentID
	for i := range as {
		as[i], err = h.AddAgent(Profile{}, nil)
		require.NoError(t, err)
	}
	enter := func() *Call {
		c := &Call{Class: k}
		require.NoError(t, h.Enter(c))
		return c
	}
	enter()
	require.True(t, h.Ready(as[1])) // calls wait when it becomes ready
	require.True(t, h.Accept(<-h.offers))
	require.True(t, h.Ready(as[0]))
	require.True(t, h.NotReady(as[0]))
	waits := enter()
	require.True(t, h.Ready(as[1]))
	require.Same(t, waits, (<-h.offers).Call)
	_, offered, ok := h.Abandon(waits)
	require.True(t, offered && ok)
	require.True(t, h.Return(as[1]))
	require.True(t, h.Return(as[0]))
	enter()
	require.Equal(t, as[0], (<-h.offers).Agent)
	quiet(t, h.Engine)
}

func TestANewAgentHasNotTheOrderOfTheOneBefore(t *testing.T) {
	h := haltedAt(points)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	gone, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	other, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(gone))
	require.True(t, h.NotReady(gone))
	h.RemoveAgent(gone)
	fresh, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(other))
	require.True(t, h.Return(fresh), "it was never available before")
	require.NoError(t, h.Enter(&Call{Class: k}))
	require.Equal(t, other, (<-h.offers).Agent)
	quiet(t, h.Engine)
}
