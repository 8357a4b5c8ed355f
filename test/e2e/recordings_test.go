package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recordingView is what the API gives of a recording.
type recordingView struct {
	ID, Client, Queue, Agent, Site, From, Number, Trunk, SHA256, Format, Cause string
	CallID                                                                     string `json:"call_id"`
	Started                                                                    time.Time
	Length                                                                     float64
	Size                                                                       int64
}

func TestRecordingIsFetchedWholeOrInParts(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	time.Sleep(time.Second)
	record, _ := c.End()
	path := "/api/v1/recordings/" + record.Recording + "/audio"
	res, whole := w.Ask("GET", path, nil, nil)
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "audio/wav", res.Header.Get("Content-Type"))
	require.Equal(t, "bytes", res.Header.Get("Accept-Ranges"))
	require.Equal(t, strconv.Itoa(len(whole)), res.Header.Get("Content-Length"))
	tag := res.Header.Get("ETag")
	require.NotEmpty(t, tag)
	onDisk, err := os.ReadFile(w.wavFiles()[record.Recording])
	require.NoError(t, err)
	require.Equal(t, onDisk, whole)

	n := len(whole)
	for asked, want := range map[string][2]int{"bytes=0-43": {0, 44}, "bytes=100-": {100, n}, "bytes=-500": {n - 500, n},
		"bytes=1000-1999": {1000, 2000}, "bytes=10-999999999": {10, n}} {
		res, part := w.Ask("GET", path, nil, http.Header{"Range": {asked}})
		require.Equal(t, 206, res.StatusCode, asked)
		require.Equal(t, whole[want[0]:want[1]], part, asked)
		require.Equal(t, "bytes "+strconv.Itoa(want[0])+"-"+strconv.Itoa(want[1]-1)+"/"+strconv.Itoa(n), res.Header.Get("Content-Range"))
	}
	res, _ = w.Ask("GET", path, nil, http.Header{"Range": {"bytes=999999999-"}})
	require.Equal(t, 416, res.StatusCode)
	res, _ = w.Ask("GET", path, nil, http.Header{"If-None-Match": {tag}})
	require.Equal(t, 304, res.StatusCode)
	res, _ = w.Ask("GET", path, nil, http.Header{"Range": {"bytes=0-9"}, "If-Range": {`"other"`}})
	require.Equal(t, 200, res.StatusCode)
	res, _ = w.Ask("GET", path, nil, http.Header{"Authorization": {"Bearer wrong"}})
	require.Equal(t, 401, res.StatusCode)
	for _, id := range []string{"../../../switchroom.yaml", "00000000-0000-7000-8000-000000000000", record.Recording + ".wav", strings.ToUpper(record.Recording)} {
		status, _ := w.Do("GET", "/api/v1/recordings/"+url.PathEscape(id)+"/audio", nil)
		require.Equal(t, 404, status, id)
	}
}

func TestParticularsLieBesideTheSound(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.agent.Reinvite(c.desk.SDP("sendonly"))
	w.AgentIs("8001", "held")
	time.Sleep(700 * time.Millisecond)
	c.agent.Reinvite(c.desk.SDP("sendrecv"))
	c.HearEachOther()
	record, _ := c.End()
	wavPath := w.wavFiles()[record.Recording]
	day := record.Started.UTC().Format("2006/01/02")
	require.Contains(t, wavPath, "/recordings/"+day+"/"+record.ID+".wav")
	wav, err := os.ReadFile(wavPath)
	require.NoError(t, err)
	text, err := os.ReadFile(strings.TrimSuffix(wavPath, ".wav") + ".json")
	require.NoError(t, err)
	var meta struct {
		recordingView
		Sealed bool
		Marks  []struct {
			Kind, Who string
			Offset    float64
		}
	}
	require.NoError(t, json.Unmarshal(text, &meta), "%s", text)
	sum := sha256.Sum256(wav)
	require.True(t, meta.Sealed)
	require.Equal(t, hex.EncodeToString(sum[:]), meta.SHA256)
	require.EqualValues(t, len(wav), meta.Size)
	require.Equal(t, []string{record.ID, record.ID, "courier", "parcels", "8001", "chengdu", "13800001", "4008001234", "telecom", "caller-hangup", "ulaw"},
		[]string{meta.ID, meta.CallID, meta.Client, meta.Queue, meta.Agent, meta.Site, meta.From, meta.Number, meta.Trunk, meta.Cause, meta.Format})
	require.Len(t, meta.Marks, 2)
	require.Equal(t, []string{"hold", "agent"}, []string{meta.Marks[0].Kind, meta.Marks[0].Who})
	require.InDelta(t, record.Held, meta.Marks[1].Offset-meta.Marks[0].Offset, 0.3)
	var listed recordingView
	w.Get("/api/v1/recordings/"+record.ID, &listed)
	require.Equal(t, meta.SHA256, listed.SHA256)
	require.InDelta(t, meta.Length, listed.Length, 0.001)
}

