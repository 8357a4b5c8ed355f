package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
)

func TestAgentsAreAlignedByWhatATerminalShows(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/agents", list[acd.AgentView]{Items: []acd.AgentView{
		{ID: "8001", Name: "李伟", Site: "chengdu", State: "ready", Registered: true, Skills: map[string]int{"parcels": 5, "mandarin": 4}},
		{ID: "8002", Name: "Zhang\x1b[2J\u202e", Site: "beijing", State: "talking", CallID: "c1"},
	}})
	got := f.ask(t, "agents")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, ""+
		"ID    NAME                SITE     STATE    REASON  FOR  PHONE           CALL  SKILLS\n"+
		"8001  李伟                chengdu  ready    -         -  reachable       -     mandarin:4 parcels:5\n"+
		`8002  Zhang\x1b[2J\u202e  beijing  talking  -         -  not registered  c1    -`+"\n",
		got.stdout)

	got = f.ask(t, "agents", "--site", "beijing", "--json")
	require.Contains(t, got.stdout, `"id": "8002"`)
	require.NotContains(t, got.stdout, "8001")
}

func TestAnAgentIsSetAndShown(t *testing.T) {
	f := newFake(t)
	f.answer("POST /api/v1/agents/8001/state", "")
	f.answer("GET /api/v1/agents/8001", acd.AgentView{ID: "8001", State: "not-ready", Reason: "lunch"})
	got := f.ask(t, "agents", "set", "8001", "not-ready", "--reason", "lunch")
	require.Equal(t, Done, got.code, got.stderr)
	require.JSONEq(t, `{"state": "not-ready", "reason": "lunch"}`, f.sent[0])
	require.Contains(t, got.stdout, "reason  lunch\n")
}

func TestAnAgentWhoIsLockedIsShownAndUnlocked(t *testing.T) {
	f := newFake(t)
	f.answer("DELETE /api/v1/agents/8001/dial-lock", "")
	f.answer("GET /api/v1/agents/8001", acd.AgentView{ID: "8001", State: "ready", DialLocked: true})
	got := f.ask(t, "agents", "show", "8001")
	require.Contains(t, got.stdout, "dials   locked: refused too many numbers (switchroom agents unlock 8001)\n")
	got = f.ask(t, "agents", "unlock", "8001")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, "DELETE /api/v1/agents/8001/dial-lock", f.asked[1])
}

func TestAnIdNeverLeavesItsPlaceInThePath(t *testing.T) {
	f := newFake(t)
	for _, id := range []string{"../../x?y=1", "..", "."} {
		require.Equal(t, Failed, f.ask(t, "agents", "show", id).code)
	}
	require.Equal(t, []string{"GET /api/v1/agents/..%2F..%2Fx%3Fy=1", "GET /api/v1/agents/%2E%2E", "GET /api/v1/agents/%2E"}, f.asked)
}

func TestQueuesAndStatusAreTables(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/queues", list[acd.QueueView]{Items: []acd.QueueView{
		{ID: "parcels", Client: "courier", Waiting: 3, LongestWait: 65, Answered: 9, Abandoned: 1, ServiceLevel: 77.777, Formula: "ignore"},
		{ID: "idle"}}})
	f.answer("GET /api/v1/status", `{"version":"v1","config":"abc","state":"running","calls":4,"waiting":3,"channels":[{"trunk":"telecom","state":"up","in_use":4,"limit":30}]}`)
	got := f.ask(t, "queues")
	require.Contains(t, got.stdout, "parcels  courier        3    1m05s      0     0         9          1         77.8 %  ignore\n")
	require.Contains(t, got.stdout, "idle     -              0     0.0s      0     0         0          0              -  -\n")
	got = f.ask(t, "status")
	require.Contains(t, got.stdout, "calls          4, 3 of them waiting\n")
	require.Contains(t, got.stdout, "telecom  up          4    0        30  -\n")
}

func TestHangingUpStopsAtTheFirstCallThatIsNotThere(t *testing.T) {
	f := newFake(t)
	f.answer("DELETE /api/v1/calls/a", "")
	f.mux.HandleFunc("DELETE /api/v1/calls/b", func(w http.ResponseWriter, r *http.Request) { refuse(w, 404, "there is no such call") })
	got := f.ask(t, "calls", "hangup", "a", "b", "c")
	require.Equal(t, Failed, got.code)
	require.Equal(t, "a released\n", got.stdout)
	require.Equal(t, "switchroom: hang up b: there is no such call\n", got.stderr)
	require.Len(t, f.asked, 2)
}

