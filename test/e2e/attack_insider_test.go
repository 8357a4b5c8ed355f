package e2e

import (
	"flag"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var changingPort = regexp.MustCompile(`:\d+`)

func countBy(all map[string]int, key func(string) string) map[string]int {
	out := map[string]int{}
	for s, n := range all {
		out[key(s)] += n
	}
	return out
}

// A2: guessing shuts the guesser out, and not the one whose phone it is.
func TestAttackA02GuessingAPasswordShutsTheGuesserOut(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered, Trunks: "[{id: telecom, peers: [127.0.0.9], channels: 30}]"})
	w.ExpectError(`"kind":"guessing"`)
	thief := w.StationAt("thief", source(1), 0)
	line := thief.Registrar("8001", "not the secret", "MD5")
	shut := false
	for guess := range 40 {
		line.login.password = fmt.Sprint("guess ", guess)
		thief.send(line.request(300))
		select {
		case m := <-line.in:
			require.NotEqual(t, 200, m.status())
			if m.status() == 401 {
				require.True(t, line.login.take(m))
			} else {
				shut = true
			}
		case <-time.After(150 * time.Millisecond):
			shut = true
		}
		if shut {
			t.Logf("shut out after %d guesses", guess)
			require.GreaterOrEqual(t, guess, 5)
			break
		}
	}
	require.True(t, shut, "forty guesses were listened to")
	line.login = login{user: "8001", password: "digest secret", algorithm: "MD5"}
	thief.send(line.request(300))
	thief.send(line.request(300))
	time.Sleep(200 * time.Millisecond)
	require.Equal(t, "offline", w.Agent("8001").State, "the right guess comes too late")
	own := w.Station("8001", 0)
	own.Registrar("8001", "digest secret", "MD5").Register(300)
	w.AgentIs("8001", "ready")
	require.Contains(t, w.log.String(), `"kind":"guessing"`, "somebody is told")
	require.NotContains(t, w.log.String(), "guess ")
	require.NotContains(t, w.log.String(), "digest secret")
}

var rewriteMethods = flag.Bool("rewrite.methods", false, "write testdata/methods.txt anew")

// A3: what each method gets from each kind of source is written down, and what
// is not is refused.
func TestAttackA03EachMethodGetsWhatIsWrittenDown(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered, Trunks: "[{id: telecom, peers: [127.0.0.9], channels: 30}]"})
	phone := w.Station("8001", 0)
	phone.Registrar("8001", "digest secret", "MD5").Register(300)
	var out strings.Builder
	fmt.Fprintf(&out, "%-10s %-14s %-14s %-14s\n", "method", "stranger", "phone", "trunk")
	for _, method := range []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "REFER",
		"SUBSCRIBE", "NOTIFY", "MESSAGE", "PUBLISH", "INVALID"} {
		fmt.Fprintf(&out, "%-10s", method)
		for _, from := range []net.IP{source(5), nil, net.IPv4(127, 0, 0, 9)} {
			user := "8001"
			if from != nil && from[15] == 9 {
				user = "4008001234"
			}
			var answer string
			if from == nil {
				answer = phone.once(w.bare(method, user))
			} else {
				answer, _ = w.probe(from, w.bare(method, user), 150*time.Millisecond)
			}
			if strings.HasPrefix(answer, "SIP/2.0 100") {
				answer = "SIP/2.0 taken"
			}
			start, _, _ := strings.Cut(answer, "\r\n")
			status := strings.Fields("- " + strings.TrimPrefix(start, "SIP/2.0 ") + " -")
			fmt.Fprintf(&out, " %-14s", status[1])
		}
		out.WriteByte('\n')
	}
	got := out.String()
	const golden = "testdata/methods.txt"
	if *rewriteMethods {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// once sends text from the station's socket and gives the next answer to it.
func (s *Station) once(text string) string {
	got := make(chan message, 10)
	s.mu.Lock()
	id := between(text, "Call-ID: ", "\r\n")
	s.dropIn = func(m message) bool {
		if m.get("Call-ID") != id {
			return false
		}
		select {
		case got <- m:
		default:
		}
		return true
	}
	s.writeLocked(strings.ReplaceAll(text, "SELF", s.addr()))
	s.mu.Unlock()
	defer s.Lose(nil)
	select {
	case m := <-got:
		return m.String()
	case <-time.After(150 * time.Millisecond):
		return ""
	}
}

// A6: who knows a call's tags, but speaks from elsewhere, can do nothing to it.
func TestAttackA06AForgedRequestDoesNothingToACall(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite, Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 30}, {id: other, peers: [127.0.0.9], channels: 30}]"})
	c := w.Converse(pcmu, 101, pcma, 101)
	c.HearEachOther()
	for _, from := range []net.IP{source(6), net.IPv4(127, 0, 0, 9)} {
		for i, method := range []string{"BYE", "INVITE", "UPDATE", "INFO", "REFER", "CANCEL"} {
			for _, victim := range []*Talk{c.caller, c.agent} {
				m := victim.request(method, victim.seq+10+i).with("Refer-To", "<sip:0014155550100@127.0.0.1>")
				if method == "INVITE" || method == "UPDATE" {
					m = m.withSDP(w.Sound("thief", pcmu, 101).SDP("sendrecv"))
				}
				answer, _ := w.probe(from, strings.ReplaceAll(m.String(), victim.s.addr()+";branch", "SELF;branch"), 60*time.Millisecond)
				require.NotContains(t, answer, "SIP/2.0 2", "%s from %v", method, from)
			}
		}
		replaces := fmt.Sprintf("%s;to-tag=%s;from-tag=%s", c.caller.id, between(c.caller.remote+";", ";tag=", ";"), c.caller.tag)
		k := w.bare("INVITE", "4008001234")
		answer, _ := w.probe(from, strings.Replace(k, "Max-Forwards", "Replaces: "+replaces+"\r\nMax-Forwards", 1), 60*time.Millisecond)
		require.NotContains(t, answer, "SIP/2.0 2")
	}
	c.HearEachOther()
	require.Len(t, w.Calls(), 1)
	c.caller.Hangup()
	c.agent.HungUp()
	require.Equal(t, "caller-hangup", from(t, w.CDRs(1), "13800001").Cause)
}

