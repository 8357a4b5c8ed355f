package e2e

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// poisons are what may not come through as anything but text, or at all.
var poisons = []string{"13812345678\r\nX-Evil: 1", "13812345678\nX-Evil: 1", "13812345678\x00X-Evil: 1", "%0d%0aX-Evil:%201",
	"1> \r\nX-Evil: 1\r\nTo: <sip:2", "13812345678;id", "$(id)", "`id`", "../../../../etc/passwd", "' OR 1=1; DROP TABLE cdrs; --", "\"><script>",
	"sip:13812345678@127.0.0.1\r\n\r\nBYE sip:x SIP/2.0", strings.Repeat("1", 4096)}

// watched keeps every message that a station hears, whole.
func (s *Station) watched(all *sync.Map) {
	s.Lose(func(m message) bool {
		all.Store(m.same(), m)
		return false
	})
}

// A12, from the API: nothing that is asked for there writes a line of SIP.
func TestAttackA12NoFieldOfTheAPIReachesTheWire(t *testing.T) {
	o := Options{Queues: oneSite, Trunks: `
  - {id: telecom, peers: [127.0.0.1], channels: 30}
  - {id: out, address: "sip:127.0.0.1:%PORT%", channels: 30}`,
		Extra: `outbound: {limit: 5s, record: never, lock: {refusals: 0}, routes: [{prefix: "", trunks: [out]}]}`}
	w := NewWorld(t, o)
	o.Agents = fmt.Sprintf(`
  - {id: "8001", site: chengdu, contact: "sip:8001@127.0.0.1:%d", dial: [all]}
  - {id: "8002", site: chengdu, contact: "sip:8002@127.0.0.1:%d", dial: [all], ready_on_register: false}`, w.PhonePort(1), w.PhonePort(2))
	w.Configure(o)
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	var wire sync.Map
	carrier, second, gateway := w.Station("carrier", w.PhonePort(3)), w.Desk(2), w.Gateway()
	desk := w.Desk(1)
	for _, s := range []*Station{carrier, second, gateway, desk} {
		s.watched(&wire)
	}
	voice, sound := w.Sound("caller", pcmu, 101).SDP("sendrecv"), w.Sound("agent", pcmu, 101).SDP("sendrecv")
	k := gateway.Call("13800001", "4008001234", voice)
	k.Answered()
	ring := desk.Ring()
	ring.Answer(sound)
	id := w.CallsAre(1, "talking")[0].ID
	asked := 0
	for _, evil := range poisons {
		for _, q := range []struct {
			method, path string
			body         map[string]any
		}{
			{"POST", "/api/v1/calls", map[string]any{"agent": "8002", "number": evil}},
			{"POST", "/api/v1/calls", map[string]any{"agent": evil, "number": "13812345678"}},
			{"POST", "/api/v1/calls", map[string]any{"agent": "8002", "number": "13812345678", "client": evil}},
			{"POST", "/api/v1/calls/" + id + "/transfer", map[string]any{"to": evil}},
			{"POST", "/api/v1/calls/" + id + "/consult", map[string]any{"to": evil}},
			{"POST", "/api/v1/calls/" + id + "/pull", map[string]any{"agent": evil}},
			{"POST", "/api/v1/calls/" + id + "/supervisor", map[string]any{"phone": evil, "mode": "listen"}},
			{"POST", "/api/v1/calls/" + id + "/recording", map[string]any{"action": evil, "reason": evil}},
			{"POST", "/api/v1/calls/" + id + "/recording", map[string]any{"action": "pause", "reason": evil}},
			{"POST", "/api/v1/agents/8001/state", map[string]any{"state": evil, "reason": "x"}},
			{"POST", "/api/v1/agents/8001/disposition", map[string]any{"code": evil, "note": evil}},
			{"PUT", "/api/v1/agents/8001/phone", map[string]any{"phone": evil}},
			{"DELETE", "/api/v1/calls/" + url.PathEscape(evil), nil},
			{"GET", "/api/v1/agents/" + url.PathEscape(evil), nil},
		} {
			var in any
			if q.body != nil {
				in = q.body
			}
			status, body := w.Do(q.method, q.path, in)
			require.Less(t, status, 500, "%s %s %.80q: %s", q.method, q.path, q.body, body)
			if len(q.body) > 0 && !strings.Contains(q.path, "recording") {
				require.GreaterOrEqual(t, status, 400, "%s %s %.80q: %s", q.method, q.path, q.body, body)
			}
			asked++
		}
		// The reason of a state is text that is kept, and goes nowhere else.
		status, _ := w.Do("POST", "/api/v1/agents/8002/state", map[string]any{"state": "not-ready", "reason": evil})
		require.Less(t, status, 500)
	}
	k.Hangup()
	ring.HungUp()
	messages := 0
	wire.Range(func(_, v any) bool {
		m := v.(message)
		messages++
		require.Empty(t, m.get("X-Evil"))
		require.NotContains(t, strings.ToLower(m.String()), "evil")
		require.NotContains(t, m.String(), "passwd")
		return true
	})
	numbers := carrier.saw("INVITE")
	t.Logf("%d questions, %d messages on the wire", asked, messages)
	require.False(t, numbers, "a number was called")
	require.Positive(t, messages)
}

