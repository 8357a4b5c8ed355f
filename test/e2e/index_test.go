package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/stretchr/testify/require"
)

// standsStill waits until the status says that the index does, or no longer.
func (w *World) standsStill(yes bool) {
	w.t.Helper()
	began := time.Now()
	w.Eventually(60*time.Second, fmt.Sprintf("the index stands still: %v", yes), func() bool {
		var s struct{ Faults []string }
		w.Get("/api/v1/status", &s)
		return strings.Contains(strings.Join(s.Faults, "\n"), "the index stands still") == yes
	})
	w.t.Logf("standing still was %v after %v", yes, time.Since(began).Round(time.Millisecond))
}

// Somebody holds the index locked, and then deletes it: calls don't notice, the
// status says so, and it is made good from the journal without a restart.
func TestCallsDoNotNoticeAnIndexThatIsAway(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.anyError = true
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	g, n := w.Gateway(), 0
	calls := func() {
		for range 5 {
			n++
			k := g.Call(fmt.Sprintf("139%08d", n), "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
			k.Answered()
			k.Hangup()
		}
		c.HearEachOther()
	}
	db, err := sql.Open("sqlite", "file:"+w.path("data", "switchroom.db")+"?_pragma=busy_timeout(30000)")
	require.NoError(t, err)
	defer db.Close()
	held, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer held.Close()
	_, err = held.ExecContext(context.Background(), "BEGIN IMMEDIATE") // as a backup program might
	require.NoError(t, err)
	calls()
	w.standsStill(true)
	calls()
	status, _ := w.Do("GET", "/readyz", nil)
	require.Equal(t, 200, status, "calls are taken without an index")
	_, err = held.ExecContext(context.Background(), "ROLLBACK")
	require.NoError(t, err)
	w.standsStill(false)
	w.CDRs(n)

	for _, suffix := range []string{"", "-wal", "-shm"} { // and somebody tidies up
		require.NoError(t, os.Remove(w.path("data", "switchroom.db")+suffix))
	}
	calls()
	c.caller.Hangup()
	c.agent.HungUp()
	w.Eventually(30*time.Second, "all records are back", func() bool {
		var got list[cdr]
		status, body := w.Do("GET", "/api/v1/cdrs?limit=1000", nil)
		return status == 200 && json.Unmarshal(body, &got) == nil && len(got.Items) == n+1
	})
}
