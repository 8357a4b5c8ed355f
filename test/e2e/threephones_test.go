package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Three telephones as people have them, the caller's among them: who hears whom
// is asked of what each of them has kept, and of the one recording.
func TestThreeSoftphonesHoldAConferenceByCode(t *testing.T) {
	f := newTeam(t, 2)
	caller := f.Softphone("caller")
	caller.Login("8005", "secret5", "")
	f.Eventually(10*time.Second, "8005 registers", func() bool { return f.Agent("8005").Registered })
	caller.Command("dial", f.uri("4008001234"))
	f.li.Saw("CALL_ESTABLISHED", 1)
	f.AgentIs("8001", "talking")
	time.Sleep(1500 * time.Millisecond)
	f.li.Command("sndcode", "*428002#")
	f.wang.Saw("CALL_ESTABLISHED", 1)
	f.AgentIs("8001", "held")
	time.Sleep(1500 * time.Millisecond)
	f.li.Command("sndcode", "*43")
	f.AgentIs("8001", "talking")
	time.Sleep(1500 * time.Millisecond)
	f.wang.Command("hangup", "")
	f.wang.Saw("CALL_CLOSED", 1)
	time.Sleep(1500 * time.Millisecond)
	caller.Command("hangup", "")
	f.li.Saw("CALL_CLOSED", 1)

	r := f.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "hold/", "consult/conference", "conference/", "talk/caller-hangup"}, r.kinds())
	require.Equal(t, "8001", r.Agent)
	// Two, two behind the caller's back, three, two again.
	f.heardTogether(caller.dumps(), []string{"agent"}, []string{"agent2"})
	f.heardTogether(caller.dumps(), []string{"agent", "agent2"}, nil)
	f.heardTogether(f.li.dumps(), []string{"caller"}, []string{"agent2"})
	f.heardTogether(f.li.dumps(), []string{"agent2"}, []string{"caller"})
	f.heardTogether(f.li.dumps(), []string{"caller", "agent2"}, nil)
	f.heardTogether(f.wang.dumps(), []string{"agent"}, []string{"caller"})
	f.heardTogether(f.wang.dumps(), []string{"agent", "caller"}, nil)
	require.Less(t, longest(f.wang.dumps()[0], []string{"caller"}, []string{"agent"}), 0.5)
	tape := f.Recording(r.Recording)
	f.heardTogether([][]int16{tape.Caller}, []string{"caller"}, []string{"agent", "agent2"})
	f.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	f.heardTogether([][]int16{tape.Agent}, []string{"agent", "agent2"}, nil)
	require.Less(t, longest(tape.Agent, []string{"agent2"}, []string{"agent"}), 0.5, "what is said behind the caller's back is on no tape")
}
