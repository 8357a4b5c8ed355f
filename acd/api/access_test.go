package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// matrix says for every operation what each role is answered: by nobody, a
// bad token, a token of no client, of an unknown role, then qa, supervisor,
// admin, and the client whose thing it is. Other clients' things are below.
var matrix = []struct {
	method, path, body string
	qa, supervisor     int
	admin, client      int
}{
	{"GET", "/api/v1/agents", "", 200, 200, 200, 403},
	{"GET", "/api/v1/agents/8001", "", 200, 200, 200, 403},
	{"POST", "/api/v1/agents/8001/state", `{"state":"ready"}`, 403, 200, 200, 403},
	{"PUT", "/api/v1/agents/8001/phone", `{"phone":"2001"}`, 403, 200, 200, 403},
	{"DELETE", "/api/v1/agents/8001/wrap-up", "", 403, 200, 200, 403},
	{"DELETE", "/api/v1/agents/8001/dial-lock", "", 403, 403, 200, 403},
	{"POST", "/api/v1/agents/8001/disposition", `{"code":"01","note":"at the door"}`, 403, 200, 200, 403},
	{"POST", "/api/v1/agents/8001/disposition", `{"code":"77"}`, 403, 409, 409, 403},
	{"GET", "/api/v1/queues", "", 200, 200, 200, 200},
	{"GET", "/api/v1/queues/parcels", "", 200, 200, 200, 200},
	{"GET", "/api/v1/calls", "", 200, 200, 200, 200},
	{"GET", "/api/v1/calls/" + liveCall, "", 200, 200, 200, 200},
	{"POST", "/api/v1/calls/" + liveCall + "/recording", `{"action":"pause","reason":"card"}`, 403, 200, 200, 403},
	{"DELETE", "/api/v1/calls/" + liveCall, "", 403, 204, 204, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/transfer", `{"to":"8002"}`, 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/consult", `{"to":"8002"}`, 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/complete", "", 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/merge", "", 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/abort", "", 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/take-over", "", 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/pull", `{"agent":"8002"}`, 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/priority", `{"priority":7}`, 403, 200, 200, 403},
	{"POST", "/api/v1/calls/" + liveCall + "/supervisor", `{"phone":"8009","mode":"whisper"}`, 403, 200, 200, 403},
	{"DELETE", "/api/v1/calls/" + liveCall + "/supervisor", "", 403, 204, 204, 403},
	{"POST", "/api/v1/calls", `{"agent":"8001","number":"0755123"}`, 403, 201, 201, 403},
	{"GET", "/api/v1/calls/" + liveCall + "/decision", "", 200, 200, 200, 200},
	{"GET", "/api/v1/calls/" + pastCall + "/decision", "", 200, 200, 200, 200},
	{"GET", "/api/v1/calls/" + liveCall + "/ladder", "", 403, 200, 200, 403},
	{"GET", "/api/v1/calls/" + noCall + "/ladder", "", 403, 404, 404, 403},
	{"GET", "/api/v1/cdrs", "", 200, 200, 200, 200},
	{"GET", "/api/v1/cdrs/" + pastCall, "", 200, 200, 200, 200},
	{"GET", "/api/v1/recordings", "", 200, 200, 200, 200},
	{"GET", "/api/v1/recordings/" + pastCall, "", 200, 200, 200, 200},
	{"GET", "/api/v1/recordings/" + pastCall + "/audio", "", 200, 200, 200, 200},
	{"GET", "/api/v1/recordings/" + pastCall + "/file", "", 200, 200, 200, 200},
	{"PUT", "/api/v1/recordings/" + pastCall + "/hold", `{"why":"case 7"}`, 403, 403, 200, 403},
	{"DELETE", "/api/v1/recordings/" + pastCall + "/hold?why=closed", "", 403, 403, 200, 403},
	{"DELETE", "/api/v1/recordings/" + pastCall + "?why=request", "", 403, 403, 200, 403},
	{"POST", "/api/v1/retention/trust-clock", `{"why":"compared with the radio clock"}`, 403, 403, 200, 403},
	{"GET", "/api/v1/reports", "", 200, 200, 200, 200},
	{"GET", "/api/v1/reports?by=agent", "", 200, 200, 200, 403},
	{"GET", "/api/v1/reports/staffing?calls=96&aht=300", "", 200, 200, 200, 403},
	{"POST", "/api/v1/index/rebuild", "", 403, 403, 202, 403},
	{"GET", "/api/v1/webhooks", "", 403, 200, 200, 403},
	{"GET", "/api/v1/status", "", 200, 200, 200, 403},
	{"POST", "/api/v1/config/reload", "", 403, 403, 200, 403},
	{"GET", "/debug/invariants", "", 403, 403, 200, 403},
	{"GET", "/api/v1/events?last_event_id=x", "", 422, 422, 422, 422},
}