func TestRecordingsAreListedByFilter(t *testing.T) {
	w := NewWorld(t, Options{Numbers: twoNumbers, Queues: usualQueue + `
  - {id: second, client: courier, rings: [{after: 0s, sites: [beijing]}], wrap_up: 0s}
  - {id: third, client: courier, rings: [{after: 0s}], wrap_up: 0s, record: never}`})
	g := w.Gateway()
	w.Phone(1, 0)
	w.Phone(2, 0)
	began := time.Now()
	for i, call := range []struct {
		from, number, agent string
		talk                time.Duration
	}{{"13800001", "4008001234", "8001", 400 * time.Millisecond}, {"13800002", "4008009999", "8002", 2 * time.Second}, {"13800003", "4008001234", "8001", 400 * time.Millisecond}} {
		voice := w.Sound("caller", pcmu, 101)
		k := g.Call(call.from, call.number, voice.SDP("sendrecv"))
		k.sound = voice
		k.Answered()
		w.AgentIs(call.agent, "talking")
		time.Sleep(call.talk)
		k.Hangup()
		w.CDRs(i + 1)
		w.AgentIs(call.agent, "ready")
	}
	w.Eventually(5*time.Second, "three recordings are listed", func() bool {
		var all list[recordingView]
		w.Get("/api/v1/recordings", &all)
		return len(all.Items) == 3
	})
	stamp := func(t time.Time) string { return url.QueryEscape(t.UTC().Format(time.RFC3339Nano)) }
	for query, want := range map[string][]string{
		"":                                  {"13800003", "13800002", "13800001"},
		"agent=8001":                        {"13800003", "13800001"},
		"queue=second":                      {"13800002"},
		"client=courier&agent=8002":         {"13800002"},
		"client=nobody":                     {},
		"number=13800001":                   {"13800001"},
		"number=4008009999":                 {"13800002"},
		"min_length=1.5":                    {"13800002"},
		"from=" + stamp(began):              {"13800003", "13800002", "13800001"},
		"to=" + stamp(began):                {},
		"from=" + stamp(time.Now()):         {},
		"queue=parcels&min_length=1000":     {},
		"agent=8001%27%20OR%20%271%27=%271": {},
	} {
		var got list[recordingView]
		w.Get("/api/v1/recordings?"+query, &got)
		callers := []string{}
		for _, r := range got.Items {
			callers = append(callers, r.From)
		}
		require.Equal(t, want, callers, query)
	}
	var paged []string
	for next := ""; ; {
		var page list[recordingView]
		w.Get("/api/v1/recordings?limit=1&cursor="+url.QueryEscape(next), &page)
		for _, r := range page.Items {
			paged = append(paged, r.From)
		}
		if next = page.Next; next == "" {
			break
		}
		require.Len(t, page.Items, 1)
	}
	require.Equal(t, []string{"13800003", "13800002", "13800001"}, paged)
}

func TestQueueThatIsNotRecordedLeavesNoSound(t *testing.T) {
	w := NewWorld(t, Options{Queues: usualQueue + "\n    record: never"})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.HungUp()
	require.Empty(t, w.CDR().Recording)
	require.Empty(t, w.wavFiles())
}
