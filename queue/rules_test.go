package queue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is an engine with a clock that the test moves, and its offers.
type desk struct {
	*testing.T
	*Engine
	now int64
	got []Offer
}

func newDesk(t *testing.T) *desk {
	d := &desk{T: t, now: 1_700_000_000 * second} // a clock may count from anywhere
	d.Engine = New(Options{Now: func() int64 { return d.now }, Offer: func(o Offer) { d.got = append(d.got, o) }})
	return d
}

func (d *desk) class(n Need) ClassID {
	id, err := d.AddClass(n)
	require.NoError(d, err)
	return id
}

func (d *desk) agent(p Profile) AgentID {
	id, err := d.AddAgent(p, nil)
	require.NoError(d, err)
	return id
}

func (d *desk) enter(k ClassID, arrival int64) *Call {
	c := &Call{Class: k, Arrival: arrival}
	require.NoError(d, d.Enter(c))
	return c
}

// last gives the newest offer and demands that it is for this call and agent.
func (d *desk) last(c *Call, a AgentID) Offer {
	d.Helper()
	require.NotEmpty(d, d.got)
	o := d.got[len(d.got)-1]
	require.Same(d, c, o.Call)
	require.Equal(d, a, o.Agent)
	return o
}

func TestACallReturnsToThoseWhoHaveNotDeclinedIt(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a, b, c := d.agent(Profile{}), d.agent(Profile{}), d.agent(Profile{})
	d.Ready(a)
	d.Ready(b)
	call := d.enter(k, d.now)
	require.True(t, d.Decline(d.last(call, a)))
	d.last(call, b)
	d.Return(a) // the longest idle of all, but it has declined
	d.Ready(c)
	require.True(t, d.Decline(d.last(call, b)))
	o := d.last(call, c)
	require.Equal(t, 1, o.Why.Declined, "a stood back")
	require.True(t, d.Decline(o))
	d.last(call, a) // nobody else is left
}

func TestADeclinedCallKeepsItsPlaceAndItsOnlyAgent(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a := d.agent(Profile{})
	first, second := d.enter(k, d.now), d.enter(k, d.now+1)
	d.Ready(a)
	require.True(t, d.Decline(d.last(first, a)))
	require.Len(t, d.got, 1, "the agent is held")
	require.Equal(t, 1, d.Position(first))
	require.Equal(t, 2, d.Position(second))
	require.True(t, d.Ready(a))
	d.last(first, a)
}

func TestAnAgentOfAnAbandonedOfferIsHeldUntilItSaysSo(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a := d.agent(Profile{})
	d.Ready(a)
	first := d.enter(k, d.now)
	o := d.last(first, a)
	second := d.enter(k, d.now)
	agent, offered, ok := d.Abandon(first)
	require.True(t, offered && ok)
	require.Equal(t, a, agent)
	require.Len(t, d.got, 1, "its phone still rings")
	require.False(t, d.Accept(o))
	require.True(t, d.Return(a))
	d.last(second, a)
}

// Somebody else may have made the agent available after the offer ended, and
// it may have taken another call before whoever ended the offer returns it.
func TestAnAgentWhoServesIsNotReturned(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a := d.agent(Profile{})
	d.Ready(a)
	first := d.enter(k, d.now)
	d.last(first, a)
	second := d.enter(k, d.now)
	_, offered, _ := d.Abandon(first)
	require.True(t, offered)
	require.True(t, d.Ready(a), "of its own")
	require.True(t, d.Accept(d.last(second, a)))
	third := d.enter(k, d.now)
	require.False(t, d.Return(a))
	require.Equal(t, 1, d.Position(third), "nobody is free")
	require.True(t, d.Ready(a))
	d.last(third, a)
}

func TestANearSiteGoesBeforeTheStrategy(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{Strategy: BestSkill, Rings: []Ring{{Sites: []Site{7, 3}, Skills: []SkillLevel{{1, 1}}}}})
	expert := d.agent(Profile{Site: 3, Skills: []SkillLevel{{1, 9}}})
	near := d.agent(Profile{Site: 7, Skills: []SkillLevel{{1, 2}}})
	d.Ready(expert)
	d.Ready(near)
	o := d.last(d.enter(k, d.now), near)
	require.Equal(t, 0, o.Why.SiteCost)
	o = d.last(d.enter(k, d.now), expert)
	require.Equal(t, 1, o.Why.SiteCost)
	require.Equal(t, 9, o.Why.SkillSum)
}

func TestATransferredCallStandsByItsArrival(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{Rings: []Ring{{Sites: []Site{1}}, {After: time.Minute}}})
	d.enter(k, d.now-second)
	moved := d.enter(k, d.now-50*second)
	require.Equal(t, 1, d.Position(moved))
	older := d.enter(k, d.now-70*second)
	a := d.agent(Profile{Site: 2})
	d.Ready(a)
	require.Equal(t, 1, d.last(older, a).Ring, "its second ring had opened before it entered")
}

