package e2e

import (
	"time"

	"github.com/stretchr/testify/require"
)

// invariants is /debug/invariants: what must be as before once all is over.
type invariants struct {
	Goroutines, Files, Ports, Sessions, Legs, Transactions, Timers, Calls, Waiting, Recordings int
	Admitted, Records                                                                          uint64
	Agents                                                                                     map[string]int
	Violations                                                                                 []string
}

// Invariants asks the switch for its own count.
func (w *World) Invariants() invariants {
	var v invariants
	w.Get("/debug/invariants", &v)
	return v
}

// LeaveNoTrace demands that nothing of the calls made is left: no leg, no
// transaction, no port, no goroutine, no open file; that every admitted call
// has its record and every agent is in a state of rest.
func (w *World) LeaveNoTrace() {
	w.t.Helper()
	var v invariants
	deadline := time.Now().Add(40 * time.Second)
	for {
		v = w.Invariants()
		if w.atRest(v) || time.Now().After(deadline) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	require.Zero(w.t, v.Calls, "live calls")
	require.Zero(w.t, v.Waiting, "waiting calls")
	require.Zero(w.t, v.Legs, "SIP legs")
	require.Zero(w.t, v.Transactions, "transactions")
	require.Zero(w.t, v.Ports, "RTP ports")
	require.Zero(w.t, v.Sessions, "media sessions")
	require.Zero(w.t, v.Recordings, "open recordings")
	require.LessOrEqual(w.t, v.Goroutines, w.baseline.Goroutines+5, "goroutines")
	require.LessOrEqual(w.t, v.Files, w.baseline.Files+2, "open files")
	require.Empty(w.t, v.Violations)
	require.Equal(w.t, v.Admitted, v.Records, "records for admitted calls")
	for state := range v.Agents {
		require.Contains(w.t, []string{"ready", "not-ready", "offline", "wrap-up"}, state, "agents at rest")
	}
}

func (w *World) atRest(v invariants) bool {
	return v.Calls == 0 && v.Legs == 0 && v.Transactions == 0 && v.Ports == 0 && v.Sessions == 0 && v.Recordings == 0 &&
		v.Goroutines <= w.baseline.Goroutines+5 && v.Files <= w.baseline.Files+2 && v.Admitted == v.Records
}
