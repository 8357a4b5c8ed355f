package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// conversation is a call that stands between a caller and an agent, both led
// by hand, with their sound.
type conversation struct {
	w             *World
	caller, agent *Talk
	voice, desk   *Sound
	began         time.Time
}

// Converse brings a conversation about. The parties speak the codecs given and
// take events in the payload types given.
func (w *World) Converse(callerCodec, callerEvents, agentCodec, agentEvents uint8) *conversation {
	w.t.Helper()
	c := &conversation{w: w, voice: w.Sound("caller", callerCodec, callerEvents), desk: w.Sound("agent", agentCodec, agentEvents)}
	desk := w.Desk(1)
	c.caller = w.Gateway().Call("13800001", "4008001234", c.voice.SDP("sendrecv"))
	c.caller.sound = c.voice
	c.caller.Answered()
	c.agent = desk.Ring()
	c.agent.sound = c.desk
	c.desk.towards(c.agent.invite.body)
	c.agent.Answer(c.desk.SDP("sendrecv"))
	c.began = time.Now()
	return c
}

// At is how long the conversation has lasted, in seconds.
func (c *conversation) At() float64 { return time.Since(c.began).Seconds() }

// HearEachOther waits until both do.
func (c *conversation) HearEachOther() {
	c.w.t.Helper()
	c.voice.Hears("agent")
	c.desk.Hears("caller")
}

// End has the caller hang up and gives the record and the recording.
func (c *conversation) End() (cdr, Tape) {
	c.w.t.Helper()
	c.caller.Hangup()
	c.agent.HungUp()
	record := c.w.CDR()
	return record, c.w.Recording(record.Recording)
}

func TestCodecsAreTranslatedBetweenTheParties(t *testing.T) {
	t.Parallel()
	names := map[uint8]string{pcmu: "µ-law", pcma: "A-law"}
	for _, pair := range [][2]uint8{{pcmu, pcmu}, {pcmu, pcma}, {pcma, pcmu}, {pcma, pcma}} {
		t.Run(names[pair[0]]+" to "+names[pair[1]], func(t *testing.T) {
			w := NewWorld(t, Options{})
			c := w.Converse(pair[0], 101, pair[1], 101)
			c.HearEachOther()
			time.Sleep(time.Second)
			require.Equal(t, []uint8{pair[0]}, c.voice.types(), "each side gets its own codec, music included")
			require.Equal(t, []uint8{pair[1]}, c.desk.types())
			c.voice.Continuous()
			c.desk.Continuous()
			record, tape := c.End()
			require.InDelta(t, record.Talked, tape.Length(), 0.3)
			w.Holds(tape.Caller, "caller", 0.3, record.Talked-0.3)
			w.Holds(tape.Agent, "agent", 0.3, record.Talked-0.3)
		})
	}
}

func TestPhoneIsOfferedTheCallersCodecFirst(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcma, 101, pcma, 101)
	require.Contains(t, c.agent.invite.body, "RTP/AVP 8 0")
	c.End()
}

func TestDigitsArePassedInThePayloadTypeOfEachSide(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 96, pcma, 101)
	c.HearEachOther()
	c.voice.Press("123*#0")
	w.Eventually(5*time.Second, "the agent gets the digits", func() bool { return c.desk.Digits(101) == "123*#0" })
	c.desk.Press("9D")
	w.Eventually(5*time.Second, "the caller gets the digits", func() bool { return c.voice.Digits(96) == "9D" })
	require.ElementsMatch(t, []uint8{pcma, 101}, c.desk.types())
	require.ElementsMatch(t, []uint8{pcmu, 96}, c.voice.types())
	c.HearEachOther()
	c.voice.Continuous()
	c.desk.Continuous()
	c.End()
}

