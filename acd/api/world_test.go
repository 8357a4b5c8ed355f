package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/acd/journal"
	"switchroom/acd/report"
	"switchroom/acd/store"
	"switchroom/configs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	liveCall  = "01900000-0000-7000-8000-000000000001" // of client courier
	otherCall = "01900000-0000-7000-8000-000000000002" // of client bank
	pastCall  = "01900000-0000-7000-8000-000000000003" // of client courier, recorded
	bankCall  = "01900000-0000-7000-8000-000000000004" // of client bank, recorded
	goneCall  = "01900000-0000-7000-8000-000000000005" // of client courier, recorded and deleted
	noCall    = "01900000-0000-7000-8000-000000000009"
)

var began = time.Date(2026, 3, 1, 8, 0, 0, 500_000_000, time.UTC)

// fakeSwitch is a switch with two clients, an agent and two calls.
type fakeSwitch struct {
	mu        sync.Mutex
	deeds     []string
	reloadErr error
	notReady  bool
}

func (f *fakeSwitch) did(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deeds = append(f.deeds, fmt.Sprintf(format, args...))
}

func (f *fakeSwitch) Agents() []acd.AgentView {
	return []acd.AgentView{{ID: "8001", Name: "Li Wei", Site: "chengdu", Team: "dawn", Clients: []string{"courier"}, State: "ready", Since: began}}
}

func (f *fakeSwitch) Agent(id string) (acd.AgentView, bool) {
	return find(f.Agents(), id, func(a acd.AgentView) string { return a.ID })
}

func (f *fakeSwitch) Queues() []acd.QueueView {
	return []acd.QueueView{
		{ID: "parcels", Client: "courier", Waiting: 2, LongestWait: 3.5, Formula: report.Ignore},
		{ID: "loans", Client: "bank", Formula: report.Ignore},
	}
}

func (f *fakeSwitch) Queue(id string) (acd.QueueView, bool) {
	return find(f.Queues(), id, func(q acd.QueueView) string { return q.ID })
}

func (f *fakeSwitch) Calls() []acd.CallView {
	return []acd.CallView{
		{ID: liveCall, Client: "courier", Queue: "parcels", From: "+8613800000000", State: "talking", Agent: "8001", Started: began, Answered: &began},
		{ID: otherCall, Client: "bank", Queue: "loans", State: "waiting", Started: began},
	}
}

func (f *fakeSwitch) Call(id string) (acd.CallView, bool) {
	return find(f.Calls(), id, func(c acd.CallView) string { return c.ID })
}

func find[T any](all []T, id string, key func(T) string) (T, bool) {
	for _, v := range all {
		if key(v) == id {
			return v, true
		}
	}
	var none T
	return none, false
}

