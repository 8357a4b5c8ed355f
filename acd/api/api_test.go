package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"
)

func TestShapesAreThoseOfTheInterface(t *testing.T) {
	w := newWorld(t)
	keys := func(path string) []string {
		var v map[string]any
		w.get(path, &v)
		if items, ok := v["items"]; ok {
			v = items.([]any)[0].(map[string]any)
		}
		var all []string
		for k := range v {
			all = append(all, k)
		}
		return all
	}
	for path, want := range map[string]string{
		"agents":     "id,name,site,skills,state,reason,since,registered,call_id",
		"queues":     "id,client,waiting,longest_wait,agents_ready,agents_busy,answered,abandoned,service_level",
		"calls":      "id,client,queue,from,number,trunk,state,agent,site,started,queued,answered,waited",
		"recordings": "id,call_id,client,queue,agent,site,from,number,started,length,size,sha256,format",
		"cdrs":       "id,client,queue,from,number,trunk,agent,site,started,queued,answered,ended,waited,talked,segments",
	} {
		require.Subset(t, keys("/api/v1/"+path), strings.Split(want, ","), path)
	}
	require.Subset(t, keys("/api/v1/agents/8001"), []string{"id", "call_id"})

	var call map[string]any
	w.get("/api/v1/calls/"+liveCall, &call)
	require.Equal(t, "2026-03-01T08:00:00.500Z", call["started"])
	require.Nil(t, call["queued"])
	var q acd.QueueView
	w.get("/api/v1/queues/parcels", &q)
	require.Equal(t, 90, q.Answered)
	require.Equal(t, 77.8, q.ServiceLevel, "70 of 100 less 10")
	var st map[string]any
	w.get("/api/v1/status", &st)
	require.Equal(t, "2026-03-01T08:00:00.500Z", st["started"])
	require.Equal(t, []any{}, st["faults"])
}

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	w := newWorld(t)
	ask := func(method, path, body string) func(status int) string {
		rec := w.ask("t-admin", method, path, body)
		return func(status int) string { return problem(t, rec, status) }
	}
	require.Contains(t, ask("POST", "/api/v1/agents/8001/state", `{"state":"offline"}`)(409), "in a call")
	ask("POST", "/api/v1/agents/9/state", `{"state":"ready"}`)(404)
	ask("POST", "/api/v1/agents/8001/state", `{"state":"asleep"}`)(422)
	ask("POST", "/api/v1/agents/8001/state", `{"state":"ready","x":1}`)(422)
	ask("POST", "/api/v1/agents/8001/state", `{`)(400)
	ask("POST", "/api/v1/agents/8001/state", `{"state":"ready","reason":"`+strings.Repeat("x", 1<<17)+`"}`)(413)
	ask("GET", "/api/v1/agents/nobody", "")(404)
	ask("DELETE", "/api/v1/calls/"+noCall, "")(404)
	ask("GET", "/api/v1/nothing", "")(404)
	ask("GET", "/nothing", "")(404)
	ask("PUT", "/api/v1/agents", "")(405)
	ask("GET", "/api/v1/cdrs?limit=0", "")(422)
	ask("GET", "/api/v1/cdrs?limit=1001", "")(422)
	ask("GET", "/api/v1/cdrs?from=yesterday", "")(422)
	ask("GET", "/api/v1/cdrs?cursor=odd", "")(422)
	ask("GET", "/api/v1/cdrs?sort=from", "")(422)
	ask("GET", "/api/v1/recordings?min_length=-1", "")(422)
	ask("GET", "/api/v1/recordings/..%2f..%2fetc%2fpasswd/audio", "")(404)
	ask("GET", "/api/v1/recordings/"+noCall+"/audio", "")(404)

	w.records.down = true
	ask("GET", "/api/v1/cdrs", "")(503)
	ask("GET", "/api/v1/recordings/"+pastCall+"/audio", "")(503)
	require.Equal(t, 200, w.ask("t-admin", "GET", "/api/v1/queues", "").Code, "live figures don't wait for the index")
	var st struct{ Faults []string }
	w.get("/api/v1/status", &st)
	require.Len(t, st.Faults, 1)
}

func TestWhoSteersIsNamedToTheSwitch(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 200, w.ask("t-supervisor", "POST", "/api/v1/agents/8001/state", `{"state":"not-ready","reason":"lunch"}`).Code)
	require.Equal(t, 204, w.ask("t-admin", "DELETE", "/api/v1/calls/"+liveCall, "").Code)
	require.Regexp(t, `^8001 not-ready lunch by supervisor:[0-9a-f]{8}$`, w.sw.deeds[0])
	require.Regexp(t, `^hang up `+liveCall+` by admin:[0-9a-f]{8}$`, w.sw.deeds[1])
	require.NotContains(t, strings.Join(w.sw.deeds, ""), "t-admin")
}

func TestAReloadTellsWhatChangedOrWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("t-admin", "POST", "/api/v1/config/reload", "")
	require.JSONEq(t, `{"version":"abc","changes":["queues.parcels.wrap_up: 10s -> 20s"]}`, rec.Body.String())

	w.sw.reloadErr = configs.Faults{{File: "s.yaml", Line: 3, Col: 5, Text: "no such key"}, {File: "s.yaml", Line: 9, Col: 1, Text: "too low"}}
	rec = w.ask("t-admin", "POST", "/api/v1/config/reload", "")
	problem(t, rec, 422)
	var p struct {
		Errors []struct{ Message, Location string }
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &p))
	require.Len(t, p.Errors, 2)
	require.Equal(t, "s.yaml:3:5: no such key", p.Errors[0].Message)
	require.Equal(t, "s.yaml:3:5", p.Errors[0].Location)

	w.sw.reloadErr = errors.New("agent 8001: kept by a call")
	problem(t, w.ask("t-admin", "POST", "/api/v1/config/reload", ""), 422)
}