func TestMusicThenAgentIsOneStreamToTheCaller(t *testing.T) {
	w := NewWorld(t, Options{})
	w.NobodyReady()
	voice, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
	desk := w.Desk(1)
	caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	caller.Answered()
	voice.HearsMusic()
	w.SetAgent("8001", "ready")
	ringing := desk.Ring()
	voice.HearsMusic()
	ringing.sound = agent
	agent.towards(ringing.invite.body)
	ringing.Answer(agent.SDP("sendrecv"))
	voice.Hears("agent")
	ringing.Send("INVITE", agent.SDP("sendonly"))
	ringing.Expect("200 INVITE")
	ringing.Ack("")
	voice.HearsMusic()
	ringing.Reinvite(agent.SDP("sendrecv"))
	voice.Hears("agent")
	voice.Continuous()
	require.Equal(t, "8001", w.AgentIs("8001", "talking").ID)
	caller.Hangup()
	ringing.HungUp()
	w.CDRs(1)
}

func TestHoldAndResumeFromEitherSide(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{"sendonly", "inactive"} {
		for name, byCaller := range map[string]bool{"caller": true, "agent": false} {
			t.Run(name+" "+direction, func(t *testing.T) {
				w := NewWorld(t, Options{})
				c := w.Converse(pcmu, 101, pcmu, 101)
				c.HearEachOther()
				holder, holding, held, tone := c.caller, c.voice, c.desk, "caller"
				if !byCaller {
					holder, holding, held, tone = c.agent, c.desk, c.voice, "agent"
				}
				time.Sleep(500 * time.Millisecond)
				heldAt := c.At()
				answer := holder.Reinvite(holding.SDP(direction))
				want := map[string]string{"sendonly": "a=recvonly", "inactive": "a=inactive"}[direction]
				require.Contains(t, answer.body, want)
				held.HearsMusic()
				holding.HearsNothing()
				w.AgentIs("8001", "held")
				time.Sleep(time.Second)
				resumedAt := c.At()
				answer = holder.Reinvite(holding.SDP("sendrecv"))
				require.Contains(t, answer.body, "a=sendrecv")
				c.HearEachOther()
				w.AgentIs("8001", "talking")
				time.Sleep(500 * time.Millisecond)
				c.voice.Continuous()
				c.desk.Continuous()
				ended := c.At()
				record, tape := c.End()
				require.InDelta(t, resumedAt-heldAt, record.Held, 0.5)
				require.Contains(t, record.kinds(), "hold/")
				require.InDelta(t, record.Talked, tape.Length(), 0.4)
				w.Holds(tape.Caller, "caller", 0.3, heldAt-0.2)
				w.Holds(tape.Agent, "agent", 0.3, heldAt-0.2)
				w.Holds(tape.Caller, "caller", resumedAt+0.5, ended-0.3)
				w.Holds(tape.Agent, "agent", resumedAt+0.5, ended-0.3)
				channel := tape.Caller
				if tone == "agent" {
					channel = tape.Agent
				}
				if direction == "inactive" {
					w.Silent(channel, heldAt+0.4, resumedAt-0.2)
				}
			})
		}
	}
}

