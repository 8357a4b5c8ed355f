package e2e

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReloadLeavesLiveCallsAloneAndServesWhatIsNew(t *testing.T) {
	t.Parallel()
	reloads := map[string]func(*World){
		"signal": func(w *World) { w.Signal(syscall.SIGHUP) },
		"API": func(w *World) {
			status, body := w.Do("POST", "/api/v1/config/reload", nil)
			require.Equal(w.t, 200, status, "%s", body)
			require.Contains(w.t, string(body), "4008009999", "it tells what has changed")
		},
	}
	for name, reload := range reloads {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{})
			c := w.Converse(pcmu, 101, pcmu, 101)
			c.HearEachOther()
			before := w.configVersion()
			w.Configure(Options{Numbers: twoNumbers, Queues: usualQueue + `
  - {id: second, client: courier, rings: [{after: 0s, sites: [beijing]}], wrap_up: 0s}`})
			reload(w)
			w.Eventually(5*time.Second, "the new configuration", func() bool { return w.configVersion() != before })
			w.Phone(2, 0)
			k := w.Gateway().Call("13800002", "4008009999", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
			k.Answered()
			w.AgentIs("8002", "talking")
			c.HearEachOther()
			k.Hangup()
			c.caller.Hangup()
			c.agent.HungUp()
			all := w.CDRs(2)
			require.Equal(t, before, from(t, all, "13800001").Version, "a call keeps the configuration it began with")
			require.NotEqual(t, before, from(t, all, "13800002").Version)
			w.AgentIs("8001", "ready")
		})
	}
}

func (w *World) configVersion() string {
	w.t.Helper()
	var s struct{ Config string }
	w.Get("/api/v1/status", &s)
	return s.Config
}

func TestReloadOfAFaultyConfigurationChangesNothing(t *testing.T) {
	w := NewWorld(t, Options{})
	before := w.configVersion()
	w.Configure(Options{Queues: strings.Replace(usualQueue, "ring_timeout", "ring_timeuot", 1)})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 422, status)
	require.Contains(t, string(body), "ring_timeuot")
	require.Contains(t, string(body), "ring_timeout", "what would be right")
	w.ExpectError("configuration refused")
	w.Signal(syscall.SIGHUP)
	w.Eventually(5*time.Second, "the refusal in the log", func() bool { return strings.Contains(w.log.String(), "configuration refused") })
	require.Equal(t, before, w.configVersion())
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.End()
}

func TestAgentWhoIsRemovedFinishesTheCall(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	contacts := strings.Split(w.Contacts(), "\n")
	w.Configure(Options{Queues: oneSite, Agents: "\n" + contacts[2]})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	c.HearEachOther()
	record, _ := c.End()
	require.Equal(t, "8001", record.Agent)
	status, _ = w.Do("GET", "/api/v1/agents/8001", nil)
	require.Equal(t, 404, status)
}

// The carrier of a live call is edited away: the call goes on, is held, and ended
// by either side, and no further one is taken from there.
func TestCallsOfATrunkThatIsRemovedAreFinished(t *testing.T) {
	const elsewhere = "[{id: other, peers: [127.0.0.9], channels: 30}]"
	w := NewWorld(t, Options{Queues: oneSite})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.Phone(2, 0)
	second := w.Gateway().Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	second.Answered()
	w.AgentIs("8002", "talking")
	w.Configure(Options{Queues: oneSite, Trunks: elsewhere})
	w.reload()
	c.HearEachOther()
	late := w.Gateway().Call("13800003", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	late.Quiet(time.Second)
	require.Len(t, w.Calls(), 2)
	c.HearEachOther()
	second.Hangup()
	w.AgentIs("8002", "ready")
	c.agent.Hangup()
	c.caller.HungUp()
	for _, r := range w.CDRs(2) {
		require.Equal(t, "telecom", r.Trunk)
		require.Contains(t, r.Cause, "-hangup")
	}
}

func TestAConfigurationThatIsNoneChangesNothing(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	before := w.configVersion()
	whole, err := os.ReadFile(w.path("switchroom.yaml"))
	require.NoError(t, err)
	for what, text := range map[string][]byte{
		"torn": whole[:bytes.Index(whole, []byte("sites: [chengdu"))], "empty": nil, "binary": {0x7f, 'E', 'L', 'F', 0, 0xff, 0xfe}, "twice": append(append([]byte{}, whole...), whole...),
	} {
		require.NoError(t, os.WriteFile(w.path("switchroom.yaml"), text, 0o600))
		status, body := w.Do("POST", "/api/v1/config/reload", nil)
		require.Equal(t, 422, status, "%s: %s", what, body)
		require.Equal(t, before, w.configVersion(), what)
	}
	require.NoError(t, os.Remove(w.path("switchroom.yaml")))
	status, _ := w.Do("POST", "/api/v1/config/reload", nil)
	require.GreaterOrEqual(t, status, 400, "gone")
	c.HearEachOther()
	require.NoError(t, os.WriteFile(w.path("switchroom.yaml"), whole, 0o600))
	w.reload()
	require.Equal(t, before, w.configVersion())
	c.End()
}

func TestStopLetsCallsFinishAndTakesNoNewOnes(t *testing.T) {
	w := NewWorld(t, Options{Drain: 20 * time.Second})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.Signal(syscall.SIGTERM)
	w.Eventually(5*time.Second, "no new calls are taken", func() bool {
		status, _ := w.Do("GET", "/readyz", nil)
		return status == 503
	})
	g := w.Gateway()
	refusal := g.Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv")).Refused(503)
	require.NotEmpty(t, refusal.get("Retry-After"))
	c.HearEachOther()
	time.Sleep(500 * time.Millisecond)
	c.caller.Hangup()
	c.agent.HungUp()
	w.Ended(15 * time.Second)

	w.Start()
	record := w.CDR()
	require.Equal(t, "caller-hangup", record.Cause)
	tape := w.Recording(record.Recording)
	w.Holds(tape.Caller, "caller", 0.3, record.Talked-0.3)
}

func TestStopReleasesWhatOutlastsItsPatience(t *testing.T) {
	w := NewWorld(t, Options{Drain: time.Second})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	w.Signal(syscall.SIGTERM)
	c.caller.HungUp()
	c.agent.HungUp()
	w.Ended(15 * time.Second)
	w.Start()
	record := w.CDR()
	require.Equal(t, "drained", record.Cause)
	w.Recording(record.Recording)
}

func TestLiveCallIsHungUpOverTheAPI(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	id := w.Calls()[0].ID
	status, body := w.Do("DELETE", "/api/v1/calls/"+id, nil)
	require.Equal(t, 204, status, "%s", body)
	c.caller.HungUp()
	c.agent.HungUp()
	require.Equal(t, "supervisor", w.CDR().Cause)
	status, _ = w.Do("DELETE", "/api/v1/calls/"+id, nil)
	require.Equal(t, 404, status)
}
