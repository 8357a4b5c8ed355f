package exchange

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/queue"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// deaf is the address of a phone that hears everything and says nothing.
func deaf(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return "sip:8001@" + c.LocalAddr().String()
}

func TestAPhoneThatNeverSaysAWordCostsNoMoreThanItsRing(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{queue: "record: never, strategy: top-down", agents: agentAt("8001", deaf(t)) + "," + agentAt("8002", phone.contact("8002"))})
	r.state("8001", "ready", "")
	leg, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8002", "talking", "")
	r.state("8001", "not-ready", "no-answer")
	leg.Hangup(bye)
	r.idle()
}

func TestCallersHear503AndAgentsStayWhenNoPortIsFree(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{ports: "30400-30401", agents: agentAt("8001", phone.contact("8001"))})
	r.state("8001", "ready", "")
	leg, caller := r.dial(carrier) // has the only pair, and its agent none
	caller.await(t, sip.Answered)
	r.state("8001", "not-ready", "no-media")
	_, second := r.dial(carrier)
	require.Equal(t, 503, second.await(t, sip.Failed).Status)
	require.Eventually(t, func() bool { return r.book.count(acd.CallDeclined) > 1 }, soon, time.Millisecond, "it is tried again")
	require.Len(t, r.Calls(), 1, "the call keeps its place")
	leg.Hangup(bye)
	r.idle()
	r.state("8001", "ready", "")
}

func TestNoMoreCallsAreAnsweredThanMayWait(t *testing.T) {
	carrier := newPeer(t, "127.0.0.2", nobody)
	r := newRig(t, setting{queue: "record: never, max_waiting: 3", agents: agentAt("8001", deaf(t))})
	require.NoError(t, r.SetAgentState("8001", "offline", "", "test"))
	var legs []*sip.Leg
	var ears []*ear
	for range 12 {
		leg, e := r.dial(carrier)
		legs, ears = append(legs, leg), append(ears, e)
	}
	answered, busy := 0, 0
	for _, e := range ears {
		for done := false; !done; {
			select {
			case ev := <-e.events:
				switch {
				case ev.Kind == sip.Answered:
					answered, done = answered+1, true
				case ev.Kind == sip.Failed && ev.Status == 486:
					busy, done = busy+1, true
				}
			case <-time.After(soon):
				t.Fatal("neither answered nor refused")
			}
		}
	}
	require.Equal(t, 3, answered)
	require.Equal(t, 9, busy)
	for _, l := range legs {
		l.Hangup(bye)
	}
	r.idle()
	require.Zero(t, r.plan.Load().queues["parcels"].inside.Load())
}

func TestAWishTakenBackWhileAnOfferIsOnItsWayIsNoContradiction(t *testing.T) {
	r := newRig(t, setting{agents: agentAt("8001", deaf(t))})
	r.state("8001", "ready", "")
	q := r.plan.Load().queues["parcels"]
	// A call that has not looked at its inbox yet.
	c := &call{x: r.Exchange, core: acd.NewCall("c", "", "", "", acd.CallPlan{}), inbox: newInbox(), stay: stay{queue: q, queued: true, widens: true}}
	c.seat = &queue.Call{Class: q.class, Owner: c}
	r.someoneEntered()
	require.NoError(t, r.queue.Enter(c.seat))
	require.Len(t, c.inbox.take(), 1, "an offer is on its way")
	require.NoError(t, r.SetAgentState("8001", "not-ready", "lunch", "test"))
	require.NoError(t, r.SetAgentState("8001", "ready", "", "test"))
	c.leaveQueue(acd.AgentParty)
	r.state("8001", "ready", "")
	require.Equal(t, 1, r.queue.AgentsReady(q.class), "the next call may have the agent")
	require.Empty(t, r.Invariants().Violations)
}