func TestFiltersReachTheIndexAsTheyAre(t *testing.T) {
	w := newWorld(t)
	var page any
	w.get("/api/v1/recordings?from=2026-03-01T08:00:00.000Z&to=2026-03-02T00:00:00%2B08:00&client=c%27--&queue=q&agent=a&number=%2B86138&min_length=1.5&limit=7&cursor="+noCall, &page)
	got := w.records.asked[0]
	require.Equal(t, "c'--", got.Client)
	require.Equal(t, "+86138", got.Number)
	require.Equal(t, 1.5, got.MinLength)
	require.Equal(t, 7, got.Limit)
	require.Equal(t, noCall, got.Cursor)
	require.True(t, got.To.Equal(time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC)))
	w.get("/api/v1/cdrs", &page)
	require.Equal(t, 100, w.records.asked[1].Limit)
}

func TestSoundComesWholeAndInRanges(t *testing.T) {
	w := newWorld(t)
	path := "/api/v1/recordings/" + pastCall + "/audio"
	rec := w.ask("t-qa", "GET", path, "")
	require.Equal(t, sound, rec.Body.String())
	require.Equal(t, "audio/wav", rec.Header().Get("Content-Type"))
	require.Equal(t, `attachment; filename="`+pastCall+`.wav"`, rec.Header().Get("Content-Disposition"))

	rec = w.ask("t-qa", "GET", path, "", "Range", "bytes=4-7")
	require.Equal(t, 206, rec.Code)
	require.Equal(t, sound[4:8], rec.Body.String())
	require.Equal(t, "bytes 4-7/22", rec.Header().Get("Content-Range"))
	require.Equal(t, 416, w.ask("t-qa", "GET", path, "", "Range", "bytes=99-").Code)
	require.Equal(t, 304, w.ask("t-qa", "GET", path, "", "If-None-Match", `"abc123"`).Code)
	rec = w.ask("t-qa", "HEAD", path, "")
	require.Equal(t, "22", rec.Header().Get("Content-Length"))
	require.Equal(t, 200, w.ask("t-qa", "GET", "/api/v1/recordings/"+liveCall+"/audio", "").Code, "while the call lasts")
}

func TestReadingRecordingsIsWrittenDownOrRefused(t *testing.T) {
	w := newWorld(t)
	w.ask("t-qa", "GET", "/api/v1/recordings?number=123", "")
	w.ask("t-qa", "GET", "/api/v1/recordings/"+pastCall+"/audio", "", "Range", "bytes=0-3")
	w.ask("t-client", "GET", "/api/v1/recordings/"+bankCall+"/audio", "") // nothing was read
	require.NoError(t, w.journal.Commit(t.Context(), 2))
	r := w.journal.Read(1)
	defer r.Close()
	var kinds []string
	for {
		ev, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		kinds = append(kinds, string(ev.Kind))
		var d map[string]string
		require.NoError(t, json.Unmarshal(ev.Detail, &d))
		require.Regexp(t, "^qa:[0-9a-f]{8}$", d["who"])
		require.Equal(t, "192.0.2.1", d["remote"])
	}
	require.Equal(t, []string{"audit.search", "audit.read"}, kinds)

	require.NoError(t, w.journal.Close())
	problem(t, w.ask("t-qa", "GET", "/api/v1/recordings/"+pastCall+"/audio", ""), 503)
}

func TestTheDescriptionNamesEveryField(t *testing.T) {
	w := newWorld(t)
	body := w.ask("", "GET", "/api/openapi.json", "").Body.String()
	for _, field := range []string{"longest_wait", "call_id", "min_length", "sha256", "site_cost", "date-time", "application/problem+json", "text/event-stream"} {
		require.Contains(t, body, field)
	}
	require.NotContains(t, body, "$schema")
}

// crash is a switch in which a fault of ours happens.
type crash struct{ *fakeSwitch }

func (crash) Agents() []acd.AgentView { panic("boom") }

func TestAFaultInOneRequestEndsThatRequestAlone(t *testing.T) {
	w := newWorld(t)
	s, err := api.New(api.Config{Switch: crash{w.sw}, Records: w.records, Journal: w.journal,
		Tokens: func() []configs.Token { return tokens }})
	require.NoError(t, err)
	w.handler = s.Handler()
	problem(t, w.ask("t-admin", "GET", "/api/v1/agents", ""), http.StatusInternalServerError)
	require.Equal(t, 200, w.ask("t-admin", "GET", "/api/v1/calls", "").Code)
}

func TestABodyIsJSONWhateverCurlCallsIt(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"", "application/x-www-form-urlencoded", "application/json; charset=utf-8"} {
		rec := w.ask("t-admin", "POST", "/api/v1/agents/8001/state", `{"state":"asleep"}`, "Content-Type", name)
		require.Contains(t, problem(t, rec, 422), "validation", name)
	}
	problem(t, w.ask("t-admin", "POST", "/api/v1/agents/8001/state", `<state/>`, "Content-Type", "text/xml"), 415)
}
