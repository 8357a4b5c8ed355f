package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Handset is an agent's phone led by hand: a station that has registered, may
// have several lines and says of each what it is told.
type Handset struct {
	*registrar
	id, tone string
}

// floorAgents are two agents and who leads them, at handsets. Only the first is
// ready when its phone comes.
const floorAgents = `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret8001, team: dawn, skills: {parcels: 5}, dial: [all]}
  - {id: "8002", name: Wang Fang, site: chengdu, password: secret8002, team: dawn, skills: {returns: 5, parcels: 5}, ready_on_register: false}
  - {id: "8009", name: Chen Yu, site: chengdu, password: secret8009, team: dawn, supervisor: true, skills: {none: 1}, ready_on_register: false}`

// Handset registers the phone of one of the floorAgents, whose voice is a tone.
func (w *World) Handset(id, tone string) *Handset {
	w.t.Helper()
	h := &Handset{registrar: w.Station(id, 0).Registrar(id, "secret"+id, "MD5"), id: id, tone: tone}
	h.Register(300)
	w.Eventually(10*time.Second, id+" is registered", func() bool { return w.Agent(id).Registered })
	return h
}

// Takes waits until the phone rings, and answers.
func (h *Handset) Takes() *Talk {
	h.s.t.Helper()
	k := h.s.Ring()
	h.answers(k)
	return k
}

func (h *Handset) answers(k *Talk) {
	h.s.t.Helper()
	k.sound = h.s.w.Sound(h.tone, pcmu, 101)
	k.sound.towards(k.invite.body)
	k.Answer(k.sound.SDP("sendrecv"))
}

// Dials calls a number on a new line.
func (h *Handset) Dials(number string, more ...[2]string) *Talk {
	h.s.t.Helper()
	sound := h.s.w.Sound(h.tone, pcmu, 101)
	k := h.DialWith(number, sound.SDP("sendrecv"), more...)
	k.sound = sound
	return k
}

// Calls is Dials when who is called answers.
func (h *Handset) Calls(number string, more ...[2]string) *Talk {
	h.s.t.Helper()
	k := h.Dials(number, more...)
	k.Answered()
	return k
}

// Holds puts the other side of a line on hold, and resumes.
func (k *Talk) Holds() { k.s.t.Helper(); k.Reinvite(k.sound.SDP("sendonly")) }

// Resumes takes it back.
func (k *Talk) Resumes() { k.s.t.Helper(); k.Reinvite(k.sound.SDP("sendrecv")) }

// Refer asks the switch to call somebody in this phone's place, and tells what
// its last NOTIFY says of it (RFC 3515 2.4.5).
func (k *Talk) Refer(target string) string {
	k.s.t.Helper()
	k.seq++
	k.s.send(k.request("REFER", k.seq).with("Refer-To", target).with("Referred-By", "<"+k.target+">"))
	k.Expect("202 REFER")
	for {
		m := k.Expect("NOTIFY")
		k.respond(m, 200, "OK", "")
		if !strings.HasPrefix(m.body, "SIP/2.0 1") {
			require.Contains(k.s.t, m.get("Subscription-State"), "terminated")
			return strings.TrimSpace(strings.TrimPrefix(m.body, "SIP/2.0 "))
		}
	}
}

// uri is a user of the switch.
func (w *World) uri(user string) string { return fmt.Sprintf("sip:%s@127.0.0.1:%d", user, w.SIP) }

// replaces names the dialog of a line as seen from the switch, to which it is to
// be told (RFC 3891 3).
func (k *Talk) replaces() string {
	_, theirs, _ := strings.Cut(k.remote, ";tag=")
	return k.id + ";to-tag=" + theirs + ";from-tag=" + k.tag
}

// instead is the Refer-To of an attended transfer: whoever is at the end of the
// line (RFC 5589 7).
func (k *Talk) instead(user string) string {
	return "<" + k.s.w.uri(user) + "?Replaces=" + url.QueryEscape(k.replaces()) + ">"
}

// Rings is a caller in the queue, who has been answered.
func (w *World) Rings(from, number string) *Talk {
	w.t.Helper()
	voice := w.Sound("caller", pcmu, 101)
	k := w.Gateway().Call(from, number, voice.SDP("sendrecv"))
	k.sound = voice
	k.Answered()
	return k
}
