package cli

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const aReport = `{"by":"queue","zone":"Asia/Shanghai","formula":"ignore","expression":"A_T / (O' - B_T)","formulas":{"asa":"sum of wait over answered / A"},
"items":[{"from":"2026-01-30T16:00:00.000Z","to":"2026-01-31T16:00:00.000Z","key":"par\u001bcels","offered":100,"answered":90,"abandoned":10,"short_abandons":1,
"flow_out":0,"service_level":77.78,"formula":"ignore","within":20,"asa":12.5,"abandon_time":null,"abandon_rate":10,"rona":2,"handled":91,"aht":185,"average_acw":5,"agents_needed":11,"fcr":87.5}],
"total":{"from":"2026-01-30T16:00:00.000Z","key":"total","offered":100,"formula":"ignore"}}`

func TestAReportIsPrintedWithItsFormula(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/reports", aReport)
	got := f.ask(t, "report", "--from", "2026-01-31T00:00:00+08:00", "--interval", "30", "--zone", "Asia/Shanghai", "--within", "20s", "--formulas")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, "GET /api/v1/reports?by=queue&from=2026-01-30T16%3A00%3A00.000Z&interval=30&return=7&short=5&within=20&zone=Asia%2FShanghai", f.asked[0])
	require.Contains(t, got.stdout, "2026-01-31 00:00  par\\x1bcels")
	require.Regexp(t, `77\.8%  ignore   20\.0s  12\.5s +-  +10\.0%`, got.stdout)
	require.Contains(t, got.stdout, "times of Asia/Shanghai; service level of the total: ignore = A_T / (O' - B_T)\n")
	require.Contains(t, got.stdout, "ASA = sum of wait over answered / A\n")
	got = f.ask(t, "report", "--json")
	require.JSONEq(t, aReport, got.stdout)
	for _, odd := range [][]string{{"--by", "moon"}, {"--interval", "7"}, {"--formula", "best"}, {"--within", "-1s"}} {
		require.Equal(t, Usage, f.ask(t, append([]string{"report"}, odd...)...).code, odd)
	}
}

func TestAReportAsCSVIsTheSwitchs(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/reports", "from,to,key\r\n")
	got := f.ask(t, "report", "--by", "agent", "--csv")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, "from,to,key\r\n", got.stdout)
	require.Contains(t, f.asked[0], "by=agent&format=csv")
}

func TestStaffingMarksTheFewest(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/reports/staffing", `{"erlangs":8,"agents":11,"items":[{"agents":10,"waits":40.918,"service_level":64.2,"asa":61.4,"occupancy":80},{"agents":11,"waits":24.6,"service_level":79.9,"asa":24.6,"occupancy":72.7}]}`)
	got := f.ask(t, "report", "staffing", "--calls", "96", "--aht", "5m")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, "GET /api/v1/reports/staffing?aht=300&calls=96&target=80&within=20", f.asked[0])
	require.Contains(t, got.stdout, "    11  24.6%    79.9%  24.6s      72.7%  <- the fewest")
}

func TestARunningSwitchMakesItsIndexAnewItself(t *testing.T) {
	f := newFake(t)
	looks := 0
	f.mux.HandleFunc("POST /api/v1/index/rebuild", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusAccepted) })
	f.mux.HandleFunc("GET /api/v1/status", func(w http.ResponseWriter, r *http.Request) {
		if looks++; looks == 1 {
			w.Write([]byte(`{"store":{"building":true,"behind":70},"journal":{"synced":100}}`))
			return
		}
		w.Write([]byte(`{"store":{"building":false},"journal":{"synced":100}}`))
	})
	got := f.ask(t, "rebuild")
	require.Equal(t, Done, got.code, got.stderr)
	require.Contains(t, got.stdout, "the index is made anew: 100 events in ")
	require.Equal(t, "70 events to go\n", got.stderr)
	f.ask(t, "rebuild", "--force")
	require.Contains(t, f.asked, "POST /api/v1/index/rebuild?force=true")
}

func TestTheIndexOfASwitchThatIsDownIsMadeAnew(t *testing.T) {
	var out, errs bytes.Buffer
	var got RebuildArgs
	m := Main{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Commands: Commands{
		Rebuild: func(_ context.Context, args RebuildArgs) (Rebuilt, error) {
			got = args
			args.Progress(5)
			return Rebuilt{Events: 9, Seconds: 2}, nil
		}}}
	require.Equal(t, Done, m.Run(t.Context(), []string{"rebuild", "--offline", "--force"}), errs.String())
	require.True(t, got.Force)
	require.NotNil(t, got.Config)
	require.Equal(t, "the index is made anew: 9 events in 2.0s\n", out.String())
	m.Commands.Rebuild = func(context.Context, RebuildArgs) (Rebuilt, error) { return Rebuilt{}, ErrRunning }
	require.Equal(t, Failed, m.Run(t.Context(), []string{"rebuild", "--offline"}))
	require.Contains(t, errs.String(), "a switch runs on this data folder")
	m.Commands.Rebuild = func(context.Context, RebuildArgs) (Rebuilt, error) { return Rebuilt{}, errors.New("disk") }
	require.Equal(t, Failed, m.Run(t.Context(), []string{"rebuild", "--offline"}))
}
