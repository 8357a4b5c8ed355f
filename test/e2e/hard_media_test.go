package e2e

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Another source, a jump of its numbers, silence, another address with the old
// one still talking: each in its place in the recording.
func TestRecordingKeepsTimeWhateverTheSourceDoes(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	change := func(f func(s *Sound)) {
		c.voice.mu.Lock()
		defer c.voice.mu.Unlock()
		f(c.voice)
	}
	time.Sleep(time.Second)
	change(func(s *Sound) { s.ssrc += 77 })
	other := c.At()
	time.Sleep(time.Second)
	change(func(s *Sound) { s.seq, s.ts = s.seq+20_000, s.ts+9_000_000 })
	jumped := c.At()
	time.Sleep(time.Second)
	change(func(s *Sound) { s.held = true })
	quiet := c.At()
	time.Sleep(3 * time.Second)
	change(func(s *Sound) { s.held = false })
	loud := c.At()
	time.Sleep(1500 * time.Millisecond)
	moved := w.Sound("caller2", pcmu, 101)
	answer := c.caller.Reinvite(moved.SDP("sendrecv"))
	at := time.Now()
	movedAt := c.At()
	moved.towards(answer.body)
	moved.Hears("agent")
	c.desk.Hears("caller2")
	first := moved.packets()[0].at.Sub(at)
	t.Logf("sound at the new address %d ms after the answer", first.Milliseconds())
	require.Less(t, first, time.Second, "of a machine that is busy; 100 ms on one that is not")
	time.Sleep(time.Second)
	record, tape := c.End()
	require.InDelta(t, record.Talked, tape.Length(), 0.3)
	// A source that begins anew stands where it arrives: the tone's phase may jump.
	w.Holds(tape.Caller, "caller", 0.5, other-0.2)
	w.Holds(tape.Caller, "caller", other+0.2, jumped-0.2)
	w.Holds(tape.Caller, "caller", jumped+0.2, quiet-0.3)
	w.Silent(tape.Caller, quiet+0.3, loud-0.3)
	w.Holds(tape.Caller, "caller", loud+0.3, movedAt-0.3)
	w.Holds(tape.Caller, "caller2", movedAt+0.7, tape.Length()-0.3)
	w.Holds(tape.Agent, "agent", 0.5, tape.Length()-0.3)
}

func TestPortsThatRunOutAreAnsweredAndComeBack(t *testing.T) {
	w := NewWorld(t, Options{RTPPorts: 10})
	w.ExpectError("media could not start")
	w.NobodyReady()
	squat, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: w.base + rtpPort + 3})
	require.NoError(t, err)
	defer squat.Close()
	voice := w.Sound("caller", pcmu, 101)
	g := w.Gateway()
	var up []*Talk
	for range 4 { // five pairs, one of which has its odd port taken by another
		k := g.Call("13800001", "4008001234", voice.SDP("sendrecv"))
		k.Answered()
		up = append(up, k)
	}
	for range 40 {
		g.Call("13800002", "4008001234", voice.SDP("sendrecv")).Refused(503)
	}
	require.Equal(t, 4, w.Invariants().Ports)
	for _, k := range up {
		k.Hangup()
	}
	w.Eventually(15*time.Second, "ports that have rested serve again", func() bool { return w.Invariants().Ports == 0 })
	time.Sleep(6 * time.Second)
	k := g.Call("13800003", "4008001234", voice.SDP("sendrecv"))
	k.Answered()
	k.Hangup()
	w.CDRs(45) // who was refused has a record as well
}