func TestACallThatIsOverIsShownFromItsRecord(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("GET /api/v1/calls/x", func(w http.ResponseWriter, r *http.Request) { refuse(w, 404, "there is no such call") })
	f.answer("GET /api/v1/cdrs/x", acd.CDR{ID: "x", Cause: "abandoned", Segments: []acd.Segment{{Kind: "queue", Queue: "parcels", Length: 12, Cause: "abandoned"}}})
	got := f.ask(t, "calls", "show", "x")
	require.Equal(t, Done, got.code, got.stderr)
	require.Contains(t, got.stdout, "state      finished\n")
	require.Contains(t, got.stdout, "0.0s  12.0s  queue  parcels  -      -     abandoned\n")
}

func TestWhySaysWhoWasExcluded(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/calls/x/decision", `{"items":[{"time":"2026-01-31T10:00:00.000Z","agent":"8001","outcome":"no-answer","trigger":"arrival","strategy":"longest-idle","considered":4,"not_ready":2,"no_skill":1,"idle":61}]}`)
	got := f.ask(t, "calls", "why", "x")
	require.Equal(t, Done, got.code, got.stderr)
	require.Contains(t, got.stdout, "to agent 8001 at ")
	require.Contains(t, got.stdout, "excluded       2 not ready, 1 without the skills\n")
	require.Contains(t, got.stdout, "idle 1m01s")
}

func TestWhySaysWhoWouldHaveBeenNextAndWhatPutThemBehind(t *testing.T) {
	for strategy, words := range map[string][]string{
		"longest-idle":   {"next  ", "agent 8002: idle 40.0s, site 0 in order of nearness, skill levels sum to 8; it had been idle for less time\n"},
		"best-skill":     {"it had been idle for less time", "its skills are lower"},
		"least-occupied": {"; it has worked more of its time", "50.0 % of its time in service"},
		"round-robin":    {"its turn comes later"},
		"fewest-calls":   {", 2 calls taken; it has taken more calls"},
		"top-down":       {"place 3 in the list; it stands lower in the list"},
	} {
		terms := map[string][2]string{"best-skill": {"-8", "-8"}, "least-occupied": {"0.25", "0.5"}, "round-robin": {"0", "3"}, "fewest-calls": {"1", "2"}, "top-down": {"0", "2"}, "longest-idle": {"0", "0"}}[strategy]
		f := newFake(t)
		f.answer("GET /api/v1/calls/x/decision", `{"items":[{"time":"2026-01-31T10:00:00.000Z","agent":"8001","outcome":"connected","trigger":"arrival","strategy":"`+strategy+`",
			"considered":4,"idle":61,"skill_sum":8,"term":`+terms[0]+`,"runners_up":[
			{"agent":"8002","idle":40,"skill_sum":8,"term":`+terms[1]+`},
			{"agent":"8004","idle":40,"skill_sum":5,"term":-5},
			{"agent":"8003","idle":90,"site_cost":1},{"agent":"8005","idle":99,"declined":true}]}]}`)
		got := f.ask(t, "calls", "why", "x")
		require.Equal(t, Done, got.code, got.stderr)
		for _, w := range append(words, "; its site is farther\n", "; it had declined the call\n") {
			require.Contains(t, got.stdout, w, strategy)
		}
	}
}

func TestListsFollowTheCursorUpToTheLimit(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("GET /api/v1/recordings", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("cursor") {
		case "":
			w.Write([]byte(`{"items":[{"id":"1"},{"id":"2"}],"next":"n2"}`))
		default:
			w.Write([]byte(`{"items":[{"id":"3"}]}`))
		}
	})
	got := f.ask(t, "recordings", "--limit", "0", "--queue", "parcels", "--min-length", "1m30s", "--from", "2026-01-31T10:00:00+08:00", "--json")
	require.Equal(t, Done, got.code, got.stderr)
	require.JSONEq(t, `{"items":[{"id":"1"},{"id":"2"},{"id":"3"}]}`, got.stdout)
	require.Equal(t, "GET /api/v1/recordings?from=2026-01-31T02%3A00%3A00.000Z&limit=500&min_length=90&queue=parcels", f.asked[0])
	require.Contains(t, f.asked[1], "cursor=n2")

	got = f.ask(t, "recordings", "list", "--limit", "2")
	require.Equal(t, 3, strings.Count(got.stdout, "\n"))
	require.Contains(t, got.stderr, "there are more than 2")
}