// A8: a description that names what is not a peer's is refused, and nothing is
// ever sent there.
func TestAttackA08MediaGoesNowhereItMustNot(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.SetAgent("8001", "not-ready")
	w.SetAgent("8002", "not-ready")
	good := w.Sound("caller", pcmu, 101).SDP("sendrecv")
	up := w.Gateway().Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	taken := between(up.Answered().body, "m=audio ", " ")
	port := regexp.MustCompile(`m=audio \d+`)
	host := regexp.MustCompile(`c=IN IP4 \S+`)
	for what, body := range map[string]string{
		"broadcast":       host.ReplaceAllString(good, "c=IN IP4 255.255.255.255"),
		"multicast":       host.ReplaceAllString(good, "c=IN IP4 239.1.2.3"),
		"multicast, TTL":  host.ReplaceAllString(good, "c=IN IP4 224.0.0.1/127"),
		"IPv6 multicast":  host.ReplaceAllString(good, "c=IN IP6 ff02::1"),
		"our own port":    port.ReplaceAllString(good, "m=audio "+taken),
		"our SIP port":    port.ReplaceAllString(good, fmt.Sprintf("m=audio %d", w.SIP)),
		"port 22":         port.ReplaceAllString(good, "m=audio 22"),
		"port 65536":      port.ReplaceAllString(good, "m=audio 65536"),
		"port -1":         port.ReplaceAllString(good, "m=audio -1"),
		"port too long":   port.ReplaceAllString(good, "m=audio 4294967296"),
		"a thousand":      good + strings.Repeat("m=audio 9 RTP/AVP 0\r\n", 1000),
		"a name":          host.ReplaceAllString(good, "c=IN IP4 attacker.example"),
		"no address":      host.ReplaceAllString(good, "c=IN IP4 "),
		"packets of none": good + "a=ptime:0\r\n",
	} {
		k := w.Gateway().Call("13800001", "4008001234", body)
		m := k.ExpectOneOf("488 INVITE", "400 INVITE", "413 INVITE", "513 INVITE")
		t.Logf("%-16s %s", what, m.start)
		k.Nack(m)
	}
	up.Hangup()
	answer, _ := w.probe(net.IPv4(127, 0, 0, 1), w.bare("OPTIONS", "x"), 5*time.Second)
	require.Contains(t, answer, "SIP/2.0 200")
}
