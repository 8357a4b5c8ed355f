package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"switchroom/acd"
	"switchroom/acd/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a journal that is closed with the test.
func open(t testing.TB, cfg journal.Config) *journal.Journal {
	t.Helper()
	j, err := journal.Open(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

// events reads all that is safe from a number on.
func events(t testing.TB, j *journal.Journal, from uint64) []acd.Event {
	t.Helper()
	r := j.Read(from)
	defer r.Close()
	var all []acd.Event
	for {
		ev, err := r.Next()
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, ev)
	}
}

// nth is an event that can be told from the others.
func nth(n int) acd.Event {
	return acd.Event{
		Time: time.Unix(int64(n), 0).UTC(), Mono: int64(n), Kind: acd.CallArrived,
		Call: fmt.Sprintf("call-%d", n), From: "+8613800000000",
	}
}

// appendAll appends n events and waits for the last.
func appendAll(t testing.TB, j *journal.Journal, from, n int) {
	t.Helper()
	var seq uint64
	for i := range n {
		seq = j.Append(nth(from + i))
		require.NotZero(t, seq)
	}
	require.NoError(t, j.Commit(context.Background(), seq))
}

func calls(evs []acd.Event) []string {
	var ids []string
	for _, ev := range evs {
		if ev.Call != "" {
			ids = append(ids, ev.Call)
		}
	}
	return ids
}

func callIDs(from, n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, nth(from+i).Call)
	}
	return ids
}

func unmarshal(t testing.TB, b []byte, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(b, v))
}

// short is a context that ends soon.
func short(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// patience is a context for what may take a while and must end.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