// A fault wherever it happens ends its call, and its call alone: the agent,
// the legs and the ports are free and the record is written.
func TestAFaultInACallLeavesNothingBehind(t *testing.T) {
	for _, kind := range []acd.Kind{acd.CallArrived, acd.CallAnswered, acd.CallQueued, acd.CallOffered, acd.CallConnected, acd.CallEnded} {
		t.Run(string(kind), func(t *testing.T) {
			_, phone, carrier := oneDesk(t)
			r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001"))})
			r.state("8001", "ready", "")
			armed := true
			r.book.mu.Lock()
			r.book.onNote = func(e acd.Event) {
				if armed && e.Kind == kind {
					armed = false
					panic("a fault of the test's")
				}
			}
			r.book.mu.Unlock()
			leg, caller := r.dial(carrier)
			if kind == acd.CallEnded {
				caller.await(t, sip.Answered)
				r.state("8001", "talking", "")
				leg.Hangup(bye)
			}
			require.Eventually(t, func() bool { return r.Counters().Panics == 1 }, soon, time.Millisecond)
			r.idle()
			r.state("8001", "ready", "")

			leg, caller = r.dial(carrier)
			caller.await(t, sip.Answered)
			r.state("8001", "talking", "")
			leg.Hangup(bye)
			r.idle()
			require.Equal(t, 2, r.book.count(acd.CallRecord))
		})
	}
}

func TestAnAgentRemovedWhileItTalksFinishesItsCall(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001"))})
	leg, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8001", "talking", "")
	a := r.agents.get("8001")
	old := r.text()
	r.text = func() string {
		return strings.Replace(old, `id: "8001"`, `id: "8009"`, 1)
	}
	_, err := r.Reload(t.Context())
	require.NoError(t, err)
	_, known := r.Agent("8001")
	require.False(t, known)
	require.Len(t, r.Calls(), 1)
	require.Equal(t, "talking", r.Calls()[0].State)
	leg.Hangup(bye)
	r.idle()
	require.Eventually(t, func() bool { a.mu.Lock(); defer a.mu.Unlock(); return a.gone }, soon, time.Millisecond)
	last := r.book.of(acd.AgentChanged)
	for _, e := range last {
		if e.Agent == "8001" {
			require.NotEmpty(t, e.State)
		}
	}
	r.state("8009", "ready", "")
}

func TestABindingThatEndsDuringATalkEndsNothing(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{agents: `{id: "8001", name: A, site: chengdu, password: secret, ready_on_register: true}`})
	require.NoError(t, phone.ua.Register(t.Context(), sip.RegisterRequest{Registrar: "sip:" + r.sip, Account: "8001", Password: "secret"}))
	r.state("8001", "ready", "")
	leg, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8001", "talking", "")
	r.Registration(sip.Registration{Account: "8001", Reason: "expired"})
	require.Equal(t, "talking", r.Calls()[0].State)
	leg.Hangup(bye)
	r.idle()
	r.state("8001", "offline", "unregistered")
	require.Error(t, r.SetAgentState("8001", "ready", "", "test"))

	// What the registrar still knows is found by an agent who comes anew.
	fresh, err := r.newAgent(r.Config().Agents[0], 7)
	require.NoError(t, err)
	fresh.look()
	state, _ := fresh.stateNow()
	require.Equal(t, acd.AgentReady, state)
	fresh.leave()
}

