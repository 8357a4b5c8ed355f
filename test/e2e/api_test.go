package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

const token = "e2e-token"

// client keeps no connection open: the switch's open files are counted.
var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Ask sends a request to the API and returns the answer with its body read.
func (w *World) Ask(method, path string, body any, header http.Header) (*http.Response, []byte) {
	w.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(w.t, err)
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.HTTP+path, r)
	require.NoError(w.t, err)
	if header != nil {
		req.Header = header.Clone()
	}
	if req.Header.Get("Authorization") == "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res, b
}

// Do asks the API and returns status and body.
func (w *World) Do(method, path string, body any) (int, []byte) {
	w.t.Helper()
	res, b := w.Ask(method, path, body, nil)
	return res.StatusCode, b
}

// Get reads path into out and demands success.
func (w *World) Get(path string, out any) {
	w.t.Helper()
	status, body := w.Do("GET", path, nil)
	require.Equal(w.t, 200, status, "%s: %s", path, body)
	require.NoError(w.t, json.Unmarshal(body, out), "%s", body)
}

// list is how the API gives several.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// cdr is what the API gives of a finished call.
type cdr struct {
	ID, Client, Queue, From, Number, Trunk, Agent, Site, Cause, Side, Recording, Version string
	Started, Ended                                                                       time.Time
	Waited, Talked, Held, Duration                                                       float64
	Q850                                                                                 int
	Segments                                                                             []struct {
		Kind, Agent, Queue, Cause string
		Start, Length             float64
	}
}

// kinds are a record's segments in order, in the form "kind/cause".
func (c cdr) kinds() []string {
	var out []string
	for _, s := range c.Segments {
		out = append(out, s.Kind+"/"+s.Cause)
	}
	return out
}

// CDRs waits until n calls are recorded and gives them, newest first.
func (w *World) CDRs(n int) []cdr {
	w.t.Helper()
	var got list[cdr]
	w.Eventually(10*time.Second, "the calls' records", func() bool {
		w.Get("/api/v1/cdrs?limit=1000", &got)
		return len(got.Items) >= n
	})
	require.Len(w.t, got.Items, n)
	return got.Items
}

// CDR waits for the one call's record.
func (w *World) CDR() cdr {
	w.t.Helper()
	return w.CDRs(1)[0]
}

// From gives the record of a caller's one call.
func from(t require.TestingT, all []cdr, caller string) cdr {
	var found []cdr
	for _, c := range all {
		if c.From == caller {
			found = append(found, c)
		}
	}
	require.Len(t, found, 1, "records of calls from %s", caller)
	return found[0]
}

type agentView struct {
	ID, Site, State, Reason string
	Registered              bool
	CallID                  string `json:"call_id"`
}

// Agent is an agent as it stands.
func (w *World) Agent(id string) agentView {
	w.t.Helper()
	var a agentView
	w.Get("/api/v1/agents/"+id, &a)
	return a
}

// AgentIs waits until an agent is seen in a state.
func (w *World) AgentIs(id, state string) agentView {
	w.t.Helper()
	var a agentView
	w.Eventually(10*time.Second, "agent "+id+" is "+state, func() bool {
		a = w.Agent(id)
		return a.State == state
	})
	return a
}

// SetAgent makes an agent ready, not-ready or offline.
func (w *World) SetAgent(id, state string) {
	w.t.Helper()
	status, body := w.Do("POST", "/api/v1/agents/"+id+"/state", map[string]string{"state": state, "reason": "break"})
	require.Less(w.t, status, 300, "%s", body)
}

// NobodyReady takes both of the usual agents out, so that calls wait.
func (w *World) NobodyReady() {
	w.t.Helper()
	for _, id := range []string{"8001", "8002"} {
		w.SetAgent(id, "not-ready")
	}
}

type callView struct {
	ID, Client, Queue, From, Number, Trunk, State, Agent, Site, Recording string
	Waited                                                                float64
}

// Calls are the live calls.
func (w *World) Calls() []callView {
	w.t.Helper()
	var got list[callView]
	w.Get("/api/v1/calls", &got)
	return got.Items
}

// CallsAre waits until n calls are up, all in the state. A call is seen waiting
// a moment before it stands in its queue: then the queues count it, too.
func (w *World) CallsAre(n int, state string) []callView {
	w.t.Helper()
	var got []callView
	w.Eventually(10*time.Second, "calls in state "+state, func() bool {
		got = w.Calls()
		in := 0
		for _, c := range got {
			if c.State == state {
				in++
			}
		}
		return in == n && len(got) == n && (state != "waiting" || w.waiting() == n)
	})
	return got
}

// waiting is how many calls stand in the queues.
func (w *World) waiting() (n int) {
	w.t.Helper()
	var got list[struct{ Waiting int }]
	w.Get("/api/v1/queues", &got)
	for _, q := range got.Items {
		n += q.Waiting
	}
	return n
}
