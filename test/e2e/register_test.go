package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// registered are agents whose phones have to register.
const registered = `
  - {id: "8001", name: Li Wei, site: chengdu, password: "digest secret", skills: {parcels: 5}}
  - {id: "8002", name: Wang Fang, site: beijing, password: "another secret", skills: {parcels: 3}, ready_on_register: false}`

func TestPhoneRegistersIsRungAndUnregisters(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		t.Run(algorithm, func(t *testing.T) {
			w := NewWorld(t, Options{Agents: registered})
			require.Equal(t, "offline", w.Agent("8001").State)
			phone := w.Station("8001", 0)
			line := phone.Registrar("8001", "digest secret", algorithm)
			granted := line.Register(300)
			require.Contains(t, granted.get("Contact"), "expires=")
			require.True(t, w.AgentIs("8001", "ready").Registered)
			line.Register(300)
			require.Equal(t, "ready", w.Agent("8001").State)

			voice, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
			caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
			caller.sound = voice
			caller.Answered()
			ringing := phone.Ring()
			agent.towards(ringing.invite.body)
			ringing.Answer(agent.SDP("sendrecv"))
			voice.Hears("agent")
			agent.Hears("caller")
			caller.Hangup()
			ringing.HungUp()
			require.Equal(t, "8001", w.CDR().Agent)

			line.Register(0)
			require.False(t, w.AgentIs("8001", "offline").Registered)
			line.Register(300)
			w.AgentIs("8001", "ready")
			line.contact = "*"
			require.Equal(t, 200, line.ask(0).status())
			w.AgentIs("8001", "offline")
		})
	}
}

func TestUnregisteringDuringACallTakesEffectAfterIt(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	phone := w.Station("8001", 0)
	line := phone.Registrar("8001", "digest secret", "MD5")
	line.Register(300)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	ringing := phone.Ring()
	ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	w.AgentIs("8001", "talking")
	line.Register(0)
	require.Equal(t, "talking", w.Agent("8001").State)
	caller.Hangup()
	ringing.HungUp()
	w.AgentIs("8001", "offline")
}

var changing = []*regexp.Regexp{regexp.MustCompile(`nonce="[^"]*"`), regexp.MustCompile(`(tag|branch)=[^;\r]*`),
	regexp.MustCompile(`Call-ID: [^\r]*`), regexp.MustCompile(`Date: [^\r]*`), regexp.MustCompile(`rport=\d+`)}

// bytesOf is a message without what differs from one to the next by itself.
func bytesOf(m message, user string) string {
	text := m.String()
	for _, c := range changing {
		text = c.ReplaceAllString(text, "*")
	}
	return strings.ReplaceAll(text, user, "USER")
}

func TestUnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		t.Run(algorithm, func(t *testing.T) {
			w := NewWorld(t, Options{Agents: registered})
			phone := w.Station("phone", 0)
			var seen [][]string
			for _, user := range []string{"8001", "9999"} {
				line := phone.Registrar(user, "not the secret", algorithm)
				phone.send(line.request(300))
				first := line.Expect("401 REGISTER")
				require.True(t, line.login.take(first))
				phone.send(line.request(300))
				second := line.Expect("401 REGISTER")
				seen = append(seen, []string{bytesOf(first, user), bytesOf(second, user)})
			}
			require.Equal(t, seen[0], seen[1])
			require.Equal(t, "offline", w.Agent("8001").State)
		})
	}
}

func TestCredentialsCannotBeUsedTwice(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	phone := w.Station("8001", 0)
	line := phone.Registrar("8001", "digest secret", "SHA-256")
	line.Register(300)
	stolen := line.request(0)
	line.login.count-- // the phone itself goes on from here
	phone.send(stolen)
	line.Expect("200 REGISTER")
	w.AgentIs("8001", "offline")
	line.login.challenge = ""
	line.Register(300)
	w.AgentIs("8001", "ready")

	thief := w.Station("8001", 0)
	replay := thief.Registrar("8001", "", "SHA-256")
	again := replay.request(0).with("Authorization", stolen.get("Authorization"))
	thief.send(again)
	require.Equal(t, 401, replay.Expect("401 REGISTER").status())
	require.Equal(t, "ready", w.Agent("8001").State)
}

func TestTooShortARegistrationIsToldTheLeast(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	line := w.Station("8001", 0).Registrar("8001", "digest secret", "MD5")
	m := line.ask(5)
	require.Equal(t, 423, m.status())
	require.Equal(t, "60", m.get("Min-Expires"))
	w.AgentIs("8001", "offline")
}

