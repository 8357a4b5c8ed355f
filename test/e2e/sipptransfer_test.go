package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASIPpPhoneTransfersItsCaller(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8002", "not-ready")
	phone := w.sipp("phone_transfers", fmt.Sprintf("127.0.0.1:%d", w.SIP), "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)))
	wang := w.Desk(2)
	caller := w.Rings("13800001", "4008001234")
	caller.sound.Hears("agent")
	second := wang.Ring()
	second.sound = w.Sound("agent2", pcmu, 101)
	second.sound.towards(second.invite.body)
	second.Answer(second.sound.SDP("sendrecv"))
	caller.sound.Hears("agent2")
	second.sound.Hears("caller")
	phone.Wait()
	time.Sleep(700 * time.Millisecond)
	caller.Hangup()
	second.HungUp()
	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
}

func TestASIPpPhoneKeepsTheCallerThatItCannotTransfer(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8002", "not-ready")
	phone := w.sipp("phone_transfers_in_vain", fmt.Sprintf("127.0.0.1:%d", w.SIP), "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)))
	wang := w.Desk(2)
	caller := w.Rings("13800001", "4008001234")
	caller.sound.Hears("agent")
	refused := wang.Ring()
	refused.Refuse(480)
	w.Eventually(8*time.Second, "the phone is told", func() bool { return w.Agent("8001").State == "talking" && w.Agent("8002").State == "not-ready" })
	caller.sound.Hears("agent")
	time.Sleep(500 * time.Millisecond)
	caller.Hangup()
	phone.Wait()
	r := w.CDR()
	require.Equal(t, "8001", r.Agent)
	require.Contains(t, r.kinds(), "ring/rejected")
}

// twinOf plays the other line of a SIPp's telephone: told to call, it says what
// to name it by in Replaces. Both speak as SIPps do between themselves.
func twinOf(l net.Listener, call func() *Talk) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	const end = 27
	said, err := bufio.NewReader(conn).ReadString(end)
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(said, "\r\n") // its Call-ID, by which the answer finds it
	_, err = fmt.Fprintf(conn, "%s\r\nReplaces: %s\r\n\r\n%c", head, url.QueryEscape(call().replaces()), end)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn) // until it is done
	return err
}

func TestASIPpPhoneConsultsAndTransfersWithReplaces(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Configure(Options{Trunks: "[{id: telecom, peers: [127.0.0.9], channels: 30}]", Agents: fmt.Sprintf(`
  - {id: "8001", name: Li Wei, site: chengdu, password: secret8001, contact: "sip:8001@127.0.0.1:%d", skills: {parcels: 5}}
  - {id: "8002", name: Wang Fang, site: chengdu, contact: "sip:8002@127.0.0.1:%d", skills: {parcels: 5}, ready_on_register: false}`, w.PhonePort(1), w.PhonePort(2))})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	w.SetAgent("8002", "not-ready")
	twin, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { twin.Close() })
	phone := w.sipp("phone_consults", fmt.Sprintf("127.0.0.1:%d", w.SIP), "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)), "-3pcc", twin.Addr().String())
	wang := w.Desk(2)
	voice := w.Sound("caller", pcmu, 101)
	caller := w.StationAt("gateway", net.IPv4(127, 0, 0, 9), 0).Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	caller.Answered()
	voice.Hears("agent")

	other := &Handset{registrar: w.Station("8001", 0).Registrar("8001", "secret8001", "MD5"), id: "8001", tone: "agent"}
	var line *Talk
	called, dialled := make(chan struct{}), make(chan *Talk, 1)
	served := make(chan error, 1)
	go func() {
		served <- twinOf(twin, func() *Talk { close(called); return <-dialled })
	}()
	w.Eventually(20*time.Second, "the phone asks for its other line", func() bool {
		select {
		case <-called:
			return true
		default:
			return false
		}
	})
	voice.HearsMusic()
	line = other.Dials("8002")
	second := wang.Ring()
	second.sound = w.Sound("agent2", pcmu, 101)
	second.sound.towards(second.invite.body)
	second.Answer(second.sound.SDP("sendrecv"))
	line.Answered()
	line.sound.Hears("agent2")
	second.sound.Hears("agent")
	dialled <- line
	line.HungUp()
	voice.Hears("agent2")
	second.sound.Hears("caller")
	phone.Wait()
	require.NoError(t, <-served)
	time.Sleep(700 * time.Millisecond)
	caller.Hangup()
	second.HungUp()
	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "consult/transferred", "hold/", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
}
