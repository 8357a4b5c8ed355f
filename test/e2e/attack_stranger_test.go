package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// long has the attacks last as long as an audit wants, instead of as long as
// shows that they are withstood.
var long = flag.Bool("attacks.long", false, "attack for minutes instead of seconds")

// probe sends text to the switch from an address of the loopback network and
// gives the first answer that comes within patience, or "".
func (w *World) probe(from net.IP, text string, patience time.Duration) (answer string, took time.Duration) {
	w.t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: from}, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: w.SIP})
	require.NoError(w.t, err)
	defer conn.Close()
	text = strings.ReplaceAll(text, "SELF", conn.LocalAddr().String())
	began := time.Now()
	_, err = conn.Write([]byte(text))
	require.NoError(w.t, err)
	require.NoError(w.t, conn.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 65536)
	n, err := conn.Read(buf)
	if err != nil {
		return "", time.Since(began)
	}
	return string(buf[:n]), time.Since(began)
}

// bare is a request that any tool would send; SELF stands for who sends it.
func (w *World) bare(method, user string) string {
	uri := fmt.Sprintf("sip:%s@127.0.0.1:%d", user, w.SIP)
	target := uri
	if method == "REGISTER" {
		target = fmt.Sprintf("sip:127.0.0.1:%d", w.SIP)
	}
	return strings.Join([]string{method + " " + target + " SIP/2.0", "Via: SIP/2.0/UDP SELF;rport;branch=" + newBranch(),
		"Max-Forwards: 70", "From: <" + uri + ">;tag=" + newTag(), "To: <" + uri + ">",
		"Call-ID: " + newBranch(), "CSeq: 1 " + method, "Contact: <sip:x@SELF>", "Content-Length: 0", "", ""}, "\r\n")
}

// source is the n-th of many addresses that nobody has configured.
func source(n int) net.IP { return net.IPv4(127, byte(20+n>>16), byte(n>>8), byte(n)) }

// A1: whoever asks for users that are there and for users that are not learns
// from neither answers nor their time which are which.
func TestAttackA01NobodyLearnsWhichUsersThereAre(t *testing.T) {
	users := 150
	if *long {
		users = 2000
	}
	var agents strings.Builder
	for i := range users {
		fmt.Fprintf(&agents, "\n  - {id: \"%d\", site: chengdu, password: \"secret %d\"}", 10000+i, i)
	}
	w := NewWorld(t, Options{Agents: agents.String(), Trunks: "[{id: telecom, peers: [127.0.0.9], channels: 30}]"})
	shapes := map[string]int{}
	var real, fake []time.Duration
	for n := range 2 * users {
		user := strconv.Itoa(10000 + n/2)
		if n%2 == 1 {
			user = strconv.Itoa(70000 + rand.IntN(20000))
		}
		answer, took := w.probe(source(n), w.bare("REGISTER", user), 2*time.Second)
		m, err := parseMessage([]byte(answer))
		require.NoError(t, err)
		shapes[strings.ReplaceAll(bytesOf(m, user), source(n).String(), "SOURCE")]++
		if n%2 == 0 {
			real = append(real, took)
		} else {
			fake = append(fake, took)
		}
	}
	for shape := range shapes {
		require.Contains(t, shape, "401 Unauthorized")
	}
	ports := func(s string) string { return changingPort.ReplaceAllString(s, ":*") }
	require.Len(t, countBy(shapes, ports), 1, "answers differ: %v", shapes)
	area := auc(real, fake)
	t.Logf("%d users each: area under the curve %.3f (0.5 is a guess)", users, area)
	require.InDelta(t, 0.5, area, 0.05+1/float64(users)*15)
	for n, method := range []string{"INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE"} {
		for _, user := range []string{"10000", "70000"} {
			answer, _ := w.probe(source(9000+n), w.bare(method, user), 150*time.Millisecond)
			require.Empty(t, answer, "%s %s", method, user)
		}
	}
}

// auc is how well a classifier by time tells a from b: 0.5 is a guess.
func auc(a, b []time.Duration) float64 {
	wins := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				wins++
			case x == y:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(a)*len(b))
}

// A9: strangers by the hundred get no answer, no memory and no log, and the
// calls of those who may call go on as if nothing were.
func TestAttackA09AFloodOfStrangersIsNotNoticed(t *testing.T) {
	last, rate := 3*time.Second, 8000
	if *long {
		last, rate = time.Minute, 20000
	}
	w := NewWorld(t, Options{Queues: oneSite})
	w.Desk(1).PicksUp(0, 200*time.Millisecond, w.Sound("agent", pcmu, 101))
	g, voice := w.Gateway(), w.Sound("caller", pcmu, 101).SDP("sendrecv")
	oneCall := func() {
		k := g.Call("13800001", "4008001234", voice)
		k.Answered()
		k.HungUp()
	}
	oneCall()
	before, lines := w.resident(), len(w.log.lines())
	stop, sent := make(chan struct{}), make(chan int, 1)
	go func() { sent <- w.flood(rate, stop) }()
	began, calls := time.Now(), 1
	for time.Since(began) < last {
		oneCall()
		calls++
	}
	close(stop)
	n := <-sent
	grown, logged := w.resident()-before, len(w.log.lines())-lines
	t.Logf("%d datagrams in %v from 254 addresses: %d calls beside them all answered, memory grown by %.1f MB, %d log lines",
		n, time.Since(began).Round(time.Millisecond), calls, float64(grown)/1e6, logged)
	require.Len(t, w.CDRs(calls), calls)
	require.Less(t, grown, 20<<20*raceFactor)
	require.Less(t, logged, 100+int(10*time.Since(began).Seconds())+20*calls)
}

