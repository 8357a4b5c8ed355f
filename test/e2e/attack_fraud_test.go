package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// digester answers each request of the methods given with a challenge for the
// realm of somebody else, and keeps what is said to it.
type digester struct {
	s       *Station
	methods map[string]bool
	realm   string

	mu     sync.Mutex
	asked  map[string]int // challenges by method
	leaked []string       // credentials that came
}

func (s *Station) digests(realm string, methods ...string) *digester {
	d := &digester{s: s, realm: realm, methods: map[string]bool{}, asked: map[string]int{}}
	for _, m := range methods {
		d.methods[m] = true
	}
	s.Lose(d.take)
	return d
}

// take runs under the station's lock.
func (d *digester) take(m message) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		d.leaked = append(d.leaked, m.all(name)...)
	}
	if m.status() != 0 || !d.methods[m.method()] {
		return false
	}
	n := d.asked[m.method()]
	d.asked[m.method()]++
	status, reason, header := 407, "Proxy Authentication Required", "Proxy-Authenticate"
	if n%2 == 1 {
		status, reason, header = 401, "Unauthorized", "WWW-Authenticate"
	}
	challenge := fmt.Sprintf(`Digest realm="%s", nonce="n%d", algorithm=MD5, qop="auth"`, d.realm, n)
	d.s.sendLocked(m.reply(status, reason, "thief").with(header, challenge))
	return true
}

// counts says how often each method was challenged, and what leaked.
func (d *digester) counts() (map[string]int, []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := map[string]int{}
	for m, n := range d.asked {
		asked[m] = n
	}
	return asked, append([]string{}, d.leaked...)
}

// A4: whoever is called and answers with a challenge in the name of a carrier
// gets nothing of what the carrier would get.
func TestAttackA04NobodyGetsTheCredentialsOfATrunk(t *testing.T) {
	const realm = "carrier.example"
	again := "wrap_up: 0s, rona: {unreachable: {delay: 1s}, rejected: {limit: 0, delay: 1s}}" // rung again soon
	o := Options{Queues: strings.Replace(oneSite, "wrap_up: 0s", again, 1), Trunks: `
  - {id: other, peers: [127.0.0.1], channels: 30}
  - {id: telecom, address: "sip:127.0.0.1:%PORT%", username: us, password: carrier-secret, channels: 30, ping: 1s}`}
	w := NewWorld(t, o)
	o.Agents = fmt.Sprintf(`
  - {id: "8001", site: chengdu, contact: "sip:8001@127.0.0.1:%d", qualify: 1s}`, w.PhonePort(1))
	w.Configure(o)
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	carrier := w.Station("carrier", w.PhonePort(3)).digests(realm, "OPTIONS")
	desk := w.Desk(1)
	thief := desk.digests(realm, "INVITE", "BYE", "OPTIONS", "NOTIFY", "UPDATE")
	w.Eventually(15*time.Second, "the carrier is shown that we are who we say", func() bool {
		_, answers := carrier.counts()
		return len(answers) > 0
	})
	gateway := w.Gateway()
	caller := gateway.digests(realm, "BYE", "UPDATE", "OPTIONS")

	k := gateway.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	w.Eventually(10*time.Second, "the thief's phone is called", func() bool { n, _ := thief.counts(); return n["INVITE"] > 0 })
	thief.mu.Lock()
	thief.methods["INVITE"] = false
	thief.mu.Unlock()
	ring := desk.Ring()
	ring.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	ring.s.send(ring.request("REFER", 7).with("Refer-To", "<sip:9999@127.0.0.1>")) // whose NOTIFY is a request to the thief
	w.Eventually(10*time.Second, "the thief is told of its transfer", func() bool { n, _ := thief.counts(); return n["NOTIFY"] > 0 })
	status, _ = w.Do("DELETE", "/api/v1/calls/"+w.Calls()[0].ID, nil)
	require.Equal(t, 204, status)
	for who, d := range map[string]*digester{"agent": thief, "caller": caller} {
		w.Eventually(10*time.Second, "our BYE to the "+who, func() bool { n, _ := d.counts(); return n["BYE"] > 0 })
	}
	w.Eventually(15*time.Second, "the thief's phone is asked whether it is there", func() bool { n, _ := thief.counts(); return n["OPTIONS"] > 1 })
	require.Equal(t, 1, len(w.CDRs(1)))
	for who, d := range map[string]*digester{"agent": thief, "caller": caller} {
		asked, leaked := d.counts()
		t.Logf("%s challenged %v", who, asked)
		require.Empty(t, leaked, who)
	}
	_, answers := carrier.counts()
	for _, a := range answers {
		require.Contains(t, a, `realm="`+realm+`"`)
		require.NotContains(t, a, "carrier-secret")
	}
	require.NotContains(t, w.log.String(), "carrier-secret")
	w.Configure(Options{Queues: oneSite}) // nobody is asked any more
	status, _ = w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status)
}

