package exchange

import (
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// At the end of a drain's patience who talks hears BYE, who still hears early
// media 503, and both have their record.
func TestWhatIsLeftAtTheEndOfADrainIsReleased(t *testing.T) {
	legs, phone, carrier := oneDesk(t)
	r := newRig(t, setting{queue: "record: never, answer: agent", agents: agentAt("8001", phone.contact("8001"))})
	_, talks := r.dial(carrier)
	talks.await(t, sip.Answered)
	agent := <-legs
	r.state("8001", "talking", "")
	_, waits := r.dial(carrier)
	require.Eventually(t, func() bool { return r.book.count(acd.CallQueued) == 2 }, soon, time.Millisecond)
	r.stop()
	talks.await(t, sip.Ended)
	agent.await(t, sip.Ended)
	require.Equal(t, 503, waits.await(t, sip.Failed).Status)
	records := r.book.of(acd.CallRecord)
	require.Len(t, records, 2)
	for _, e := range records {
		require.Equal(t, string(acd.Drained), e.CDR.Cause)
	}
	require.Equal(t, 1, r.book.count(acd.SwitchStopped))
	require.Zero(t, r.Invariants().Ports)
}

// Peers that have vanished cannot hold up the end.
func TestADrainDoesNotWaitForPeersThatAreGone(t *testing.T) {
	_, phone, carrier := oneDesk(t)
	r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001"))})
	_, caller := r.dial(carrier)
	caller.await(t, sip.Answered)
	r.state("8001", "talking", "")
	phone.ua.Close()
	carrier.ua.Close()
	began := time.Now()
	r.stop()
	require.Less(t, time.Since(began), 20*time.Second, "64 times T1, twice over, and a busy machine")
	require.Equal(t, 1, r.book.count(acd.CallRecord))
}