// A12, from a caller: what stands in its headers is kept as it came, names no
// file, and is no SQL, whichever filter meets it.
func TestAttackA12CallersNamesAreTextAndNothingElse(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.Desk(1).PicksUp(0, 1200*time.Millisecond, w.Sound("agent", pcmu, 101))
	w.SetAgent("8002", "not-ready")
	gateway, voice := w.Gateway(), w.Sound("caller", pcmu, 101).SDP("sendrecv")
	froms := []string{"..%2F..%2Fetc%2Fpasswd", "../../etc/passwd", "%00", "a%00b", "%0d%0aX-Evil:1", "'%20OR%201=1;--", "');DROP+TABLE+cdrs;--",
		"$(id)", "%60id%60", "%22%3E%3Cscript%3E", strings.Repeat("A", 4096)}
	taken := 0
	for _, from := range froms {
		k := gateway.Prepare("x", fmt.Sprintf("sip:4008001234@127.0.0.1:%d", w.SIP), voice)
		k.local = fmt.Sprintf("\"'; DROP TABLE cdrs; --\" <sip:%s@127.0.0.1>;tag=%s", from, k.tag)
		for i, h := range k.invite.headers {
			if h[0] == "From" {
				k.invite.headers[i][1] = k.local
			}
		}
		k.invite = k.invite.with("User-Agent", "' UNION SELECT token FROM tokens; --").with("Subject", "../../x").with("X-Switchroom-Client", "airline")
		gateway.send(k.invite)
		m := k.ExpectOneOf("200 INVITE", "400 INVITE", "414 INVITE", "513 INVITE")
		t.Logf("%.40s: %s", from, m.start)
		if m.status() != 200 {
			k.Nack(m)
			continue
		}
		taken++
		k.Ack("")
		k.HungUp()
	}
	require.Greater(t, taken, 5)
	w.CDRs(taken)
	filters := append([]string{"' OR '1'='1", "x' UNION SELECT 1,2,3 --", "%", "_", "1; DROP TABLE cdrs", "\\", "0\x00"}, froms[:8]...)
	for _, path := range []string{"/api/v1/cdrs", "/api/v1/recordings"} {
		for _, key := range []string{"from", "to", "client", "queue", "agent", "number", "limit", "cursor", "min_length", "sort", "order", "id"} {
			for _, evil := range filters {
				q := path + "?" + url.Values{key: {evil}}.Encode()
				status, body := w.Do("GET", q, nil)
				require.Less(t, status, 500, "%s: %s", q, body)
				if status == 200 && (key == "client" || key == "queue" || key == "agent" || key == "number") {
					require.Contains(t, string(body), `"items":[]`, q)
				}
			}
		}
	}
	for _, path := range []string{"/api/v1/cdrs/", "/api/v1/recordings/", "/api/v1/calls/", "/api/v1/queues/"} {
		for _, evil := range filters {
			status, body := w.Do("GET", path+url.PathEscape(evil), nil)
			require.Less(t, status, 500, "%s%s: %s", path, evil, body)
			require.GreaterOrEqual(t, status, 400, "%s%s", path, evil)
		}
	}
	require.Len(t, w.CDRs(taken), taken, "all there are")
	for _, path := range w.wavFiles() {
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.wav$`, filepath.Base(path))
	}
	require.NoFileExists(t, w.path("etc", "passwd"))
	require.NoFileExists(t, w.path("data", "etc", "passwd"))
}
