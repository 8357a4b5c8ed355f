package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// SIGTERM with a hundred calls up: nobody new is let in, neither caller nor
// phone; half of the calls end by themselves, the others when patience does. All
// have their record and a recording that is closed.
func TestAHundredCallsAreSeenToTheirEnd(t *testing.T) {
	const n = 100
	var agents strings.Builder
	for i := range n {
		fmt.Fprintf(&agents, "\n  - {id: \"8%03d\", name: A, site: chengdu, contact: \"sip:8%03d@127.0.0.1:%%PHONE%%\", skills: {parcels: 5}}", i+100, i+100)
	}
	agents.WriteString("\n  - {id: \"8999\", name: B, site: chengdu, password: secret9, skills: {parcels: 5}}")
	w := NewWorld(t, Options{Agents: agents.String(), MediaPorts: "31000-31999", Drain: 15 * time.Second, Silence: 10 * time.Minute,
		Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 200}]"})
	w.Desk(1).PicksUp(10*time.Millisecond, 0, w.Sound("agent", pcmu, 101))
	g := w.Gateway()
	voice := w.Sound("caller", pcmu, 101)
	var calls []*Talk
	for i := range n {
		k := g.Call(fmt.Sprintf("1380%04d", i), "4008001234", voice.SDP("sendrecv"))
		k.Answered()
		calls = append(calls, k)
	}
	w.CallsAre(n, "talking")
	w.Signal(syscall.SIGTERM)
	w.Eventually(5*time.Second, "no new calls are taken", func() bool {
		status, _ := w.Do("GET", "/readyz", nil)
		return status == 503
	})
	require.NotEmpty(t, g.Call("13900000", "4008001234", voice.SDP("sendrecv")).Refused(503).get("Retry-After"))
	phone := w.Station("8999", 0)
	refused := phone.Registrar("8999", "secret9", "MD5").ask(300)
	require.Equal(t, 503, refused.status())
	require.NotEmpty(t, refused.get("Retry-After"))
	for _, k := range calls[:n/2] {
		k.Hangup()
	}
	for _, k := range calls[n/2:] {
		k.respond(k.expectWithin(time.Minute, "BYE"), 200, "OK", "") // when the patience is over
	}
	w.Ended(60 * time.Second)

	w.Start()
	causes := map[string]int{}
	for _, r := range w.CDRs(n) {
		causes[r.Cause]++
		require.Equal(t, r.ID, r.Recording)
	}
	require.Equal(t, map[string]int{"caller-hangup": n / 2, "drained": n / 2}, causes)
	var kept list[recordingView]
	w.Get("/api/v1/recordings?limit=1000", &kept)
	require.Len(t, kept.Items, n)
	for _, r := range kept.Items {
		require.NotEmpty(t, r.SHA256, "it is closed")
	}
}
