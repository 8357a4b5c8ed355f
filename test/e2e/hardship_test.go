package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"

	"github.com/stretchr/testify/require"
)

// kept are the ids of the calls whose records are in the journal on disk, as
// the switch itself sees that disk.
func (w *World) kept() map[string]bool {
	w.t.Helper()
	ids := map[string]bool{}
	for ev, err := range journal.Scan(fmt.Sprintf("/proc/%d/root%s", w.cmd.Process.Pid, w.path("data", "journal"))) {
		require.NoError(w.t, err)
		if ev.Kind == acd.CallRecord {
			require.False(w.t, ids[ev.Call], "two records of call %s", ev.Call)
			ids[ev.Call] = true
		}
	}
	return ids
}

// All that the switch keeps lies on one small disk, and something else fills
// it to the last byte.
func TestAFullDiskUnderEverythingCostsNoCallAndNoRecord(t *testing.T) {
	w := NewWorld(t, Options{Tmpfs: 16, TmpfsAt: "data", Queues: strings.Replace(oneSite, "wrap_up: 0s", "wrap_up: 0s, unrecorded: answer", 1)})
	w.unplayed = true
	w.anyError = true
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.fill(0)
	w.alarmIs("disk", true)
	g := w.Gateway()
	for i := range 20 { // calls come, are answered and go
		k := g.Call(fmt.Sprintf("139%08d", i), "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		k.Hangup()
	}
	c.HearEachOther()
	require.GreaterOrEqual(t, len(w.kept()), 20, "each record was safe before its caller was told of the end")
	w.fill(-1)
	w.alarmIs("disk", false)
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.HungUp()
	w.CDRs(21) // the index has caught up, without a restart
	require.Len(t, w.kept(), 21)
}

func TestASecondSignalEndsAtOnceButCleanly(t *testing.T) {
	w := NewWorld(t, Options{Drain: time.Minute})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.Signal(syscall.SIGTERM)
	w.Eventually(5*time.Second, "no new calls are taken", func() bool {
		status, _ := w.Do("GET", "/readyz", nil)
		return status == 503
	})
	c.HearEachOther()
	began := time.Now()
	w.Signal(syscall.SIGTERM)
	c.caller.HungUp()
	c.agent.HungUp()
	w.Ended(10 * time.Second)
	t.Logf("ended %v after the second signal", time.Since(began).Round(time.Millisecond))
	w.Start()
	record := w.CDR()
	require.Equal(t, "drained", record.Cause)
	w.Recording(record.Recording)
	require.NotContains(t, w.log.String(), "releasing dialogs", "both sides were told")
}

// A process that gets no processor for two seconds, as on a host that is moved.
func TestCallsOutliveAStandstill(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.Signal(syscall.SIGSTOP)
	time.Sleep(2 * time.Second)
	w.Signal(syscall.SIGCONT)
	c.HearEachOther()
	k := w.Gateway().Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	k.Hangup()
	c.caller.Hangup()
	c.agent.HungUp()
	for _, r := range w.CDRs(2) {
		require.NotEqual(t, "system", r.Cause)
	}
}

// When descriptors run out new calls are refused and the old ones stay.
func TestWithoutDescriptorsNewCallsAreRefusedAndOldOnesLive(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite, Limits: "ulimit -n 200", Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 500}]"})
	w.anyError = true
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	g := w.Gateway()
	sdp := w.Sound("caller2", pcmu, 101).SDP("sendrecv")
	var taken []*Talk
	refused := 0
	for i := range 120 {
		k := g.Call(fmt.Sprintf("139%08d", i), "4008001234", sdp)
		m := k.ExpectOneOf("200 INVITE", "503 INVITE", "500 INVITE", "488 INVITE")
		if m.status() == 200 {
			k.Ack("")
			taken = append(taken, k)
			continue
		}
		k.Nack(m)
		require.Equal(t, 503, m.status())
		if refused++; refused == 5 {
			break
		}
	}
	require.Equal(t, 5, refused, "%d calls taken", len(taken))
	require.Greater(t, len(taken), 20)
	c.HearEachOther()
	for _, k := range taken {
		k.Hangup()
	}
	began := time.Now()
	w.Eventually(10*time.Second, "the switch takes calls again", func() bool {
		k := g.Call("13700000001", "4008001234", sdp)
		m := k.ExpectOneOf("200 INVITE", "503 INVITE")
		if m.status() == 503 {
			k.Nack(m)
			return false
		}
		k.Ack("")
		k.Hangup()
		return true
	})
	t.Logf("%d calls at a time; calls again %v after they ended", len(taken), time.Since(began).Round(time.Millisecond))
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.HungUp()
}

// Little memory makes the collector work; it refuses nobody and loses nothing.
func TestLittleMemoryIsEnough(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite, Limits: "export GOMEMLIMIT=64MiB"})
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	g := w.Gateway()
	sdp := w.Sound("caller2", pcmu, 101).SDP("sendrecv")
	for i := range 30 {
		k := g.Call(fmt.Sprintf("139%08d", i), "4008001234", sdp)
		k.Answered()
		k.Hangup()
	}
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.HungUp()
	w.CDRs(31)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", w.cmd.Process.Pid))
	require.NoError(t, err)
	require.True(t, strings.Contains(string(status), "GOMEMLIMIT=64MiB"))
}