func TestRegistrationEndsWhenItIsNotRefreshed(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	line := w.Station("8001", 0).Registrar("8001", "digest secret", "MD5")
	line.Register(60)
	w.AgentIs("8001", "ready")
	w.makeRoom()
	time.Sleep(55 * time.Second)
	require.Equal(t, "ready", w.Agent("8001").State)
	require.Equal(t, "unregistered", w.AgentIs("8001", "offline").Reason)
}

func TestPhoneBehindANATIsRungWhereItRegisteredFrom(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	phone := w.Station("8001", 0)
	line := phone.Registrar("8001", "digest secret", "MD5")
	line.contact = "<sip:8001@192.168.77.5:5060>"
	granted := line.Register(300)
	port := phone.addr()[strings.LastIndex(phone.addr(), ":")+1:]
	require.Contains(t, granted.get("Via"), "rport="+port, "RFC 3581")
	require.Contains(t, granted.get("Via"), "received=127.0.0.1")
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	ringing := phone.Ring()
	require.Contains(t, ringing.invite.start, "192.168.77.5", "the request is for the contact, though it goes elsewhere")
	ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	caller.Hangup()
	ringing.HungUp()
	w.CDRs(1)
}

func TestLatestOfSeveralPhonesIsRung(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	old, young := w.Station("8001", 0), w.Station("8001", 0)
	first := old.Registrar("8001", "digest secret", "MD5")
	first.Register(300)
	second := young.Registrar("8001", "digest secret", "MD5")
	granted := second.Register(300)
	require.Len(t, slices.Compact(granted.all("Contact")), 2)
	g := w.Gateway()
	for i, phone := range []*Station{young, old} {
		caller := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		caller.Answered()
		ringing := phone.Ring()
		ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
		caller.Hangup()
		ringing.HungUp()
		w.AgentIs("8001", "ready")
		if i == 0 {
			second.Register(0)
		}
	}
	require.Equal(t, "ready", w.Agent("8001").State, "one phone is left")
	w.CDRs(2)
}

func TestFeatureCodesChangeTheAgentsState(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		t.Run(algorithm, func(t *testing.T) {
			w := NewWorld(t, Options{Agents: registered})
			phone := w.Station("8001", 0)
			line := phone.Registrar("8001", "digest secret", algorithm)
			line.Register(300)
			w.AgentIs("8001", "ready")
			for _, step := range [][3]string{{"*52", "not-ready", ""}, {"*51", "ready", ""}, {"*5217", "not-ready", "17"}, {"*50", "offline", ""}, {"*51", "ready", ""}} {
				sound := w.Sound("agent", pcmu, 101)
				k := line.Dial(step[0], sound.SDP("sendrecv"))
				k.sound = sound
				k.Answered()
				k.HungUp()
				require.Equal(t, step[2], w.AgentIs("8001", step[1]).Reason, step[0])
				_, loud := power(sound.last(time.Minute), 440)
				require.Greater(t, loud, 500.0, "a tone confirms")
			}
			require.Empty(t, w.Calls(), "these are no calls")
		})
	}
}

func TestPhoneDialsNoNumberOutsideByDefaultAndNobodyWithoutCredentials(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered, Trunks: `[{id: telecom, peers: [127.0.0.9], channels: 30}]`})
	phone := w.Station("8001", 0)
	line := phone.Registrar("8001", "digest secret", "MD5")
	line.Register(300)
	for _, number := range []string{"0014155550100", "*99", "4008009999"} {
		line.Dial(number, w.Sound("agent", pcmu, 101).SDP("sendrecv")).Refused(403)
	}
	wrong := phone.Registrar("8001", "wrong", "MD5")
	k := wrong.Dial("*50", w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	k.Nack(k.Expect("401 INVITE"))
	require.Equal(t, "ready", w.Agent("8001").State)
	require.Zero(t, w.Invariants().Admitted)
}

func TestAgentWhoIsNotReadyOnRegisteringDialsIn(t *testing.T) {
	w := NewWorld(t, Options{Agents: registered})
	phone := w.Station("8002", 0)
	line := phone.Registrar("8002", "another secret", "SHA-256")
	line.Register(300)
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, "offline", w.Agent("8002").State)
	k := line.Dial("*51", w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	k.HungUp()
	w.AgentIs("8002", "ready")
}
