package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// CarrierOut is a carrier that the switch calls, at a port of its own.
func (w *World) CarrierOut(scenario string, port int) *Peer {
	w.t.Helper()
	return w.sipp(scenario, "-p", strconv.Itoa(port), "-m", "1")
}

func TestACallOutGoesFromCarrierToCarrier(t *testing.T) {
	var refusing, dead, taking int
	agents := `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret, skills: {parcels: 5}, dial: [all]}`
	w := NewWorld(t, Options{Agents: agents})
	refusing, dead, taking = w.FreePort(), w.FreePort(), w.FreePort()
	w.Configure(Options{Agents: agents,
		Clients: `[{id: courier, name: Courier Express, caller: "+864008001234"}]`,
		Trunks: fmt.Sprintf(`
  - {id: first, address: "sip:127.0.0.1:%d", channels: 5}
  - {id: second, address: "sip:127.0.0.1:%d", channels: 5, out: {patience: 1s, progress: 2s}}
  - {id: third, address: "sip:127.0.0.1:%d", channels: 5, username: us, password: pw, out: {rewrite: [{prefix: "+86", to: "001"}], callers: [{prefix: "+86", to: "0"}]}}`,
			refusing, dead, taking),
		Extra: `outbound: {limit: 20s, dialled: [{prefix: "1", digits: 11, to: "+861"}], routes: [{prefix: "+86", trunks: [first, second, third]}]}`})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)

	first, third := w.CarrierOut("carrier_out_503", refusing), w.CarrierOut("carrier_out_early", taking)
	phone := w.Station("8001", 0).Registrar("8001", "secret", "MD5")
	phone.Register(300)
	w.AgentIs("8001", "ready")
	began := time.Now()
	k := phone.Dial("13812345678", w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	require.GreaterOrEqual(t, time.Since(began), time.Second, "the silent carrier had its time")
	require.Less(t, time.Since(began), 8*time.Second)
	w.Eventually(5*time.Second, "the conversation", func() bool {
		calls := w.Calls()
		return len(calls) == 1 && calls[0].State == "talking"
	})
	time.Sleep(time.Second) // something is said
	k.Hangup()
	first.Wait()
	third.Wait()

	var record struct {
		Items []struct {
			Trunk, Number string
			Attempts      []struct {
				Trunk, Number, Cause string
				Status               int
			}
		}
	}
	w.CDRs(1)
	w.Get("/api/v1/cdrs", &record)
	require.Len(t, record.Items[0].Attempts, 3, "%+v", record)
	for i, want := range []string{"first refused 503 +8613812345678", "second silent 408 +8613812345678", "third taken 200 00113812345678"} {
		a := record.Items[0].Attempts[i]
		require.Equal(t, want, fmt.Sprint(a.Trunk, " ", a.Cause, " ", a.Status, " ", a.Number))
	}
	require.Equal(t, "+8613812345678", record.Items[0].Number)
}

func TestTheSwitchRegistersAtItsCarrier(t *testing.T) {
	w := NewWorld(t, Options{})
	port := w.FreePort()
	registrar := w.CarrierOut("carrier_registrar", port)
	w.Configure(Options{Trunks: fmt.Sprintf(`
  - {id: telecom, username: us, password: pw, channels: 5, register: {registrars: ["sip:127.0.0.1:%d"], user: "0281234", expires: 60s}}`, port)})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	type trunks struct {
		Channels []struct {
			Trunk, State string
			Registration struct{ State, Registrar string }
		}
	}
	var s trunks
	w.Eventually(10*time.Second, "the registration", func() bool {
		w.Get("/api/v1/status", &s)
		return s.Channels[0].Registration.State == "registered"
	})
	require.Equal(t, "up", s.Channels[0].State)
	_, text := w.Do("GET", "/metrics", nil)
	require.Contains(t, string(text), `switchroom_trunk_registered{trunk="telecom"} 1`)

	w.Phone(1, 0)
	k := w.Station("carrier", 0).Prepare("13800001", fmt.Sprintf("sip:0281234@127.0.0.1:%d", w.SIP), w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.remote = "<sip:4008001234@carrier.example>" // which of our numbers was dialled
	k.invite = k.Talk().withSDP(w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.s.send(k.invite)
	k.Answered()
	w.AgentIs("8001", "talking")
	k.Hangup()
	require.Equal(t, "telecom", w.CDR().Trunk)
	w.LeaveNoTrace()
	w.Stop()
	registrar.Wait()
	require.Contains(t, registrar.Messages(), "Expires: 0")
}

func TestARefusedRegistrationIsAnAlarm(t *testing.T) {
	w := NewWorld(t, Options{})
	w.ExpectError("alarm")
	port := w.FreePort()
	carrier := w.CarrierOut("carrier_register_403", port)
	w.Configure(Options{Trunks: fmt.Sprintf(`
  - {id: telecom, username: us, password: wrong, peers: [127.0.0.1], register: {registrars: ["sip:127.0.0.1:%d"]}}`, port)})
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(t, 200, status, "%s", body)
	carrier.Wait()
	var s struct{ Faults []string }
	w.Eventually(10*time.Second, "the alarm", func() bool {
		w.Get("/api/v1/status", &s)
		return len(s.Faults) == 1 && strings.Contains(s.Faults[0], "registration of trunk telecom: the registrar refuses us (403)")
	})
}