func TestAReloadThatFailsLeavesEverythingAsItWas(t *testing.T) {
	r := newRig(t, setting{agents: agentAt("8001", deaf(t))})
	r.state("8001", "ready", "")
	small := r.text
	many := func(n int) func() string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,{id: "a%d", name: A, site: chengdu, password: secret}`, i)
		}
		return func() string { return strings.Replace(small(), "agents: [", "agents: ["+b.String()[1:]+",", 1) }
	}
	version := r.Config().Version
	for range 3 {
		r.text = many(1200) // beyond the room that was made at the start
		_, err := r.Reload(t.Context())
		require.ErrorIs(t, err, queue.ErrFull)
	}
	require.Equal(t, version, r.Config().Version)
	require.Len(t, r.Agents(), 1)
	require.Equal(t, 3, r.book.count(acd.ConfigRefused))
	r.text = many(900) // nothing of the failed ones is left
	_, err := r.Reload(t.Context())
	require.NoError(t, err)
	require.Len(t, r.Agents(), 901)
	r.state("8001", "ready", "")
}

// An ACK that owes the answer to a late offer and brings none leaves nobody to
// talk to: the call ends instead of standing mute.
func TestAnAckWithoutTheAnswerItOwesEndsTheCall(t *testing.T) {
	r := newRig(t, setting{agents: agentAt("8001", deaf(t))})
	c, err := net.ListenPacket("udp", "127.0.0.2:0")
	require.NoError(t, err)
	defer c.Close()
	to, err := net.ResolveUDPAddr("udp", r.sip)
	require.NoError(t, err)
	send := func(method, branch, tag string) {
		_, err := c.WriteTo(fmt.Appendf(nil, "%s sip:4001@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
			"From: <sip:138@127.0.0.2>;tag=a\r\nTo: <sip:4001@%s>%s\r\nCall-ID: late\r\nCSeq: 1 %s\r\nContact: <sip:138@%s>\r\nContent-Length: 0\r\n\r\n",
			method, r.sip, c.LocalAddr(), branch, r.sip, tag, method, c.LocalAddr()), to)
		require.NoError(t, err)
	}
	send("INVITE", "one", "")
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	buf := make([]byte, 4000)
	for {
		n, _, err := c.ReadFrom(buf)
		require.NoError(t, err, "no BYE came")
		text := string(buf[:n])
		if strings.HasPrefix(text, "BYE") {
			break
		}
		if strings.HasPrefix(text, "SIP/2.0 200") {
			_, tag, _ := strings.Cut(text, "To: <sip:4001@"+r.sip+">")
			tag, _, _ = strings.Cut(tag, "\r\n")
			send("ACK", "two", tag)
		}
	}
	require.Eventually(t, func() bool { return r.book.count(acd.CallRecord) == 1 }, soon, time.Millisecond)
	require.Equal(t, "no-media", r.book.of(acd.CallRecord)[0].Cause)
}

func TestNothingIsWrittenDownOnceTheExchangeHasEnded(t *testing.T) {
	r := newRig(t, setting{queue: "record: never", agents: agentAt("8001", deaf(t))})
	r.state("8001", "ready", "")
	a := r.agents.get("8001")
	old := r.text()
	r.text = func() string { return strings.Replace(old, `id: "8001"`, `id: "8009"`, 1) }
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseTalking, Call: "c"}) // so that it stays when it is removed
	_, err := r.Reload(t.Context())
	require.NoError(t, err)
	r.stop()
	n := r.book.count(acd.AgentChanged)
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: "c"})
	require.Equal(t, n, r.book.count(acd.AgentChanged))
}

// An agent who is removed and taken back during its call is the same agent: its
// phone is not rung again before the call is over.
func TestAnAgentTakenBackDuringItsCallIsNotFree(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001"))})
	leg, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8001", "talking", "")
	old := r.text()
	for _, id := range []string{"8009", "8001"} {
		r.text = func() string { return strings.Replace(old, `id: "8001"`, `id: "`+id+`"`, 1) }
		_, err := r.Reload(t.Context())
		require.NoError(t, err)
	}
	r.state("8001", "talking", "")
	second, _ := r.dial(carrier)
	require.Eventually(t, func() bool { return len(r.Calls()) == 2 }, soon, time.Millisecond)
	require.Equal(t, "waiting", r.Calls()[1].State)
	leg.Hangup(bye)
	r.state("8001", "talking", "")
	require.Eventually(t, func() bool { return r.book.count(acd.CallConnected) == 2 }, soon, time.Millisecond)
	second.Hangup(bye)
	r.idle()
}

// A wish on its way to an agent who is removed meanwhile, as that of a code
// just dialled, brings nobody back.
func TestAWishThatMeetsARemovalIsNotGranted(t *testing.T) {
	r := newRig(t, setting{agents: agentAt("8001", deaf(t))})
	r.state("8001", "ready", "")
	a := r.agents.get("8001")
	a.leave()
	require.False(t, a.wish(acd.WishReady, "", "test"))
	a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishReady})
	a.step(acd.AgentInput{Kind: acd.AgentReach})
	state, _ := a.stateNow()
	require.Equal(t, acd.AgentOffline, state)
}

func TestAnAgentMayGetAndLoseAFixedContactDuringItsCall(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	agent := agentAt("8001", phone.contact("8001"))
	r := newRig(t, setting{agents: agent})
	leg, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8001", "talking", "")
	old := r.text()
	r.text = func() string {
		return strings.Replace(old, agent, `{id: "8001", name: A, site: chengdu, password: secret, ready_on_register: true}`, 1)
	}
	_, err := r.Reload(t.Context())
	require.NoError(t, err)
	r.state("8001", "talking", "")
	leg.Hangup(bye)
	r.idle()
	r.state("8001", "offline", "unregistered")
	r.text = func() string { return old }
	_, err = r.Reload(t.Context())
	require.NoError(t, err)
	r.state("8001", "ready", "")
}

// faulty is a recorder with a fault.
type faulty struct{}

func (faulty) Frame(*media.Frame) { panic("a fault of the test's") }

// speaks has a phone that was rung send sound until it has had its effect.
func speaks(t *testing.T, phone *end, until func() bool) {
	t.Helper()
	d, err := sdp.Parse(phone.inv.SDP)
	require.NoError(t, err)
	_, params, err := sdp.Answer(d, silent)
	require.NoError(t, err)
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(params.Remote))
	require.NoError(t, err)
	defer conn.Close()
	packet := make([]byte, 12+160)
	packet[0] = 0x80
	for n := uint16(0); !until(); n++ {
		require.Less(t, n, uint16(1000), "nothing comes of it")
		binary.BigEndian.PutUint16(packet[2:], n)
		binary.BigEndian.PutUint32(packet[4:], uint32(n)*160)
		_, _ = conn.Write(packet) // refused once the ports are gone
		time.Sleep(10 * time.Millisecond)
	}
}

// A fault where a call's sound is handled ends that call, on both sides and with
// a record that says why, while the other call and its agent go on. The agent is
// there for the next.
func TestAFaultInACallsSoundEndsThatCallAlone(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	require.NoError(t, f.SetAgentState("8002", "ready", "", "test"))
	other := &end{}
	other.leg, other.ear = f.dial(f.carrier)
	other.await(t, sip.Answered)
	f.desks["8002"].ring()
	f.state("8002", "talking", "")
	require.NoError(t, f.ask(id, func(c *call) error { c.session.Tap(faulty{}); return nil }))
	speaks(t, agent, func() bool { return f.Counters().Panics > 0 })
	caller.await(t, sip.Ended)
	agent.await(t, sip.Ended)
	f.state("8001", "ready", "")
	f.state("8002", "talking", "")
	records := f.book.of(acd.CallRecord)
	require.Len(t, records, 1)
	require.Equal(t, "internal", records[0].CDR.Cause)
	require.Equal(t, id, records[0].Call)
	require.EqualValues(t, 1, f.Counters().Panics)
	require.True(t, f.Ready(), "one fault is no reason to take no calls")
	other.leg.Hangup(bye)
	f.idle()
	require.Zero(t, f.Invariants().Ports)
	for range faultsMax - 1 {
		f.SignallingFault() // wherever they come
	}
	require.False(t, f.Ready(), "several are")
}

func TestFaultsAreForgottenAfterAWhile(t *testing.T) {
	var f faultTimes
	for s := range 20 {
		f.add(time.Duration(s) * 20 * time.Second)
		require.False(t, f.many(time.Duration(s)*20*time.Second), "one each twenty seconds")
	}
	for range faultsMax {
		f.add(time.Hour)
	}
	require.True(t, f.many(time.Hour+59*time.Second))
	require.False(t, f.many(time.Hour+time.Minute))
}