// outside is a carrier that takes calls, and tells how many it was sent.
type outside struct {
	*Station
	mu      sync.Mutex
	numbers map[string]string // by Call-ID
	up      int
	most    int
}

// takes has a station answer each call until it is hung up on.
func (s *Station) takes(sound *Sound) *outside {
	o := &outside{Station: s, numbers: map[string]string{}}
	s.PicksUp(0, 0, sound)
	s.Lose(func(m message) bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		switch id := m.get("Call-ID"); {
		case m.what() == "INVITE" && o.numbers[id] == "":
			o.numbers[id] = between(m.start, "sip:", "@")
			o.up++
			o.most = max(o.most, o.up)
		case m.what() == "BYE" || m.what() == "CANCEL":
			o.up--
		}
		return false
	})
	return o
}

// called are the numbers that came, and how many calls were up at most.
func (o *outside) called() (numbers []string, most int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.numbers {
		numbers = append(numbers, n)
	}
	return numbers, o.most
}

// A5: who has a phone's password can't make the switch's owner pay for it, and
// is noticed before it has tried thrice.
func TestAttackA05AStolenPhoneCallsNobodyDear(t *testing.T) {
	agents := `
  - {id: "8001", name: Li Wei, site: chengdu, password: "digest secret", skills: {parcels: 5}, dial: ["+86"]}
  - {id: "8002", name: Wang Fang, site: beijing, password: "another secret", skills: {parcels: 3}, dial: ["+86"]}`
	w := NewWorld(t, Options{Agents: agents, Trunks: `
  - {id: telecom, peers: [127.0.0.9], address: "sip:127.0.0.1:%PORT%", channels: 200}`,
		Extra: `outbound: {limit: 20s, record: never, dialled: [{prefix: "00", to: "+"}, {prefix: "1", digits: 11, to: "+861"}],
  routes: [{prefix: "+", trunks: [telecom]}, {prefix: "+881", trunks: []}]}`})
	w.ExpectError(`"kind":"dial-lock"`)
	carrier := w.Station("carrier", w.PhonePort(3)).takes(w.Sound("caller", pcmu, 101))
	phones := map[string]*registrar{}
	for id, password := range map[string]string{"8001": "digest secret", "8002": "another secret"} {
		phones[id] = w.Station(id, 0).Registrar(id, password, "MD5")
		phones[id].Register(300)
		w.AgentIs(id, "ready")
	}
	offer := w.Sound("agent", pcmu, 101).SDP("sendrecv")
	locked := func(id string) bool {
		var a struct {
			Locked bool `json:"dial_locked"`
		}
		w.Get("/api/v1/agents/"+id, &a)
		return a.Locked
	}

	for i, number := range []string{"0014155550100", "881612345678", "+882900123456"} { // abroad, satellites, premium
		require.False(t, locked("8001"), "after %d", i)
		phones["8001"].Dial(number, offer).Refused(403)
	}
	require.True(t, locked("8001"))
	require.Contains(t, w.faults(), "dial-lock of agent 8001")
	w.Eventually(5*time.Second, "the alarm", func() bool { return strings.Contains(w.log.String(), `"kind":"dial-lock"`) })
	phones["8001"].Dial("13812345678", offer).Refused(403) // what it might have called
	numbers, _ := carrier.called()
	require.Empty(t, numbers)

	t.Run("fifty at once", func(t *testing.T) {
		var all []*Talk
		var challenges []message
		for range 50 {
			k := phones["8002"].s.Prepare("8002", fmt.Sprintf("sip:13812345678@127.0.0.1:%d", w.SIP), offer)
			k.s.send(k.invite)
			challenge := k.Expect("401 INVITE")
			k.Nack(challenge)
			all, challenges = append(all, k), append(challenges, challenge)
		}
		for i, k := range all {
			l := login{user: "8002", password: "another secret", algorithm: "MD5"}
			require.True(t, l.take(challenges[i]))
			k.remote, k.seq = "<"+k.target+">", 2
			k.invite = k.Talk().with("Authorization", l.authorization("INVITE", k.target)).withSDP(offer)
			k.s.send(k.invite)
		}
		up := 0
		for _, k := range all {
			m := k.ExpectOneOf("200 INVITE", "403 INVITE", "486 INVITE", "480 INVITE", "503 INVITE")
			if m.status() == 200 {
				up++
				k.Ack("")
				defer k.Hangup()
			} else {
				k.Nack(m)
			}
		}
		_, most := carrier.called()
		t.Logf("%d of 50 calls were taken, %d at most were up at the carrier", up, most)
		require.LessOrEqual(t, up, 2)
		require.LessOrEqual(t, most, 2)
		require.Positive(t, up)
	})

	status, body := w.Do("DELETE", "/api/v1/agents/8001/dial-lock", nil)
	require.Equal(t, 200, status, "%s", body)
	require.NotContains(t, w.faults(), "agent 8001")
	k := phones["8001"].Dial("13812345678", offer)
	k.Answered()
	k.Hangup()
}