func TestARingOpensWhenItIsDueAndNotBefore(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{Rings: []Ring{{Sites: []Site{1}}, {After: 20 * time.Second, Sites: []Site{2}}}})
	a := d.agent(Profile{Site: 2})
	d.Ready(a)
	call := d.enter(k, d.now)
	require.Equal(t, TickMax, d.Tick())
	d.now += 20*second - int64(30*time.Millisecond)
	require.Equal(t, 30*time.Millisecond, d.Tick())
	require.Empty(t, d.got)
	d.now += int64(30 * time.Millisecond)
	d.Tick()
	o := d.last(call, a)
	require.Equal(t, RingOpened, Trigger(o.Why.From))
	require.Equal(t, 1, o.Ring)
}

func TestALaterRingKeepsThoseOfTheEarlierOnes(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{Rings: []Ring{{Sites: []Site{1}}, {After: time.Second, Sites: []Site{2}}}})
	a := d.agent(Profile{Site: 1})
	call := d.enter(k, d.now-5*second)
	d.Ready(a)
	require.Equal(t, 1, d.last(call, a).Why.SiteCost, "after the sites listed")
}

func TestPriorityIsAHeadStartThatAgeMakesUpFor(t *testing.T) {
	d := newDesk(t)
	plain, vip := d.class(Need{}), d.class(Need{Priority: 1})
	old := d.enter(plain, d.now-6*60*second)
	d.enter(plain, d.now-4*60*second)
	dear := d.enter(vip, d.now)
	a := d.agent(Profile{})
	d.Ready(a)
	require.True(t, d.Accept(d.last(old, a)))
	d.Ready(a)
	require.True(t, d.Accept(d.last(dear, a)))
}

func TestARemovedAgentEndsItsOfferFirst(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a := d.agent(Profile{})
	d.Ready(a)
	call := d.enter(k, d.now)
	d.RemoveAgent(a)
	require.True(t, d.Accept(d.last(call, a)))
	require.False(t, d.Ready(a))
	b := d.agent(Profile{})
	require.NotEqual(t, a, b, "an id is not used twice")
	d.Ready(b)
	d.last(d.enter(k, d.now), b)
}

func TestARetiredClassEndsWithItsLastCall(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	call := d.enter(k, d.now)
	d.RetireClass(k)
	require.ErrorIs(t, d.Enter(&Call{Class: k}), ErrNoClass)
	require.ErrorIs(t, d.Redefine(k, Need{}), ErrNoClass)
	a := d.agent(Profile{})
	d.Ready(a)
	require.True(t, d.Accept(d.last(call, a)))
	next := d.class(Need{})
	require.NotEqual(t, k, next, "an id is not used twice")
	require.ErrorIs(t, d.Enter(&Call{Class: k}), ErrNoClass)
}

func TestCapacityIsReservedOnEntry(t *testing.T) {
	e := New(Options{MaxWaiting: 2, MaxAgents: 1, MaxClasses: 1})
	k, err := e.AddClass(Need{})
	require.NoError(t, err)
	_, err = e.AddClass(Need{})
	require.ErrorIs(t, err, ErrFull)
	_, err = e.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	_, err = e.AddAgent(Profile{}, nil)
	require.ErrorIs(t, err, ErrFull)
	a, b, c := &Call{Class: k}, &Call{Class: k}, &Call{Class: k}
	require.NoError(t, e.Enter(a))
	require.NoError(t, e.Enter(b))
	require.ErrorIs(t, e.Enter(c), ErrFull)
	require.ErrorIs(t, e.Enter(a), ErrFull)
	_, _, ok := e.Abandon(a)
	require.True(t, ok)
	require.ErrorIs(t, e.Enter(b), ErrReused)
	require.NoError(t, e.Enter(c), "a refused record may be used again")
}

func TestAFaultyNeedOrProfileIsRefused(t *testing.T) {
	e := New(Options{})
	for _, n := range []Need{
		{Strategy: strategies}, {Priority: MaxPriority + 1}, {Rings: make([]Ring, MaxRings+1)},
		{Rings: []Ring{{After: 1}}}, {Rings: []Ring{{}, {}}}, {Rings: []Ring{{Skills: []SkillLevel{{1, 11}}}}},
	} {
		_, err := e.AddClass(n)
		require.ErrorIs(t, err, ErrNeed)
	}
	_, err := e.AddAgent(Profile{Skills: []SkillLevel{{1, 0}}}, nil)
	require.ErrorIs(t, err, ErrProfile)
	require.ErrorIs(t, e.ChangeAgent(3, Profile{}), ErrNoAgent)
}

func TestExpectedWaitFollowsTheQueueAndTheStaff(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a := d.agent(Profile{})
	require.Zero(t, d.Gauges(k).ExpectedWait.Samples)
	for range 20 { // each waits 10 s with nobody ahead
		c := d.enter(k, d.now)
		d.now += 10 * second
		d.Ready(a)
		require.True(t, d.Accept(d.last(c, a)))
		d.Gauges(k)
	}
	for range 3 {
		d.enter(k, d.now)
	}
	q := d.Gauges(k).ExpectedWait
	require.Equal(t, 20, q.Samples)
	require.Equal(t, 40*time.Second, q.P50, "three ahead and itself")
}

func TestStrategiesAndTriggersHaveNames(t *testing.T) {
	require.Equal(t, "longest-idle", LongestIdle.String())
	require.Equal(t, "top-down", TopDown.String())
	require.Equal(t, "Strategy(99)", Strategy(99).String())
	require.Equal(t, "ring-opened", RingOpened.String())
	require.Equal(t, "unknown", Trigger(77).String())
}
