package api_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/api"
)

// The switch's part: it keeps what was asked of it, and refuses what is asked
// for a call with the word no.

func (f *fakeSwitch) steer(call, text, by string, args ...any) error {
	if _, ok := f.Call(call); !ok {
		return api.ErrNotFound
	}
	text = fmt.Sprintf(text, args...)
	if len(args) > 0 && args[0] == "no" {
		return fmt.Errorf("%s: %w", text, api.ErrConflict)
	}
	f.did("%s of %s by %s", text, call[len(call)-1:], by)
	return nil
}

func (f *fakeSwitch) PlaceCall(agent, number, client, by string) (acd.CallView, error) {
	if agent != "8001" {
		return acd.CallView{}, api.ErrNotFound
	}
	if number == "no" {
		return acd.CallView{}, fmt.Errorf("barred: %w", api.ErrConflict)
	}
	f.did("%s calls %s for %q by %s", agent, number, client, by)
	return acd.CallView{ID: noCall, Client: client, Direction: "outbound", Number: number, State: "summoning", Agent: agent, Started: began}, nil
}
func (f *fakeSwitch) Transfer(call, to, by string) error {
	return f.steer(call, "transfer to %s", by, to)
}
func (f *fakeSwitch) Consult(call, to, by string) error { return f.steer(call, "consult %s", by, to) }
func (f *fakeSwitch) Complete(call, by string) error    { return f.steer(call, "complete", by) }
func (f *fakeSwitch) Merge(call, by string) error       { return f.steer(call, "merge", by) }
func (f *fakeSwitch) Abort(call, by string) error       { return f.steer(call, "abort", by) }
func (f *fakeSwitch) Unsupervise(call, by string) error { return f.steer(call, "unsupervise", by) }
func (f *fakeSwitch) TakeOver(call, by string) error    { return f.steer(call, "take over", by) }
func (f *fakeSwitch) Pull(call, agent, by string) error {
	return f.steer(call, "pull for %s", by, agent)
}
func (f *fakeSwitch) Prioritise(call string, p int, by string) error {
	return f.steer(call, "priority %d", by, p)
}
func (f *fakeSwitch) Supervise(call, phone, mode, by string) error {
	return f.steer(call, "%s with %s", by, phone, mode)
}

// what leaders can do to a call, beside hanging it up.
var steering = []struct{ verb, body, deed string }{
	{"transfer", `{"to":"8002"}`, "transfer to 8002"}, {"consult", `{"to":"8002"}`, "consult 8002"},
	{"complete", "", "complete"}, {"merge", "", "merge"}, {"abort", "", "abort"}, {"take-over", "", "take over"},
	{"pull", `{"agent":"8002"}`, "pull for 8002"}, {"priority", `{"priority":7}`, "priority 7"},
	{"supervisor", `{"phone":"8009","mode":"whisper"}`, "8009 with whisper"},
}

func TestLeadersSteerTheCallsOfTheirClientAndTeam(t *testing.T) {
	w := newWorld(t)
	for _, s := range steering {
		for token, want := range map[string]int{"t-admin": 200, "t-supervisor": 200, "t-leader": 200, "t-stranger": 404, "t-qa": 403, "t-client": 403} {
			rec := w.ask(token, "POST", "/api/v1/calls/"+liveCall+"/"+s.verb, s.body)
			require.Equal(t, want, rec.Code, "%s as %s: %s", s.verb, token, rec.Body)
		}
		require.Equal(t, 404, w.ask("t-leader", "POST", "/api/v1/calls/"+otherCall+"/"+s.verb, s.body).Code, "another client's")
		require.Equal(t, 404, w.ask("t-admin", "POST", "/api/v1/calls/"+noCall+"/"+s.verb, s.body).Code)
		require.Contains(t, w.sw.deeds[len(w.sw.deeds)-1], s.deed+" of 1 by ")
	}
	require.Len(t, w.sw.deeds, 3*len(steering))
	require.Equal(t, 204, w.ask("t-leader", "DELETE", "/api/v1/calls/"+liveCall+"/supervisor", "").Code)
	require.Equal(t, 404, w.ask("t-stranger", "DELETE", "/api/v1/calls/"+liveCall+"/supervisor", "").Code)
	require.Equal(t, 404, w.ask("t-stranger", "DELETE", "/api/v1/calls/"+liveCall, "").Code)
	require.Equal(t, 404, w.ask("t-stranger", "POST", "/api/v1/agents/8001/state", `{"state":"ready"}`).Code)
	require.Equal(t, 200, w.ask("t-leader", "POST", "/api/v1/agents/8001/state", `{"state":"ready"}`).Code)
}

func TestWhatIsNotPossibleNowIsAConflict(t *testing.T) {
	w := newWorld(t)
	for verb, body := range map[string]string{"transfer": `{"to":"no"}`, "consult": `{"to":"no"}`, "pull": `{"agent":"no"}`, "supervisor": `{"phone":"no","mode":"barge"}`} {
		problem(t, w.ask("t-admin", "POST", "/api/v1/calls/"+liveCall+"/"+verb, body), 409)
	}
	for verb, body := range map[string]string{"transfer": `{"to":""}`, "supervisor": `{"phone":"8009","mode":"shout"}`, "priority": `{"priority":101}`, "pull": ""} {
		require.Contains(t, []int{400, 422}, w.ask("t-admin", "POST", "/api/v1/calls/"+liveCall+"/"+verb, body).Code)
	}
}

func TestACallIsPlacedForAnAgent(t *testing.T) {
	w := newWorld(t)
	body := `{"agent":"8001","number":"0755123","client":"courier"}`
	for token, want := range map[string]int{"t-admin": 201, "t-supervisor": 201, "t-leader": 201, "t-stranger": 404, "t-qa": 403, "t-client": 403} {
		require.Equal(t, want, w.ask(token, "POST", "/api/v1/calls", body).Code, token)
	}
	rec := w.ask("t-leader", "POST", "/api/v1/calls", `{"agent":"8001","number":"0755123"}`)
	var c api.Call
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &c))
	require.Equal(t, []string{"courier", "outbound", "summoning"}, []string{c.Client, c.Direction, c.State}, "a leader's client is the client")
	problem(t, w.ask("t-leader", "POST", "/api/v1/calls", `{"agent":"8001","number":"1","client":"bank"}`), 404)
	problem(t, w.ask("t-admin", "POST", "/api/v1/calls", `{"agent":"8001","number":"no"}`), 409)
	problem(t, w.ask("t-admin", "POST", "/api/v1/calls", `{"agent":"4711","number":"1"}`), 404)
}
