package e2e

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mute is a name server that answers nothing and keeps what it was asked.
type mute struct {
	conn *net.UDPConn
	mu   sync.Mutex
	all  map[string]bool
}

func (w *World) nameServer() *mute {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: w.FreePort()})
	require.NoError(w.t, err)
	m := &mute{conn: conn, all: map[string]bool{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			n, _, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			m.mu.Lock()
			m.all[nameIn(buf[:n])] = true
			m.mu.Unlock()
		}
	}()
	w.t.Cleanup(func() { conn.Close(); <-done })
	return m
}

// nameIn is the name that a DNS question is about.
func nameIn(b []byte) string {
	if len(b) < 13 || binary.BigEndian.Uint16(b[4:]) == 0 {
		return ""
	}
	var labels []string
	for b = b[12:]; len(b) > 0 && b[0] > 0 && int(b[0]) < len(b); b = b[1+int(b[0]):] {
		labels = append(labels, string(b[1:1+int(b[0])]))
	}
	return strings.ToLower(strings.Join(labels, "."))
}

func (m *mute) asked() (names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// pit is an address of an attacker's on which every packet and connection is
// noticed.
type pit struct {
	ip net.IP
	mu sync.Mutex
	n  []string
}

func (w *World) pit() *pit {
	p := &pit{ip: net.IPv4(127, 66, byte(w.base>>8), byte(w.base))}
	var ended sync.WaitGroup
	w.t.Cleanup(ended.Wait) // after all of them are closed
	for _, port := range []int{80, 443, 5060, 5061} {
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: p.ip, Port: port})
		require.NoError(w.t, err)
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: p.ip, Port: port})
		require.NoError(w.t, err)
		ended.Go(func() {
			buf := make([]byte, 65536)
			for {
				n, _, err := u.ReadFromUDP(buf)
				if err != nil {
					return
				}
				p.fell(fmt.Sprintf("UDP %d: %.60q", port, buf[:n]))
			}
		})
		ended.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				p.fell(fmt.Sprintf("TCP %d", port))
				c.Close()
			}
		})
		w.t.Cleanup(func() { u.Close(); l.Close() })
	}
	return p
}

func (p *pit) fell(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n = append(p.n, what)
}

func (p *pit) empty(t *testing.T, after string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.Empty(t, p.n, "after %s", after)
}

// A11: no header of anybody's has the switch look up a name or speak to a host
// that is not configured, and a name server that says nothing holds up nobody.
func TestAttackA11NoHeaderSendsTheSwitchAnywhere(t *testing.T) {
	o := Options{Queues: oneSite, Agents: `
  - {id: "8001", site: chengdu, password: "digest secret", skills: {parcels: 5}, dial: [all]}`, Trunks: `
  - {id: telecom, peers: [127.0.0.1], channels: 30}
  - {id: slow, address: "sip:sbc.slow.example", channels: 30, ping: 1s}
  - {id: out, address: "sip:127.0.0.1:%PORT%", channels: 30}`,
		Extra: `outbound: {limit: 20s, record: never, per_agent: {calls: 0}, routes: [{prefix: "1", trunks: [slow, out]}]}`}
	w := NewWorld(t, o)
	dns, pit := w.nameServer(), w.pit()
	text, err := os.ReadFile(w.path("switchroom.yaml"))
	require.NoError(t, err)
	with := strings.Replace(string(text), "\n  t1:", fmt.Sprintf("\n  dns: [\"%v\"]\n  t1:", dns.conn.LocalAddr()), 1)
	require.NoError(t, os.WriteFile(w.path("switchroom.yaml"), []byte(with), 0o600))
	w.Stop()
	w.Start()
	w.Eventually(20*time.Second, "the trunk's own name is asked for", func() bool { return len(dns.asked()) > 0 })

	evil := []string{"attacker.example", pit.ip.String(), "169.254.169.254", "[.1]", ".1", "metadata.attacker.example:80"}
	g, voice, desk := w.Gateway(), w.Sound("caller", pcmu, 101).SDP("sendrecv"), w.Sound("agent", pcmu, 101)
	for _, host := range evil { // who calls in
		for _, m := range []struct{ name, value string }{
			{"Contact", "<sip:x@%s>"}, {"Contact", "<sip:x@%s;transport=tcp>"}, {"Record-Route", "<sip:%s;lr>"}, {"Route", "<sip:%s;lr>"},
			{"Identity", "x;info=<https://%s/cert.pem>;alg=ES256"}, {"Alert-Info", "<http://%s/ring.wav>"}, {"Call-Info", "<http://%s/me.jpg>;purpose=icon"},
			{"P-Asserted-Identity", "<sip:1@%s>"}, {"Diversion", "<sip:2@%s>"}, {"History-Info", "<sip:3@%s>;index=1"}, {"Refer-To", "<sip:4@%s>"},
			{"Error-Info", "<http://%s/>"}, {"Path", "<sip:%s;lr>"}, {"Service-Route", "<sip:%s;lr>"}, {"Reply-To", "<sip:%s>"},
		} {
			k := g.Prepare("13800001", fmt.Sprintf("sip:4008001234@127.0.0.1:%d", w.SIP), voice)
			value := fmt.Sprintf(m.value, host)
			if m.name == "Contact" {
				for i := range k.invite.headers {
					if k.invite.headers[i][0] == "Contact" {
						k.invite.headers[i][1] = value
					}
				}
			} else {
				k.invite = k.invite.with(m.name, value)
			}
			g.send(k.invite)
			answer := k.ExpectOneOf("200 INVITE", "400 INVITE", "403 INVITE", "404 INVITE", "420 INVITE", "416 INVITE")
			if answer.status() != 200 {
				k.Nack(answer)
				continue
			}
			k.Ack("")
			for _, c := range w.Calls() {
				w.Do("DELETE", "/api/v1/calls/"+c.ID, nil)
			}
			k.Repeats("BYE", 30*time.Millisecond) // which may come here or nowhere
			k.Send("BYE", "")
			pit.empty(t, m.name+" "+value)
		}
	}

	phone := w.Station("8001", 0)
	line := phone.Registrar("8001", "digest secret", "MD5")
	for _, host := range evil[:2] { // a phone that says it is elsewhere is spoken to where it is
		line.contact = "<sip:8001@" + host + ">"
		line.ask(300)
		pit.empty(t, "REGISTER "+host)
	}
	phone.takes(desk)
	k := g.Call("13800002", "4008001234", voice)
	k.Answered()
	w.Eventually(10*time.Second, "the phone is rung where it registered from", func() bool { return phone.saw("INVITE") })
	k.Hangup()
	w.AgentIs("8001", "ready")

	carrier := w.Station("carrier", w.PhonePort(3))
	line.contact = phone.contact()
	for _, host := range evil[:2] { // a carrier that sends elsewhere is not followed
		phone.mu.Lock()
		phone.habit = nil
		phone.mu.Unlock()
		k := line.Dial("14155550100", desk.SDP("sendrecv"))
		ring := carrier.Rung(10 * time.Second)
		ring.s.send(ring.invite.reply(302, "Moved Temporarily", "t").with("Contact", "<sip:14155550100@"+host+">"))
		ring.Expect("ACK")
		k.Nack(k.ExpectOneOf("480 INVITE", "404 INVITE", "302 INVITE", "502 INVITE", "503 INVITE", "500 INVITE"))
		pit.empty(t, "302 to "+host)
		w.AgentIs("8001", "ready")
	}
	for _, name := range dns.asked() {
		require.True(t, strings.HasSuffix(name, "slow.example"), "%s was looked up", name)
	}
	require.NotEmpty(t, dns.asked())
}
