package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// particulars are what lies beside a recording.
func (w *World) particulars(id string) (text string) {
	w.t.Helper()
	w.Eventually(5*time.Second, "the particulars of the recording", func() bool {
		found, err := filepath.Glob(w.path("data", "recordings", "*", "*", "*", id+".json"))
		if err != nil || len(found) != 1 {
			return false
		}
		b, err := os.ReadFile(found[0])
		text = string(b)
		return err == nil && strings.Contains(text, `"sha256"`)
	})
	return text
}

// journal is everything that was written down so far.
func (w *World) journal() string {
	w.t.Helper()
	found, err := filepath.Glob(w.path("data", "journal", "*"))
	require.NoError(w.t, err)
	var all strings.Builder
	for _, name := range found {
		b, err := os.ReadFile(name)
		require.NoError(w.t, err)
		all.Write(b)
	}
	return all.String()
}

func (w *World) recordingIs(state string) {
	w.t.Helper()
	w.Eventually(8*time.Second, "the recording is "+state, func() bool {
		calls := w.Calls()
		return len(calls) == 1 && calls[0].Recording == state
	})
}

func TestAPauseOutlastsHoldsAndTransfers(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents, Queues: consultable})
	li, wang := w.Handset("8001", "agent"), w.Handset("8002", "agent2")
	w.AgentIs("8001", "ready")
	caller := w.Rings("13800001", "4008001234")
	agent := li.Takes()
	began := time.Now()
	at := func() float64 { return time.Since(began).Seconds() }
	caller.sound.Hears("agent")
	time.Sleep(700 * time.Millisecond)
	agent.sound.Press("*46")
	w.recordingIs("paused")
	paused := at()
	caller.sound.Types("492903716")
	agent.Holds()
	caller.sound.HearsMusic()
	agent.Resumes()
	caller.sound.Hears("agent")
	require.Equal(t, "paused", w.Calls()[0].Recording)
	done := make(chan string, 1)
	go func() { done <- agent.Refer("<" + w.uri("8002") + ">") }()
	second := wang.Takes()
	require.Equal(t, "200 OK", <-done)
	agent.HungUp()
	caller.sound.Hears("agent2")
	require.Equal(t, "paused", w.Calls()[0].Recording)
	caller.sound.Types("188157204")
	resumed := at()
	second.sound.Press("*47")
	w.recordingIs("on")
	time.Sleep(1200 * time.Millisecond)
	caller.Hangup()
	second.HungUp()

	r := w.CDR()
	tape := w.Recording(r.Recording)
	w.Silent(tape.Caller, paused+0.2, resumed-0.2)
	w.Silent(tape.Agent, paused+0.2, resumed-0.2)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	w.heardTogether([][]int16{tape.Caller}, []string{"caller"}, nil)
	meta := w.particulars(r.Recording)
	require.Contains(t, meta, `"kind": "pause"`)
	require.Contains(t, meta, `"kind": "resume"`)
	journal := w.journal()
	for _, keys := range []string{"492903716", "188157204"} { // too long to come about by chance
		require.NotContains(t, meta, keys)
		require.False(t, strings.Contains(journal, keys), "the journal holds %s", keys)
	}
}

func TestAPauseEndsByItselfAndARecordingOnDemandBeginsWhenAsked(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents, Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s, skills: {parcels: 5}}], wrap_up: 0s, record: on-demand, pause: {limit: 2s}}`})
	li := w.Handset("8001", "agent")
	w.AgentIs("8001", "ready")
	caller := w.Rings("13800001", "4008001234")
	agent := li.Takes()
	caller.sound.Hears("agent")
	time.Sleep(time.Second)
	require.Empty(t, w.Calls()[0].Recording)
	agent.sound.Press("*48")
	w.recordingIs("on")
	began := time.Now()
	time.Sleep(time.Second)
	agent.sound.Press("*46")
	w.recordingIs("paused")
	w.recordingIs("on") // after two seconds
	length := time.Since(began).Seconds()
	time.Sleep(time.Second)
	caller.Hangup()
	agent.HungUp()
	r := w.CDR()
	require.NotEmpty(t, r.Recording)
	tape := w.Recording(r.Recording)
	require.Less(t, tape.Length(), r.Talked-0.7, "not what was said before")
	w.heardTogether([][]int16{tape.Agent[:int(min(length, tape.Length())*8000)]}, []string{"agent"}, nil)
	silent := 0.0
	for at := 0.0; at+0.5 < tape.Length(); at += 0.1 {
		if _, rms := power(tape.Caller[int(at*8000):int((at+0.5)*8000)], 1000); rms < 50 {
			silent += 0.1
		}
	}
	require.InDelta(t, 1.5, silent, 0.7, "two seconds of nothing")
	meta := w.particulars(r.Recording)
	require.Contains(t, meta, `"pause"`)
	require.Contains(t, meta, `"resume"`)
	require.Contains(t, meta, "limit")
}