// A5, from outside: nothing that a caller dials or presses leads out again.
func TestAttackA05ACallerFromOutsideGetsNoLineOut(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite, Trunks: `
  - {id: telecom, peers: [127.0.0.1], channels: 30}
  - {id: dear, address: "sip:127.0.0.1:%PORT%", channels: 30}`,
		Extra: `outbound: {limit: 20s, routes: [{prefix: "", trunks: [dear]}]}`})
	carrier := w.Station("carrier", w.PhonePort(3)).takes(w.Sound("caller2", pcmu, 101))
	gateway := w.Gateway()
	for _, number := range []string{"0014155550100", "+14155550100", "500&PJSIP/itsp/14165551212", "500%2C00141555", "4008001234%2C0014155550100",
		"4008001234&0014155550100", "%2B14155550100", "0014155550100;npdi", "*4114155550100%23", "8001%00", "14155550100%23"} {
		k := gateway.Call("13800001", number, w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
		m := k.ExpectOneOf("404 INVITE", "400 INVITE", "484 INVITE", "416 INVITE")
		t.Logf("%-32s %s", number, m.start)
		k.Nack(m)
	}
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.voice.Press("*4114155550100#") // a code that hands a caller on, pressed by the caller
	time.Sleep(time.Second)
	c.desk.Press("*4114155550100#") // and by an agent who has no right to call out
	time.Sleep(1500 * time.Millisecond)
	require.Equal(t, "talking", w.CallsAre(1, "talking")[0].State)
	k := c.caller
	k.seq++
	k.s.send(k.request("REFER", k.seq).with("Refer-To", "<sip:14155550100@127.0.0.1>"))
	k.ExpectOneOf("603 REFER")
	c.End()
	numbers, _ := carrier.called()
	require.Empty(t, numbers)
}