// raceFactor allows for what the race detector adds to each allocation.
const raceFactor = 5

func (w *World) flood(rate int, stop chan struct{}) (sent int) {
	var socks []*net.UDPConn
	for n := range 254 {
		c, err := net.DialUDP("udp", &net.UDPAddr{IP: source(20000 + n)}, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: w.SIP})
		if err != nil {
			w.t.Error(err)
			return sent
		}
		defer c.Close()
		socks = append(socks, c)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return sent
		case <-tick.C:
			for range rate / 100 {
				c := socks[sent%len(socks)]
				method := []string{"INVITE", "REGISTER", "OPTIONS"}[sent%3]
				_, _ = c.Write([]byte(strings.ReplaceAll(w.bare(method, "8001"), "SELF", c.LocalAddr().String())))
				sent++
			}
		}
	}
}

// resident is the switch's memory in bytes.
func (w *World) resident() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", w.cmd.Process.Pid))
	require.NoError(w.t, err)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	require.NoError(w.t, err)
	return pages * os.Getpagesize()
}

// A10: each message of RFC 4475 and RFC 5118, whole and in pieces, from a
// trunk and from strangers: the switch answers the next question as before.
func TestAttackA10TortureIsSurvived(t *testing.T) {
	w := NewWorld(t, Options{Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 30}]"})
	files, err := filepath.Glob("../../sip/wire/testdata/rfc*/*.dat")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 62)
	alive := func(what string) {
		answer, _ := w.probe(net.IPv4(127, 0, 0, 1), w.bare("OPTIONS", "x"), 5*time.Second)
		require.True(t, strings.HasPrefix(answer, "SIP/2.0 200"), "after %s: %q", what, answer)
	}
	answered := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		answer, _ := w.probe(source(30000), string(text), 5*time.Millisecond)
		if answer != "" { // a phone that may be one of ours has to prove it
			require.True(t, strings.HasPrefix(string(text), "REGISTER ") && strings.HasPrefix(answer, "SIP/2.0 401"), "%s: %s", file, answer)
		}
		if answer, _ := w.probe(net.IPv4(127, 0, 0, 1), string(text), 20*time.Millisecond); answer != "" {
			answered++
		}
		w.trickle(text)
		alive(file)
	}
	t.Logf("%d messages, of which %d are answered to the message's own source", len(files), answered)
}

// trickle sends a message over TCP, its first bytes one by one, and hangs up.
func (w *World) trickle(text []byte) {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", w.SIP))
	require.NoError(w.t, err)
	defer c.Close()
	cut := min(len(text), 40)
	for i := range cut {
		if _, err := c.Write(text[i : i+1]); err != nil {
			return
		}
	}
	_, _ = c.Write(text[cut:])
}

// A13: nothing that comes off the network becomes a line of its own in the log.
func TestAttackA13NoTextForgesALogLine(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	evil := "a\x1b[2J\x07%0d%0a{\\\"level\\\":\\\"error\\\"}\u202e<script>" + strings.Repeat("A", 3000)
	for _, spoil := range []func(*message){
		func(m *message) { m.headers[1][1] = `"` + evil + `" <sip:../../etc/passwd@127.0.0.1>;tag=x` },
		func(m *message) { m.headers[3][1] = "../../" + evil },
		func(m *message) { m.start = "INVITE sip:4008001234;id@127.0.0.1\x1b[31m SIP/2.0" },
		func(m *message) { m.start = "INVITE sip:$(id)`id`@127.0.0.1 SIP/2.0" },
	} {
		k := w.Gateway().Prepare("13800001", fmt.Sprintf("sip:4008001234@127.0.0.1:%d", w.SIP), w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		m := k.invite
		m.headers = slices.Clone(m.headers)
		spoil(&m)
		conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", w.SIP))
		require.NoError(t, err)
		_, err = conn.Write([]byte(m.String()))
		require.NoError(t, err)
		conn.Close()
	}
	time.Sleep(300 * time.Millisecond)
	for _, line := range w.log.lines() {
		require.True(t, strings.HasPrefix(line, `{"level":"`) && strings.HasSuffix(line, "}"), "forged: %q", line)
		require.Less(t, len(line), 2048)
		require.NotContains(t, line, "\x1b")
		require.NotContains(t, line, "\u202e")
	}
	require.NoFileExists(t, w.path("data", "etc", "passwd"))
	for _, path := range w.wavFiles() {
		require.Regexp(t, `/recordings/\d{4}/\d\d/\d\d/[0-9a-f-]{36}\.wav$`, path)
	}
	for _, c := range w.Calls() {
		w.Do("DELETE", "/api/v1/calls/"+c.ID, nil)
	}
}
