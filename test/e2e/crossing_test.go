package e2e

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func bothStations(t *testing.T, test func(t *testing.T, gateway func(*World) *Station)) {
	t.Parallel()
	t.Run("UDP", func(t *testing.T) { test(t, (*World).Gateway) })
	t.Run("TCP", func(t *testing.T) {
		test(t, func(w *World) *Station { return w.StreamStation("gateway") })
	})
}

func TestCancelSentTogetherWithItsINVITE(t *testing.T) {
	bothStations(t, func(t *testing.T, gateway func(*World) *Station) {
		w := NewWorld(t, Options{Queues: earlyMediaQueue})
		w.NobodyReady()
		g := gateway(w)
		const rounds = 10
		for range rounds {
			k := g.Prepare("13800001", "sip:4008001234@127.0.0.1", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
			g.sendTogether(k.invite, k.cancel())
			k.cancelledEitherWay()
		}
		for _, c := range w.CDRs(rounds) {
			require.Equal(t, "abandoned", c.Cause)
		}
	})
}

// cancelledEitherWay ends a call that was cancelled: by 487, or by BYE if the
// answer was faster.
func (k *Talk) cancelledEitherWay() (answered bool) {
	var final message
	confirmed := false
	for final.start == "" || !confirmed {
		switch m := k.ExpectOneOf("200 CANCEL", "487 INVITE", "200 INVITE"); m.what() {
		case "200 CANCEL":
			confirmed = true
		default:
			final = m
		}
	}
	if final.status() == 487 {
		k.Nack(final)
		return false
	}
	k.Ack("")
	k.Hangup()
	return true
}

func TestCancelCrossedByOurAnswerEndsInBye(t *testing.T) {
	bothStations(t, func(t *testing.T, gateway func(*World) *Station) {
		w := NewWorld(t, Options{})
		w.NobodyReady()
		g := gateway(w)
		const rounds = 20
		crossed := 0
		for i := range rounds {
			k := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
			if i%2 == 0 {
				k.Expect("200 INVITE") // it is on its way when the caller gives up
				k.Cancel()
				k.Expect("200 CANCEL")
				k.Ack("")
				k.Hangup()
				crossed++
				continue
			}
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			k.Cancel()
			if k.cancelledEitherWay() {
				crossed++
			}
		}
		for _, c := range w.CDRs(rounds) {
			require.Equal(t, "abandoned", c.Cause)
		}
		require.GreaterOrEqual(t, crossed, rounds/2)
	})
}

// The caller hangs up, or cancels, within a millisecond of the agent's pick-up.
// Whoever was faster, nobody may be left over.
func TestCallerHangsUpInTheMomentTheAgentAnswers(t *testing.T) {
	t.Parallel()
	for name, queues := range map[string]string{"answered": "", "early media": earlyMediaQueue} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{Queues: queues})
			g, desk := w.Gateway(), w.Desk(1)
			voice, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
			rounds := 24
			if testing.Short() {
				rounds = 6
			}
			for i := range rounds {
				k := g.Call("13800001", "4008001234", voice.SDP("sendrecv"))
				if queues == "" {
					k.Answered()
				}
				ringing := desk.Ring()
				picksUp := make(chan struct{})
				go func() {
					defer close(picksUp)
					time.Sleep(time.Duration(i%8) * 150 * time.Microsecond)
					ringing.reply(200, "OK", agent.SDP("sendrecv"))
				}()
				time.Sleep(time.Duration(i/8) * 400 * time.Microsecond)
				if queues == "" {
					k.Hangup()
				} else {
					k.Cancel()
					k.cancelledEitherWay()
				}
				<-picksUp
				ringing.letGo()
				w.AgentIs("8001", "ready")
			}
			for _, c := range w.CDRs(rounds) {
				require.Contains(t, []string{"abandoned", "caller-hangup"}, c.Cause)
				require.Equal(t, c.Cause == "caller-hangup", c.Recording != "")
			}
		})
	}
}