func TestHoldByTheOldWayOfANullAddress(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.agent.Reinvite(strings.Replace(c.desk.SDP("sendrecv"), "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1))
	c.voice.HearsMusic()
	w.AgentIs("8001", "held")
	c.agent.Reinvite(c.desk.SDP("sendrecv"))
	c.HearEachOther()
	record, _ := c.End()
	require.Positive(t, record.Held)
}

func TestBothMayHoldAndBothMustResume(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.agent.Reinvite(c.desk.SDP("sendonly"))
	w.AgentIs("8001", "held")
	c.caller.Reinvite(c.voice.SDP("inactive"))
	c.agent.Reinvite(c.desk.SDP("sendrecv"))
	w.AgentIs("8001", "held")
	c.desk.HearsMusic()
	c.caller.Reinvite(c.voice.SDP("sendrecv"))
	w.AgentIs("8001", "talking")
	c.HearEachOther()
	c.End()
}

func TestHoldEndsWithAnINVITEThatHasNoOffer(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.agent.Reinvite(c.desk.SDP("sendonly"))
	c.voice.HearsMusic()
	offer := c.agent.Reinvite("")
	require.Contains(t, offer.body, "m=audio", "RFC 3261 14.2: the switch offers")
	c.agent.Ack(c.desk.SDP("sendrecv"))
	c.HearEachOther()
	w.AgentIs("8001", "talking")
	record, _ := c.End()
	require.Positive(t, record.Held)
}

func TestSoundFollowsAPartyThatMoves(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	moved := w.Sound("caller2", pcma, 101)
	answer := c.caller.Reinvite(moved.SDP("sendrecv"))
	moved.towards(answer.body)
	moved.Hears("agent")
	c.desk.Hears("caller2")
	c.desk.Continuous()
	c.End()
}

func TestChangeWithoutACommonCodecIsRefusedAndTheCallGoesOn(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.caller.Send("INVITE", strings.NewReplacer("RTP/AVP 0 101", "RTP/AVP 18", "a=rtpmap:0 PCMU", "a=rtpmap:18 G729").Replace(c.voice.SDP("sendrecv")))
	refusal := c.caller.Expect("488 INVITE")
	c.caller.nackIn(refusal)
	c.HearEachOther()
	c.End()
}

func TestCallThatOffersNothingIsOfferedOurs(t *testing.T) {
	t.Parallel()
	for name, queues := range map[string]string{"answered on entering": "", "early media": earlyMediaQueue} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{Queues: queues})
			voice, agent := w.Sound("caller", pcma, 101), w.Sound("agent", pcmu, 101)
			desk := w.Desk(1)
			caller := w.Gateway().Call("13800001", "4008001234", "")
			caller.sound = voice
			var ringing *Talk
			pickUp := func() {
				ringing = desk.Ring()
				ringing.sound = agent
				agent.towards(ringing.invite.body)
				ringing.Answer(agent.SDP("sendrecv"))
			}
			if queues != "" {
				pickUp()
			}
			offer := caller.Expect("200 INVITE")
			require.Contains(t, offer.body, "RTP/AVP 0 8 101")
			caller.Ack(voice.SDP("sendrecv"))
			if queues == "" {
				voice.HearsMusic()
				pickUp()
			}
			voice.Hears("agent")
			agent.Hears("caller")
			time.Sleep(500 * time.Millisecond)
			caller.Hangup()
			ringing.HungUp()
			record := w.CDR()
			tape := w.Recording(record.Recording)
			w.Holds(tape.Caller, "caller", 0.5, record.Talked-0.2)
			w.Holds(tape.Agent, "agent", 0.5, record.Talked-0.2)
		})
	}
}

func TestEarlyMediaIsMusicAndThePromiseIsKept(t *testing.T) {
	w := NewWorld(t, Options{Queues: earlyMediaQueue})
	voice, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
	desk := w.Desk(1)
	caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	progress := caller.Expect("183 INVITE")
	voice.HearsMusic()
	ringing := desk.Ring()
	ringing.sound = agent
	agent.towards(ringing.invite.body)
	ringing.Answer(agent.SDP("sendrecv"))
	answer := caller.Answered()
	require.Equal(t, between(progress.body, "m=audio ", " "), between(answer.body, "m=audio ", " "), "one port for the leg's whole life")
	voice.Hears("agent")
	agent.Hears("caller")
	voice.Continuous()
	caller.Hangup()
	ringing.HungUp()
	require.Positive(t, w.CDR().Waited)
}

func TestReceiverReportsAreSent(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	w.Eventually(12*time.Second, "RTCP on both sides", func() bool {
		c.voice.mu.Lock()
		defer c.voice.mu.Unlock()
		c.desk.mu.Lock()
		defer c.desk.mu.Unlock()
		return c.voice.reports > 0 && c.desk.reports > 0
	})
	c.End()
}

// A stranger who guesses the port must neither be heard nor be sent anything.
func TestSoundOfAStrangerIsNotHeard(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	stranger := w.Sound("caller2", pcmu, 101)
	stranger.towards(c.caller.final.body)
	began := c.At()
	time.Sleep(1500 * time.Millisecond)
	c.HearEachOther()
	require.Empty(t, stranger.packets())
	record, tape := c.End()
	w.Holds(tape.Caller, "caller", began, record.Talked-0.3)
}
