package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// team are people at real phones: 8001 takes calls, 8002 is a colleague, 8009
// leads them, 8005 may call them.
type team struct {
	*World
	li, wang, boss *Softphone
}

func newTeam(t *testing.T, phones int) *team {
	w := NewWorld(t, Options{Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, team: dawn, skills: {parcels: 5}, dial: [all]}
  - {id: "8002", name: Wang Fang, site: chengdu, password: secret2, team: dawn, skills: {parcels: 5}, ready_on_register: false}
  - {id: "8005", name: Sun Hao, site: beijing, password: secret5, team: dusk, skills: {none: 1}, ready_on_register: false}
  - {id: "8009", name: Chen Yu, site: chengdu, password: secret9, team: dawn, supervisor: true, ready_on_register: false}`})
	f := &team{World: w, li: w.Softphone("agent"), wang: w.Softphone("agent2")}
	f.li.Login("8001", "secret1", "")
	f.wang.Login("8002", "secret2", "")
	w.AgentIs("8001", "ready")
	w.Eventually(10*time.Second, "8002 registers", func() bool { return w.Agent("8002").Registered })
	if phones > 2 {
		f.boss = w.Softphone("boss")
		f.boss.Login("8009", "secret9", "")
		w.Eventually(10*time.Second, "8009 registers", func() bool { return w.Agent("8009").Registered })
	}
	return f
}

// call is a caller in talk with 8001.
func (f *team) call() (caller *Talk, voice *Sound, id string) {
	f.t.Helper()
	voice = f.Sound("caller", pcmu, 101)
	caller = f.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	caller.Answered()
	f.AgentIs("8001", "talking")
	voice.Hears("agent")
	return caller, voice, f.Calls()[0].ID
}

// dumps is what a phone has heard in each of its calls, in their order.
func (p *Softphone) dumps() (all [][]int16) {
	p.w.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav"))
	require.NoError(p.w.t, err)
	slices.Sort(files)
	for i, f := range files {
		raw := filepath.Join(p.dir, fmt.Sprintf("heard%d.raw", i))
		out, err := exec.Command("sox", f, "-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-c", "1", raw).CombinedOutput()
		require.NoError(p.w.t, err, "%s", out)
		pcm, err := os.ReadFile(raw)
		require.NoError(p.w.t, err)
		all = append(all, samplesOf(pcm))
	}
	return all
}

// hasTone reports whether a tone is plainly in a stretch, among others.
func hasTone(samples []int16, tone string) bool {
	share, rms := power(samples, tones[tone])
	return share > 0.15 && rms > 700
}

// longest is the longest time for which every tenth of a second has all of some
// tones and none of others.
func longest(samples []int16, has, not []string) (seconds float64) {
	run := 0.0
	for at := 0; at+800 <= len(samples); at += 800 {
		ok := true
		for _, t := range has {
			ok = ok && hasTone(samples[at:at+800], t)
		}
		for _, t := range not {
			share, _ := power(samples[at:at+800], tones[t])
			ok = ok && share < 0.1
		}
		if !ok {
			run = 0
			continue
		}
		run += 0.1
		seconds = max(seconds, run)
	}
	return seconds
}

// heardTogether demands that somewhere a phone's calls, or a channel, have for
// half a second all of some tones and none of others.
func (w *World) heardTogether(all [][]int16, has, not []string) {
	w.t.Helper()
	best := 0.0
	for _, one := range all {
		best = max(best, longest(one, has, not))
	}
	require.GreaterOrEqual(w.t, best, 0.5, "nowhere %v together without %v", has, not)
}

func TestSoftphonesHoldAndTransferWithoutAWord(t *testing.T) {
	f := newTeam(t, 2)
	caller, voice, _ := f.call()
	time.Sleep(700 * time.Millisecond)
	f.li.Command("hold", "")
	f.AgentIs("8001", "held")
	voice.HearsMusic()
	f.li.Command("resume", "")
	f.AgentIs("8001", "talking")
	voice.Hears("agent")
	time.Sleep(700 * time.Millisecond)

	f.li.Command("transfer", f.uri("8002"))
	f.wang.Saw("CALL_ESTABLISHED", 1)
	voice.Hears("agent2")
	f.li.Saw("CALL_CLOSED", 1)
	f.AgentIs("8001", "ready")
	f.AgentIs("8002", "talking")
	time.Sleep(time.Second)
	caller.Hangup()
	f.wang.Saw("CALL_CLOSED", 1)

	r := f.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "hold/", "ring/answered", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	require.Equal(t, "8002", r.Agent)
	require.Positive(t, r.Held)
	tape := f.Recording(r.Recording)
	f.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	f.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	f.heardTogether([][]int16{tape.Caller}, []string{"caller"}, nil)
	f.heardTogether(f.wang.dumps(), []string{"caller"}, []string{"agent"})
	voice.Continuous()
}

func TestATransferThatFailsLeavesASoftphoneWithItsCaller(t *testing.T) {
	f := newTeam(t, 2)
	caller, voice, _ := f.call()
	f.wang.Command("uadel", f.uri("8002"))
	f.Eventually(10*time.Second, "8002 is away", func() bool { return !f.Agent("8002").Registered })
	f.li.Command("transfer", f.uri("8002"))
	f.li.Saw("TRANSFER_FAILED", 1)
	// This phone hangs up when it hears of the failure, and is rung again.
	f.li.Saw("CALL_ESTABLISHED", 2)
	f.AgentIs("8001", "talking")
	voice.Hears("agent")
	caller.Hangup()
	require.Equal(t, "8001", f.CDR().Agent)
}

// replaces is the Refer-To of the line on which a phone consults.
func (f *team) replaces(call, user string) string {
	f.t.Helper()
	var ladder list[struct {
		Direction, Text string
		CallID          string `json:"call_id"`
	}]
	f.Get("/api/v1/calls/"+call+"/ladder", &ladder)
	for _, m := range slices.Backward(ladder.Items) {
		head, _, _ := strings.Cut(m.Text, "\r\n\r\n")
		if m.Direction == "out" && strings.HasPrefix(head, "SIP/2.0 200") && strings.Contains(head, "\r\nCSeq: ") && strings.Contains(head, " INVITE\r\n") && strings.Contains(head, "<"+f.uri("8002")) {
			tag := func(header string) string {
				for line := range strings.SplitSeq(head, "\r\n") {
					if name, v, _ := strings.Cut(line, ":"); strings.EqualFold(name, header) {
						_, tag, _ := strings.Cut(v, "tag=")
						tag, _, _ = strings.Cut(tag, ";")
						return tag
					}
				}
				return ""
			}
			// Seen from who is consulted: its tag is ours, the other the phone's.
			return "<" + f.uri(user) + "?Replaces=" + url.QueryEscape(m.CallID+";to-tag="+tag("To")+";from-tag="+tag("From")) + ">"
		}
	}
	f.t.Fatal("the consultation is not in the ladder")
	return ""
}

func TestSoftphonesConsultAndTransfer(t *testing.T) {
	f := newTeam(t, 2)
	caller, voice, id := f.call()
	f.li.Command("hold", "")
	voice.HearsMusic()
	f.li.Command("dial", f.uri("8002"))
	f.wang.Saw("CALL_ESTABLISHED", 1)
	f.AgentIs("8002", "talking")
	f.AgentIs("8001", "held")
	voice.HearsMusic()
	time.Sleep(1200 * time.Millisecond)

	f.li.Command("line", "1")
	f.li.Command("transfer", f.replaces(id, "8002"))
	voice.Hears("agent2")
	f.li.Saw("CALL_CLOSED", 2)
	f.AgentIs("8001", "ready")
	time.Sleep(time.Second)
	caller.Hangup()
	f.wang.Saw("CALL_CLOSED", 1)

	r := f.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "consult/transferred", "hold/", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	tape := f.Recording(r.Recording)
	f.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	f.heardTogether(f.wang.dumps(), []string{"agent"}, []string{"caller"})
	f.heardTogether(f.wang.dumps(), []string{"caller"}, []string{"agent"})
	f.heardTogether(f.li.dumps(), []string{"agent2"}, []string{"caller"})
	voice.Continuous()
}

func TestSoftphonesTalkInThreesAndOneLeaves(t *testing.T) {
	f := newTeam(t, 2)
	caller, voice, _ := f.call()
	f.li.Command("sndcode", "*428002#")
	f.wang.Saw("CALL_ESTABLISHED", 1)
	voice.HearsMusic()
	f.AgentIs("8001", "held")
	time.Sleep(time.Second)
	f.li.Command("sndcode", "*43")
	f.AgentIs("8001", "talking")
	f.Eventually(8*time.Second, "the caller hears both", func() bool {
		heard := voice.last(500 * time.Millisecond)
		return len(heard) > 3000 && hasTone(heard, "agent") && hasTone(heard, "agent2")
	})
	time.Sleep(time.Second)
	f.li.Command("hangup", "")
	voice.Hears("agent2")
	f.AgentIs("8001", "ready")
	time.Sleep(time.Second)
	caller.Hangup()
	f.wang.Saw("CALL_CLOSED", 1)

	r := f.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "hold/", "consult/conference", "conference/left", "talk/left", "talk/caller-hangup"}, r.kinds())
	tape := f.Recording(r.Recording)
	f.heardTogether([][]int16{tape.Agent}, []string{"agent", "agent2"}, nil)
	f.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	f.heardTogether(f.wang.dumps(), []string{"agent"}, []string{"caller"})
	f.heardTogether(f.wang.dumps(), []string{"agent", "caller"}, nil)
	f.heardTogether(f.li.dumps(), []string{"agent2", "caller"}, nil)
}

func TestASupervisorsSoftphoneListensWhispersAndBargesIn(t *testing.T) {
	f := newTeam(t, 3)
	caller, voice, id := f.call()
	f.boss.Command("dial", f.uri("*618001"))
	f.boss.Saw("CALL_ESTABLISHED", 1)
	time.Sleep(1200 * time.Millisecond)
	voice.Hears("agent") // alone
	f.boss.Command("sndcode", "*62")
	f.mode(id, "whisper")
	time.Sleep(1200 * time.Millisecond)
	voice.Hears("agent") // still
	f.boss.Command("sndcode", "*63")
	f.mode(id, "barge")
	f.Eventually(8*time.Second, "the caller hears both", func() bool {
		heard := voice.last(500 * time.Millisecond)
		return len(heard) > 3000 && hasTone(heard, "agent") && hasTone(heard, "boss")
	})
	time.Sleep(time.Second)
	f.boss.Command("hangup", "")
	voice.Hears("agent")
	caller.Hangup()
	f.li.Saw("CALL_CLOSED", 1)

	r := f.CDR()
	require.Equal(t, "caller-hangup", r.Cause)
	f.heardTogether(f.boss.dumps(), []string{"agent", "caller"}, nil)
	f.heardTogether(f.li.dumps(), []string{"boss", "caller"}, nil)
	f.heardTogether(f.li.dumps(), []string{"caller"}, []string{"boss"})
	tape := f.Recording(r.Recording)
	f.heardTogether([][]int16{tape.Agent}, []string{"agent", "boss"}, nil)
	// What was whispered is on no tape: the supervisor is on it while it had
	// barged in, and no longer.
	barged := 0.0
	for _, s := range r.Segments {
		if s.Kind == "supervise" {
			barged = s.Length // the last one
		}
	}
	require.Less(t, longest(tape.Agent, []string{"boss"}, nil), barged+0.5)
}

func (f *team) mode(call, mode string) {
	f.t.Helper()
	f.Eventually(8*time.Second, mode, func() bool {
		var v struct{ Supervisor, Mode string }
		f.Get("/api/v1/calls/"+call, &v)
		return v.Supervisor == "8009" && v.Mode == mode
	})
}

func TestASoftphoneCallsOutAndAProgramHasItCall(t *testing.T) {
	w := NewWorld(t, Options{
		Trunks: `[{id: telecom, peers: [127.0.0.1], channels: 30, address: "sip:127.0.0.1:%PORT%"}]`,
		Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, skills: {parcels: 5}, dial: ["0755"]}`,
		Extra: `outbound: {routes: [{trunks: [telecom]}], forbidden: ["0755110"]}`,
	})
	carrier := w.Station("carrier", w.PhonePort(3))
	li := w.Softphone("agent")
	li.Login("8001", "secret1", "")
	w.AgentIs("8001", "ready")
	answer := func() (*Talk, *Sound) {
		voice := w.Sound("caller", pcmu, 101)
		talk := carrier.Ring()
		require.Contains(t, talk.invite.start, "sip:0755123@")
		require.Contains(t, talk.invite.get("From"), "sip:4008001234@", "the client's number")
		w.AgentIs("8001", "outbound")
		talk.sound = voice
		voice.towards(talk.invite.body)
		talk.Answer(voice.SDP("sendrecv"))
		voice.Hears("agent")
		time.Sleep(time.Second)
		return talk, voice
	}
	li.Command("dial", fmt.Sprintf("sip:0755123@127.0.0.1:%d", w.SIP))
	talk, _ := answer()
	li.Command("hangup", "")
	talk.HungUp()
	w.AgentIs("8001", "ready")
	r := w.CDR()
	require.Equal(t, []string{"dial/answered", "talk/agent-hangup"}, r.kinds())
	require.Equal(t, []string{"4008001234", "0755123", "telecom", "8001"}, []string{r.From, r.Number, r.Trunk, r.Agent})
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, nil)
	w.heardTogether([][]int16{tape.Caller}, []string{"caller"}, nil)

	status, body := w.Do("POST", "/api/v1/calls", map[string]string{"agent": "8001", "number": "0755123", "client": "courier"})
	require.Equal(t, 201, status, "%s", body)
	talk, _ = answer()
	talk.Hangup()
	w.AgentIs("8001", "ready")
	require.Equal(t, []string{"ring/answered", "dial/answered", "talk/caller-hangup"}, w.CDRs(2)[0].kinds())

	for number, why := range map[string]string{"0755110": "forbidden", "0211": "beyond its rights"} {
		status, body = w.Do("POST", "/api/v1/calls", map[string]string{"agent": "8001", "number": number})
		require.Equal(t, 409, status, "%s: %s", why, body)
	}
	w.CDRs(2)
}
