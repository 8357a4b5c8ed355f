package api_test

import (
	"encoding/csv"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/acd/api"
)

const span = "?from=2026-03-01T08:00:00Z&to=2026-03-01T10:00:00Z&interval=60"

func TestAReportNamesItsFormula(t *testing.T) {
	w := newWorld(t)
	var r api.Report
	w.get("/api/v1/reports"+span+"&by=queue&formula=negative&within=20", &r)
	require.Equal(t, "negative", r.Formula)
	require.Equal(t, "A_T / O'", r.Expression)
	require.Len(t, r.Items, 2)
	require.Equal(t, "parcels", r.Items[1].Key)
	require.Equal(t, 2, r.Total.Answered)
	require.Equal(t, 100.0, *r.Total.ServiceLevel)
	var raw map[string]any
	w.get("/api/v1/reports"+span, &raw)
	row := raw["items"].([]any)[0].(map[string]any)
	require.Equal(t, "2026-03-01T08:00:00.000Z", row["from"])
	require.Contains(t, row, "abandon_rate")
	require.Equal(t, "ignore", raw["formula"], "the queues'")
	require.Equal(t, "ignore", row["formula"])
	require.Equal(t, 20.0, row["within"])
}

func TestAReportsDaysAreThoseOfItsZone(t *testing.T) {
	w := newWorld(t)
	var r api.Report
	w.get("/api/v1/reports?from=2026-03-01T08:00:00Z&to=2026-03-01T09:00:00Z&zone=Asia/Shanghai", &r)
	require.Equal(t, "Asia/Shanghai", r.Zone)
	text, err := r.Total.From.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `"2026-02-28T16:00:00.000Z"`, string(text))
	for _, odd := range []string{"Mars", "Local", "../../etc/passwd", "/etc/localtime"} {
		problem(t, w.ask("t-admin", "GET", "/api/v1/reports?zone="+odd, ""), 422)
	}
}

func TestStaffingIsErlangs(t *testing.T) {
	w := newWorld(t)
	var s api.Staffing
	w.get("/api/v1/reports/staffing?calls=96&aht=300&target=80&within=20", &s)
	require.Equal(t, 8.0, s.Erlangs)
	require.Equal(t, 12, s.Agents, "11 would give 79.9 %")
	require.Equal(t, 9, s.Items[0].Agents)
	require.Equal(t, 40.918, s.Items[1].Waits, "C(10, 8)")
	problem(t, w.ask("t-admin", "GET", "/api/v1/reports/staffing", ""), 422)
}

func TestARebuildThatWouldLoseSomethingIsRefused(t *testing.T) {
	w := newWorld(t)
	var state api.StoreState
	rec := w.ask("t-admin", "POST", "/api/v1/index/rebuild", "")
	require.Equal(t, 202, rec.Code, rec.Body)
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &state))
	require.Equal(t, 1, w.records.renewed)
	w.records.building = true
	require.Contains(t, problem(t, w.ask("t-admin", "GET", "/api/v1/reports", ""), 503), "made anew")
}

func TestAReportAsCSVHoldsNoFormula(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("t-admin", "GET", "/api/v1/reports"+span+"&format=csv", "")
	require.Equal(t, 200, rec.Code)
	require.Equal(t, "text/csv; charset=utf-8; header=present", rec.Header().Get("Content-Type"))
	rows, err := csv.NewReader(rec.Body).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.Equal(t, "'=loans", rows[1][2])
}

func TestAClientsReportIsItsOwn(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("t-client", "GET", "/api/v1/reports"+span, "")
	require.Equal(t, 200, rec.Code)
	require.NotContains(t, rec.Body.String(), "loans")
	require.Contains(t, rec.Body.String(), "parcels")
	problem(t, w.ask("t-client", "GET", "/api/v1/reports"+span+"&client=bank", ""), 404)
	problem(t, w.ask("t-admin", "GET", "/api/v1/reports?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", ""), 422)
	problem(t, w.ask("t-admin", "GET", "/api/v1/reports?interval=7", ""), 422)
	w.records.down = true
	problem(t, w.ask("t-admin", "GET", "/api/v1/reports", ""), 503)
}
