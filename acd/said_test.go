package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// However much a caller is being told, and whenever an agent is found or
// answers: the phone is rung by the step that hears of the offer, and the two are
// connected by the step that hears the answer. Nothing waits for a word's end; the
// machine has no deadline that could make it.
func TestNothingThatIsSaidHoldsUpAnOfferOrAConnection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := examplePlan()
		plan.AnswerFirst = rapid.Bool().Draw(t, "answer first")
		c := NewCall("call", "138", "400", "telecom", plan)
		script := &Script{Language: "en", Notice: []string{"recording-notice"}, Greeting: []string{"welcome", "still-busy"},
			First: time.Second, Every: 5 * time.Second, Position: true, Wait: true}
		now := time.Second
		c.Step(at(now), CallInput{Kind: InputArrive}, nil)
		var v Voice
		saying := len(v.Begin(at(now), script, plan.Record)) > 0
		talk := func(what string) {
			for range rapid.IntRange(0, 12).Draw(t, what) {
				now += time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond
				if saying && rapid.Bool().Draw(t, "ended") {
					saying = len(v.Ended()) > 0
				}
				saying = len(v.Due(at(now), func() Place { return Place{Position: 2, Wait: time.Minute} })) > 0 || saying
			}
		}
		talk("waiting")
		out := c.Step(at(now), CallInput{Kind: InputOffer, Seat: li, Decision: &Decision{}}, nil)
		require.Contains(t, deeds(out), DoRing)
		require.Equal(t, now, c.reserved.Mono)
		talk("ringing")
		if now >= c.ringDeadline {
			return
		}
		out = c.Step(at(now), CallInput{Kind: InputAgentAnswer, Party: AgentParty}, nil)
		require.Contains(t, deeds(out), DoConnect)
		require.Equal(t, now, c.connected.Mono)
		require.Equal(t, Talking, c.State())
	})
}
