package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzQueries: whatever stands in a query or a path, the answer is JSON, and
// never a fault of ours.
func FuzzQueries(f *testing.F) {
	for _, seed := range []string{
		"client=' OR 1=1 --", "number=%00", "from=2026-03-01T08:00:00Z&to=0000-01-01T00:00:00Z", "limit=99999999999999999999",
		"cursor=../../etc", "min_length=NaN", "min_length=1e999", "limit=1&limit=2", "from=9999-12-31T23:59:59.999999999Z",
		"agent=\xff\xfe", "queue=" + strings.Repeat("q", 200), ";", "%zz", "kinds=a,b",
	} {
		f.Add("recordings", seed)
		f.Add("cdrs", seed)
	}
	f.Add("cdrs/%2e%2e", "")
	f.Add("recordings/%00/audio", "")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, path, query string) {
		if strings.HasPrefix(path, "events") {
			return // it has no end
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/api/v1/" + path, RawQuery: query}
		r.RemoteAddr = "192.0.2.1:1"
		r.Header.Set("Authorization", "Bearer t-admin")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code == 500 {
			t.Fatalf("%q %q: %s", path, query, rec.Body)
		}
		if rec.Code/100 == 3 || strings.HasPrefix(rec.Header().Get("Content-Type"), "audio/") {
			return
		}
		if !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("%q %q: %d %q", path, query, rec.Code, rec.Body)
		}
	})
}