func TestEachRouteGivesEachRoleWhatIsWritten(t *testing.T) {
	w := newWorld(t)
	for _, row := range matrix {
		w.remote = "127.0.0.1:1"
		for token, want := range map[string]int{
			"t-qa": row.qa, "t-supervisor": row.supervisor, "t-admin": row.admin, "t-client": row.client, "t-odd": 403,
		} {
			rec := w.ask(token, row.method, row.path, row.body)
			require.Equal(t, want, rec.Code, "%s %s as %s: %s", row.method, row.path, token, rec.Body)
			if want >= 400 {
				problem(t, rec, want)
			}
		}
		for i, token := range []string{"", "wrong", "t-nobody"} {
			w.remote = "198.51.100." + string(rune('1'+i)) + ":1"
			w.server = nil
			rec := newWorldFrom(w).ask(token, row.method, row.path, row.body)
			problem(t, rec, 401)
			require.NotEmpty(t, rec.Header().Get("WWW-Authenticate"))
		}
	}
	require.Len(t, w.sw.deeds, 36) // two of each that steers, one reload
}

// newWorldFrom is a world of its own, so that bad tokens don't add up.
func newWorldFrom(w *world) *world {
	n := newWorld(w.t)
	n.remote = w.remote
	return n
}

func TestEveryOperationIsInTheMatrix(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("", "GET", "/api/openapi.json", "")
	require.Equal(t, 200, rec.Code)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Security    []any
		}
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &doc))
	require.Equal(t, "3.1.0", doc.OpenAPI)
	mux := http.NewServeMux()
	listed := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			pattern := strings.ToUpper(method) + " " + path
			listed[pattern] = false
			mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
			require.NotEmpty(t, op.Security, pattern)
		}
	}
	for _, row := range matrix {
		r, err := http.NewRequest(row.method, row.path, nil)
		require.NoError(t, err)
		_, pattern := mux.Handler(r)
		require.Contains(t, listed, pattern)
		listed[pattern] = true
	}
	for pattern, seen := range listed {
		require.True(t, seen, pattern)
	}
}

func TestAClientSeesNothingOfAnother(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"/api/v1/queues/loans", "/api/v1/calls/" + otherCall, "/api/v1/calls/" + otherCall + "/decision",
		"/api/v1/calls/" + bankCall + "/decision", "/api/v1/cdrs/" + bankCall, "/api/v1/recordings/" + bankCall,
		"/api/v1/recordings/" + bankCall + "/audio", "/api/v1/recordings/" + otherCall + "/audio",
	} {
		other := problem(t, w.ask("t-client", "GET", path, ""), 404)
		path = strings.NewReplacer("loans", "nothing", otherCall, noCall, bankCall, noCall).Replace(path)
		require.Equal(t, problem(t, w.ask("t-client", "GET", path, ""), 404), other, "the same as what is not there")
	}
	for _, path := range []string{"queues", "calls", "cdrs", "recordings"} {
		rec := w.ask("t-client", "GET", "/api/v1/"+path, "")
		require.Equal(t, 200, rec.Code)
		require.NotContains(t, rec.Body.String(), "bank")
		require.Contains(t, rec.Body.String(), "courier")
	}
	for _, path := range []string{"cdrs", "recordings"} {
		rec := w.ask("t-client", "GET", "/api/v1/"+path+"?client=bank", "")
		require.JSONEq(t, `{"items":[],"next":""}`, rec.Body.String())
	}
}

func TestBadTokensSlowAnAddressDown(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		problem(t, w.ask("wrong", "GET", "/api/v1/calls", ""), 401)
	}
	rec := w.ask("wrong", "GET", "/api/v1/calls", "")
	problem(t, rec, 429)
	require.Equal(t, "1", rec.Header().Get("Retry-After"))
	problem(t, w.ask("t-admin", "GET", "/api/v1/calls", ""), 429)

	w.remote = "192.0.2.2:1234"
	require.Equal(t, 200, w.ask("t-admin", "GET", "/api/v1/calls", "").Code, "another address")
}

func TestTheSignsOfLifeNeedNoToken(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 200, w.ask("", "GET", "/healthz", "").Code)
	require.Equal(t, 200, w.ask("", "GET", "/readyz", "").Code)
	w.sw.notReady = true
	require.Equal(t, 503, w.ask("", "GET", "/readyz", "").Code)

	problem(t, w.ask("", "GET", "/metrics", ""), 401)
	problem(t, w.ask("t-client", "GET", "/metrics", ""), 403)
	require.Equal(t, 200, w.ask("t-supervisor", "GET", "/metrics", "").Code)
	w.remote = "127.0.0.1:99"
	rec := w.ask("", "GET", "/metrics", "")
	require.Equal(t, 200, rec.Code)
	for _, series := range []string{
		`switchroom_agents{state="ready"} 1`, `switchroom_queue_waiting{client="courier",queue="parcels"} 2`,
		`switchroom_calls{state="talking"} 1`, "switchroom_journal_events_total", "go_goroutines",
		"switchroom_journal_refused_total 0", `switchroom_rtp_packets_total{way="out"} 8`,
	} {
		require.Contains(t, rec.Body.String(), series)
	}
	problem(t, w.ask("", "GET", "/metrics", "", "X-Forwarded-For", "203.0.113.9"), 401)
	problem(t, w.ask("t-admin", "GET", "/debug/invariants", "", "X-Forwarded-For", "203.0.113.9"), 403)
}

func TestEveryAnswerCarriesTheHeadersThatProtect(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/api/v1/calls", "/nothing", "/api/openapi.json"} {
		h := w.ask("t-admin", "GET", path, "").Header()
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "default-src 'none'; frame-ancestors 'none'", h.Get("Content-Security-Policy"))
		require.Equal(t, "DENY", h.Get("X-Frame-Options"))
		require.Equal(t, "no-store", h.Get("Cache-Control"))
	}
}