// letGo is a phone that has answered and is released, by CANCEL that crossed
// its answer or not.
func (k *Talk) letGo() {
	for {
		switch m := k.ExpectOneOf("ACK", "CANCEL", "BYE"); m.what() {
		case "CANCEL":
			k.s.send(m.reply(200, "OK", k.tag))
		case "BYE":
			k.respond(m, 200, "OK", "")
			return
		}
	}
}

func TestBothHangUpInTheSameMoment(t *testing.T) {
	bothStations(t, func(t *testing.T, gateway func(*World) *Station) {
		w := NewWorld(t, Options{})
		g, desk := gateway(w), w.Desk(1)
		voice, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
		rounds := 20
		if testing.Short() {
			rounds = 5
		}
		for i := range rounds {
			k := g.Call("13800001", "4008001234", voice.SDP("sendrecv"))
			k.Answered()
			ringing := desk.Ring()
			ringing.Answer(agent.SDP("sendrecv"))
			if i%2 == 0 {
				k.Send("BYE", "")
				time.Sleep(time.Duration(i) * 30 * time.Microsecond)
				ringing.Send("BYE", "")
			} else {
				ringing.Send("BYE", "")
				time.Sleep(time.Duration(i) * 30 * time.Microsecond)
				k.Send("BYE", "")
			}
			k.partEitherWay()
			ringing.partEitherWay()
			w.AgentIs("8001", "ready")
		}
		for _, c := range w.CDRs(rounds) {
			require.Contains(t, []string{"agent-hangup", "caller-hangup", "abandoned"}, c.Cause)
		}
	})
}

// partEitherWay ends a talk in which we have said BYE and may hear one: ours is
// answered with 200, or with 481 when theirs was first, and theirs with 200.
func (k *Talk) partEitherWay() {
	for {
		switch m := k.ExpectOneOf("200 BYE", "481 BYE", "BYE"); m.what() {
		case "BYE":
			k.respond(m, 200, "OK", "")
		default:
			k.settle()
			return
		}
	}
}

// settle answers a BYE that is still on its way.
func (k *Talk) settle() {
	for deadline := time.After(50 * time.Millisecond); ; {
		select {
		case m := <-k.in:
			if m.what() == "BYE" {
				k.respond(m, 200, "OK", "")
			}
		case <-deadline:
			return
		}
	}
}

func TestAnswerIsRepeatedUntilItsACKAndThenTheCallIsReleased(t *testing.T) {
	bothStations(t, func(t *testing.T, gateway func(*World) *Station) {
		w := NewWorld(t, Options{})
		w.NobodyReady()
		k := gateway(w).Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Expect("200 INVITE")
		began := time.Now()
		repeats := 0
		for {
			m := <-k.in
			if m.what() == "BYE" {
				k.respond(m, 200, "OK", "")
				break
			}
			require.Equal(t, "200 INVITE", m.what())
			repeats++
		}
		require.GreaterOrEqual(t, repeats, 5, "RFC 3261 13.3.1.4: at T1, 2 T1, 4 T1 ...")
		require.InDelta(t, 3.2, time.Since(began).Seconds(), 1.0, "64 times T1")
		require.Equal(t, "signal-lost", w.CDR().Cause)
	})
}

func TestRepeatedINVITEBringsTheSameAnswer(t *testing.T) {
	w := NewWorld(t, Options{})
	w.NobodyReady()
	g := w.Gateway()
	k := g.Prepare("13800001", "sip:4008001234@127.0.0.1", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	g.sendTogether(k.invite, k.invite, k.invite)
	answer := k.Expect("200 INVITE")
	g.send(k.invite)
	k.Ack("")
	k.Quiet(300 * time.Millisecond)
	require.Contains(t, answer.get("To"), ";tag=")
	k.Hangup()
	w.CDRs(1)
	require.EqualValues(t, 1, w.Invariants().Admitted)
}