func (f *fakeSwitch) SetAgentState(id, state, reason, by string) error {
	if id != "8001" {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	if state == "offline" {
		return fmt.Errorf("agent %s is in a call: %w", id, api.ErrConflict)
	}
	f.did("%s %s %s by %s", id, state, reason, by)
	return nil
}

func (f *fakeSwitch) HangUp(id, by string) error {
	if _, ok := f.Call(id); !ok {
		return api.ErrNotFound
	}
	f.did("hang up %s by %s", id, by)
	return nil
}

func (f *fakeSwitch) Decisions(id string) ([]api.Decision, bool) {
	_, ok := f.Call(id)
	return []api.Decision{{Time: began, Agent: "8001", Outcome: "connected", Decision: acd.Decision{Considered: 7}}}, ok
}

func (f *fakeSwitch) Ladder(id string) []api.SIPMessage {
	if id != liveCall && id != pastCall {
		return nil
	}
	return []api.SIPMessage{{Time: began, Direction: "in", Transport: "UDP", Peer: "192.0.2.1:5060", CallID: "x", Summary: "INVITE", Text: "INVITE sip:\x1b[31m@b SIP/2.0\r\n"}}
}

func (f *fakeSwitch) Reload(context.Context) ([]string, error) {
	f.did("reload")
	return []string{"queues.parcels.wrap_up: 10s -> 20s"}, f.reloadErr
}

func (f *fakeSwitch) Ready() bool { return !f.notReady }
func (f *fakeSwitch) Status() api.Status {
	return api.Status{Config: "abc", State: "running", Started: began}
}
func (f *fakeSwitch) Invariants() api.Invariants { return api.Invariants{Goroutines: 3} }

// fakeRecords is a past with two calls.
type fakeRecords struct {
	renewed  int
	building bool
	down     bool
	asked    []store.Filter
}

func past(id, client string) acd.CDR {
	return acd.CDR{ID: id, Client: client, Started: began, Ended: began.Add(time.Minute), Talked: 50}
}

func (f *fakeRecords) err() error {
	if f.building {
		return store.ErrBuilding
	}
	if f.down {
		return fmt.Errorf("%w: file is locked", store.ErrUnavailable)
	}
	return nil
}

func (f *fakeRecords) CDRs(_ context.Context, q store.Filter) (store.Page[acd.CDR], error) {
	f.asked = append(f.asked, q)
	if q.Cursor == "odd" {
		return store.Page[acd.CDR]{}, store.ErrCursor
	}
	p := store.Page[acd.CDR]{Next: pastCall}
	for _, c := range []acd.CDR{past(bankCall, "bank"), past(pastCall, "courier")} {
		if q.Client == "" || q.Client == c.Client {
			p.Items = append(p.Items, c)
		}
	}
	return p, f.err()
}

func (f *fakeRecords) CDR(_ context.Context, id string) (acd.CDR, error) {
	switch {
	case f.down:
		return acd.CDR{}, f.err()
	case id == pastCall:
		return past(id, "courier"), nil
	case id == bankCall:
		return past(id, "bank"), nil
	}
	return acd.CDR{}, store.ErrNotFound
}

func (f *fakeRecords) Recordings(_ context.Context, q store.Filter) (store.Page[store.Recording], error) {
	f.asked = append(f.asked, q)
	p := store.Page[store.Recording]{}
	for id, client := range map[string]string{pastCall: "courier", bankCall: "bank"} {
		if q.Client == "" || q.Client == client {
			p.Items = append(p.Items, store.Recording{ID: id, CallID: id, Client: client, Started: began})
		}
	}
	return p, f.err()
}

func (f *fakeRecords) Recording(ctx context.Context, id string) (store.Recording, error) {
	c, err := f.CDR(ctx, id)
	return store.Recording{ID: c.ID, CallID: c.ID, Client: c.Client, Started: began, SHA256: "abc123"}, err
}

func (f *fakeRecords) Deletion(_ context.Context, id string) (store.Deletion, error) {
	switch {
	case f.down:
		return store.Deletion{}, f.err()
	case id == goneCall:
		return store.Deletion{ID: id, Client: "courier", Root: "feed", Rule: "client courier", At: began}, nil
	}
	return store.Deletion{}, store.ErrNotFound
}

func (f *fakeRecords) Offers(_ context.Context, id string) ([]store.Offer, error) {
	return []store.Offer{{Time: began, Agent: "8001", Outcome: "no-answer"}}, f.err()
}

func (f *fakeRecords) Today(_ context.Context, _, _ time.Time, level func(string) report.Level) (map[string]report.Counts, error) {
	return map[string]report.Counts{
		"parcels": {Answered: 90, AnsweredWithin: 70, Abandoned: 12, AbandonWithin: 10, LevelEvents: 100},
		"loans":   {Answered: 90, AnsweredWithin: 70, Abandoned: 12, AbandonWithin: 10, LevelEvents: 100},
	}, f.err()
}

func (f *fakeRecords) Fill(_ context.Context, b *report.Builder, client string, now time.Time) error {
	for queue, owner := range map[string]string{"parcels": "courier", "=loans": "bank"} {
		if client == "" || client == owner {
			b.Visit(report.Visit{Queue: queue, Client: owner, Agent: "8001", Entered: began, Wait: time.Second, Outcome: report.WasServed})
		}
	}
	return f.err()
}

func (f *fakeRecords) Renew() { f.renewed++ }

func (f *fakeRecords) Status() store.Status { return store.Status{Fault: f.err()} }

// world is an interface with everything faked but the journal.
type world struct {
	t       testing.TB
	sw      *fakeSwitch
	records *fakeRecords
	journal *journal.Journal
	handler http.Handler
	server  *api.Server
	custody *fakeCustody
	remote  string
}

var tokens = []configs.Token{
	{Token: "t-admin", Role: "admin"}, {Token: "t-supervisor", Role: "supervisor"}, {Token: "t-qa", Role: "qa"},
	{Token: "t-client", Role: "client", Client: "courier"}, {Token: "t-nobody", Role: "client"},
	{Token: "t-leader", Role: "supervisor", Client: "courier", Team: "dawn"}, {Token: "t-stranger", Role: "supervisor", Client: "courier", Team: "dusk"}, {Token: "", Role: "admin"},
	{Token: "t-odd", Role: "root"},
}

const sound = "RIFF....WAVE0123456789"

type closer struct{ io.ReadSeeker }

func (closer) Close() error { return nil }

func newWorld(t testing.TB) *world {
	j, err := journal.Open(journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	w := &world{t: t, sw: &fakeSwitch{}, records: &fakeRecords{}, journal: j, custody: &fakeCustody{}, remote: "192.0.2.1:1234"}
	w.server, err = api.New(api.Config{
		Switch: w.sw, Records: w.records, Journal: j, Version: "1.2.3",
		Tokens: func() []configs.Token { return tokens },
		Samples: func() []api.Sample {
			return []api.Sample{
				{Name: "switchroom_journal_refused_total", Help: "told of twice", Counter: true, Value: 99},
				{Name: "switchroom_rtp_packets_total", Help: "RTP packets.", Counter: true, Labels: []string{"way"}, Values: []string{"in"}, Value: 7},
				{Name: "switchroom_rtp_packets_total", Help: "Other words.", Counter: true, Labels: []string{"way"}, Values: []string{"out"}, Value: 8},
			}
		},
		Custody: w.custody,
		Audio: func(id string) (io.ReadSeekCloser, error) {
			if id == noCall {
				return nil, api.ErrNotFound
			}
			return closer{strings.NewReader(sound)}, nil
		},
	})
	require.NoError(t, err)
	w.handler = w.server.Handler()
	return w
}

// ask makes one request.
func (w *world) ask(token, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = w.remote
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// get asks as an administrator and decodes the answer.
func (w *world) get(path string, dst any) {
	w.t.Helper()
	rec := w.ask("t-admin", "GET", path, "")
	require.Equal(w.t, 200, rec.Code, rec.Body)
	require.NoError(w.t, json.Unmarshal(rec.Body.Bytes(), dst), rec.Body)
}

// problem checks that the answer is one of RFC 9457.
func problem(t testing.TB, rec *httptest.ResponseRecorder, status int) (detail string) {
	t.Helper()
	require.Equal(t, status, rec.Code, rec.Body)
	require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"))
	var p struct {
		Status        int
		Title, Detail string
	}
	require.NoError(t, json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&p))
	require.Equal(t, status, p.Status)
	require.Equal(t, http.StatusText(status), p.Title)
	return p.Detail
}

func (f *fakeSwitch) EndWrapUp(agent, by string) error {
	if agent != "8001" {
		return api.ErrNotFound
	}
	f.did("end wrap-up of %s by %s", agent, by)
	return nil
}

func (f *fakeSwitch) UnlockDialling(agent, by string) error {
	if agent != "8001" {
		return api.ErrNotFound
	}
	f.did("unlock dialling of %s by %s", agent, by)
	return nil
}

func (f *fakeSwitch) FileCall(agent, call string, d acd.Disposition, by string) error {
	if agent != "8001" {
		return api.ErrNotFound
	}
	if d.Code == "77" {
		return fmt.Errorf("no such disposition: %w", api.ErrConflict)
	}
	f.did("%s files %q under %s %q by %s", agent, call, d.Code, d.Note, by)
	return nil
}

func (f *fakeSwitch) SteerRecording(call, action, reason, by string) error {
	if call != liveCall {
		return api.ErrNotFound
	}
	f.did("%s recording of %s for %q by %s", action, call, reason, by)
	return nil
}

func (f *fakeSwitch) SetAgentPhone(agent, phone, by string) error {
	if agent != "8001" {
		return api.ErrNotFound
	}
	f.did("%s sits at %q by %s", agent, phone, by)
	return nil
}
