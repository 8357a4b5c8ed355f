package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCrashLosesNoCallAndAtMostAFifthOfASecond(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcma, 101)
	c.HearEachOther()
	w.SetAgent("8002", "ready")
	desk := w.Desk(2)
	held := w.Sound("caller2", pcmu, 101)
	g := w.Gateway()
	second := g.Call("13800002", "4008001234", held.SDP("sendrecv"))
	second.sound = held
	second.Answered()
	ringing := desk.Ring()
	other := w.Sound("agent2", pcmu, 101)
	other.towards(ringing.invite.body)
	ringing.Answer(other.SDP("sendrecv"))
	secondBegan := time.Now()
	waits := g.Call("13800003", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	waits.Answered()
	held.Hears("agent2")
	w.Eventually(5*time.Second, "one call waits", func() bool { return w.Invariants().Waiting == 1 })
	other.Hears("caller2")
	c.HearEachOther()
	time.Sleep(time.Second)

	length := map[string]float64{"13800001": c.At(), "13800002": time.Since(secondBegan).Seconds()}
	w.Kill()
	files := w.wavFiles()
	require.Len(t, files, 2)
	for _, path := range files {
		wav, err := os.ReadFile(path)
		require.NoError(t, err)
		w.readWAV(wav)
		require.Greater(t, w.soxLength(path), 0.8, "plays before anything has mended it")
	}

	crashed := time.Now()
	time.Sleep(1500 * time.Millisecond) // which is nobody's talk
	w.Start()
	all := w.CDRs(3)
	for _, record := range all {
		require.Equal(t, "system", record.Cause)
		require.Equal(t, "system", record.Side)
		require.WithinDuration(t, crashed, record.Ended, 2*time.Second)
	}
	require.Empty(t, from(t, all, "13800003").Recording)
	require.Empty(t, from(t, all, "13800003").Agent)
	for caller, tones := range map[string][2]string{"13800001": {"caller", "agent"}, "13800002": {"caller2", "agent2"}} {
		record := from(t, all, caller)
		require.Equal(t, record.ID, record.Recording)
		require.InDelta(t, length[caller], record.Talked, 1.1)
		tape := w.Recording(record.Recording)
		particulars, err := os.ReadFile(strings.TrimSuffix(files[record.ID], ".wav") + ".json")
		require.NoError(t, err)
		t.Logf("what is kept of %s: %s\ncaller: %s\nagent: %s", caller, particulars, course(tape.Caller), course(tape.Agent))
		require.GreaterOrEqual(t, tape.Length(), length[caller]-0.3, "at most 200 ms are lost")
		w.Holds(tape.Caller, tones[0], 0.3, tape.Length()-0.5)
		w.Holds(tape.Agent, tones[1], 0.3, tape.Length()-0.5)
		var kept recordingView
		w.Get("/api/v1/recordings/"+record.Recording, &kept)
		require.Equal(t, "system", kept.Cause)
	}
	for _, id := range []string{"8001", "8002"} {
		require.Empty(t, w.AgentIs(id, "ready").CallID)
	}
	w.Stop()
	w.Start()
	w.CDRs(3) // a further start mends nothing twice
}

// Nobody but the switch knows that a call is over when the switch is killed:
// its next start tells both sides.
func TestAfterACrashBothSidesOfEveryCallAreReleased(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite, Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 30}]"})
	w.SetAgent("8002", "not-ready")
	phone := w.sipp("phone_answers", "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)))
	carrier := w.Carrier("carrier_waits_for_bye", "4008001234", 1)
	w.CallsAre(1, "talking")
	ended := w.Gateway()
	over := ended.Call("13800002", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	over.Answered()
	over.Hangup()
	w.CDRs(1)
	time.Sleep(200 * time.Millisecond) // what is not synced yet is nobody's knowledge
	w.Kill()
	began := time.Now()
	w.Start()
	carrier.Wait()
	phone.Wait()
	require.Less(t, time.Since(began), 30*time.Second, "five seconds, and a busy machine")
	t.Logf("both sides were released %v after the start", time.Since(began).Round(time.Millisecond))
	for _, p := range []*Peer{carrier, phone} {
		require.Contains(t, p.Messages(), `Reason: Q.850;cause=41;text="system"`)
	}
	require.False(t, ended.saw("BYE "), "no BYE for what was over before")
	w.Stop()
	w.Start() // which knows of no dialog
	require.NotContains(t, w.log.String()[strings.LastIndex(w.log.String(), "serving"):], "releasing dialogs")
}