func TestExportWritesOnlyWhatIsProven(t *testing.T) {
	const good, bad = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
	sum := sha256.Sum256([]byte("RIFF..."))
	f := newFake(t)
	f.answer("GET /api/v1/recordings", `{"items":[{"id":"`+good+`","queue":"parcels","sha256":"`+hex.EncodeToString(sum[:])+`"},`+
		`{"id":"`+bad+`","sha256":"00"},{"id":"../../evil"}]}`)
	f.answer("GET /api/v1/recordings/{id}/audio", "RIFF...")
	folder := filepath.Join(t.TempDir(), "new")
	got := f.ask(t, "recordings", "export", "-o", folder)
	require.Equal(t, Failed, got.code)
	require.Equal(t, good+".wav  7 B\n", got.stdout)
	require.Contains(t, got.stderr, "its sha256 is")
	require.Contains(t, got.stderr, "its id is no UUID")
	require.Contains(t, got.stderr, "2 of 3 recordings were not exported")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	sound, err := os.ReadFile(filepath.Join(folder, good+".wav"))
	require.NoError(t, err)
	require.Equal(t, "RIFF...", string(sound))
	meta, err := os.ReadFile(filepath.Join(folder, good+".json"))
	require.NoError(t, err)
	require.Contains(t, string(meta), `"queue": "parcels"`)
}

func TestAReloadThatIsRefusedShowsTheFaults(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("POST /api/v1/config/reload", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, 422, "the configuration has faults", "switch.yaml:3:1: unknown key")
	})
	got := f.ask(t, "reload")
	require.Equal(t, Failed, got.code)
	require.Equal(t, "switch.yaml:3:1: unknown key\n", got.stdout)
	require.Equal(t, "switchroom: not reloaded, the configuration before still runs: the configuration has faults\n", got.stderr)
}

func TestASwitchThatCannotBeAskedIsNamed(t *testing.T) {
	f := newFake(t)
	got := run(t, map[string]string{"SWITCHROOM_URL": f.URL, "SWITCHROOM_TOKEN": "wrong"}, "status")
	require.Equal(t, Failed, got.code)
	require.Contains(t, got.stderr, "does not know the token")
	got = run(t, map[string]string{"SWITCHROOM_URL": "http://127.0.0.1:1", "SWITCHROOM_TOKEN": "x"}, "status")
	require.Equal(t, Failed, got.code)
	require.Contains(t, got.stderr, "no switch answers at http://127.0.0.1:1 (")
	require.Contains(t, got.stderr, "switchroom serve")
	f.answer("GET /api/v1/status", "<html>")
	require.Contains(t, f.ask(t, "status").stderr, "is no switch")
}

func TestMomentsAreReadInTheUsersZone(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	now := time.Date(2026, 2, 1, 12, 30, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"today":                now.Add(-12*time.Hour - 30*time.Minute),
		"90m":                  now.Add(-90 * time.Minute),
		"2026-01-31":           time.Date(2026, 1, 31, 0, 0, 0, 0, zone),
		"2026-01-31T15:04":     time.Date(2026, 1, 31, 15, 4, 0, 0, zone),
		"2026-01-31 15:04:05":  time.Date(2026, 1, 31, 15, 4, 5, 0, zone),
		"2026-01-31T15:04:05Z": time.Date(2026, 1, 31, 15, 4, 5, 0, time.UTC),
	} {
		got, err := parseWhen(text, now)
		require.NoError(t, err)
		require.True(t, want.Equal(got), "%s: %s", text, got)
	}
	for _, text := range []string{"", "yesterday", "-5m", "2026-13-01"} {
		_, err := parseWhen(text, now)
		require.Error(t, err, text)
	}
}

func TestSpansReadWell(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0.0s", 4.25: "4.2s", 59.99: "1m00s", 60: "1m00s", 65: "1m05s", 3599.9: "1h00m", 7380: "2h03m", -5: "-5.0s"} {
		require.Equal(t, want, span(seconds))
	}
}
