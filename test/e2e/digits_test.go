package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tell sends a key by INFO, and waits for its answer.
func (k *Talk) tell(kind, body string) {
	k.seq++
	m := k.request("INFO", k.seq).with("Content-Type", kind)
	m.body = body
	k.s.send(m)
	k.Expect("200 INFO")
}

// Keys told by INFO reach the other party in its own way: as telephone-events of
// its payload type, or as tones where it takes none. One that came with the
// stream too is not said twice.
func TestKeysByINFOReachTheOtherParty(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 96, pcma, 101)
	c.HearEachOther()
	c.caller.tell("application/dtmf-relay", "Signal=7\r\nDuration=120\r\n")
	time.Sleep(300 * time.Millisecond)
	c.caller.tell("application/dtmf", "#")
	w.Eventually(5*time.Second, "both keys at the agent", func() bool { return c.desk.Digits(101) == "7#" })
	c.voice.Press("4")
	w.Eventually(5*time.Second, "the key of the stream too", func() bool { return c.desk.Digits(101) == "7#4" })
	c.agent.tell("application/dtmf-relay", "Signal=9\r\nDuration=120\r\n")
	w.Eventually(5*time.Second, "the agent's key at the caller", func() bool { return c.voice.Digits(96) == "9" })
	c.HearEachOther()
	require.Empty(t, c.voice.Digits(101))
	c.End()
}
