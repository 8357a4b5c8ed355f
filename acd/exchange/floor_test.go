package exchange

import (
	"fmt"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/media/sdp"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// floor is a rig with three agents and a supervisor at phones of the test's,
// and a carrier that calls in and is called.
type floor struct {
	*rig
	carrier *peer
	outside chan *end // who the carrier was asked for
	desks   map[string]*desk
}

// desk is an agent's phone.
type desk struct {
	t    *testing.T
	id   string
	sip  string
	peer *peer
	rung chan *end
	busy bool // answers nothing, says 486
	deaf bool // rings and does not answer
}

// end is a far end of one leg.
type end struct {
	*ear
	leg *sip.Leg
	inv sip.Invite
}

func (e *end) answer(t *testing.T) {
	t.Helper()
	d, err := sdp.Parse(e.inv.SDP)
	require.NoError(t, err)
	body, _, err := sdp.Answer(d, silent)
	require.NoError(t, err)
	require.NoError(t, e.leg.Answer(body))
}

func newFloor(t *testing.T, more ...func(*setting)) *floor {
	f := &floor{outside: make(chan *end, 8), desks: map[string]*desk{}}
	f.carrier = newPeer(t, "127.0.0.2", func(leg *sip.Leg, inv sip.Invite) sip.Sink {
		e := &end{ear: newEar(), leg: leg, inv: inv}
		f.outside <- e
		return e
	})
	var s setting
	for i, id := range []string{"8001", "8002", "8003", "8009"} {
		d := &desk{t: t, id: id, rung: make(chan *end, 8)}
		d.peer = newPeer(t, "127.0.0.1", d.invite)
		f.desks[id] = d
		if i > 0 {
			s.agents += ","
		}
		s.agents += fmt.Sprintf(`{id: "%s", name: A%s, site: chengdu, contact: "%s", password: secret, ready_on_register: %t, team: dawn, supervisor: %t, dial: [all]}`,
			id, id, d.peer.contact(id), id == "8001", id == "8009")
	}
	s.queue = `record: never, extension: "600"`
	s.queues = `, {id: returns, client: courier, extension: "700", ring_timeout: 1s, wrap_up: 0s, record: never, rings: [{after: 0s}]}`
	s.trunk = `, address: "` + f.carrier.contact("x") + `"`
	s.more = `outbound: {limit: 5s, ring_timeout: 1s, record: never, forbidden: ["110"], routes: [{trunks: [telecom]}, {prefix: "00", trunks: []}]}`
	for _, change := range more {
		change(&s)
	}
	f.rig = newRig(t, s)
	for _, d := range f.desks {
		d.sip = f.sip
	}
	f.state("8001", "ready", "")
	return f
}

func (d *desk) invite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	e := &end{ear: newEar(), leg: leg, inv: inv}
	switch {
	case d.busy:
		leg.Reject(486, 0)
		return nil
	case d.deaf:
		_ = leg.Ring(180, nil)
	default:
		e.answer(d.t)
	}
	d.rung <- e
	return e
}

// dials has the phone call.
func (d *desk) dials(number string) *end {
	d.t.Helper()
	e := &end{ear: newEar()}
	var err error
	e.leg, err = d.peer.ua.Dial(sip.Dial{URI: "sip:" + number + "@" + d.sip, From: sip.Identity{Number: d.id}, Username: d.id, Password: "secret",
		SDP: sdp.Offer(silent), Sink: e})
	require.NoError(d.t, err)
	return e
}

// register has the phone register as whom it is.
func (d *desk) register() {
	d.t.Helper()
	require.NoError(d.t, d.peer.ua.Register(d.t.Context(), sip.RegisterRequest{Registrar: "sip:" + d.sip, Account: d.id, Password: "secret"}))
}

// ring waits until the phone is rung.
func (d *desk) ring() *end {
	d.t.Helper()
	return next(d.t, d.rung)
}

func next(t *testing.T, from <-chan *end) *end {
	t.Helper()
	select {
	case e := <-from:
		return e
	case <-time.After(soon):
		require.FailNow(t, "nobody was rung")
		return nil
	}
}

// talk is a caller in talk with 8001.
func (f *floor) talk() (id string, caller *end, agent *end) {
	f.t.Helper()
	caller = &end{}
	caller.leg, caller.ear = f.dial(f.carrier)
	caller.await(f.t, sip.Answered)
	agent = f.desks["8001"].ring()
	agent.await(f.t, sip.Confirmed)
	f.state("8001", "talking", "")
	return f.Calls()[0].ID, caller, agent
}

// hears waits until the conversation sounds so: for each party whom it hears.
func (f *floor) hears(id string, want map[acd.Party]string) {
	f.t.Helper()
	var got map[acd.Party]string
	require.Eventually(f.t, func() bool {
		got = map[acd.Party]string{}
		_ = f.ask(id, func(c *call) error {
			for _, h := range c.core.Hearing() {
				text := []string{"", "music", "ringback"}[h.Play]
				for _, p := range h.From {
					text += string(p) + " "
				}
				got[h.Party] = text
			}
			return nil
		})
		return fmt.Sprint(got) == fmt.Sprint(want)
	}, soon, 2*time.Millisecond, "wanted %v", want)
}

// asks has the party of a role send what the sip room would tell of a REFER.
func (f *floor) refers(id string, role acd.Party, e sip.Event) {
	f.t.Helper()
	require.NoError(f.t, f.ask(id, func(c *call) error {
		e.Kind = sip.Referred
		p := c.at(role)
		p.LegEvent(e)
		return nil
	}))
}

// presses has the phone of a role press keys.
func (f *floor) presses(id string, role acd.Party, keys string) {
	f.t.Helper()
	require.NoError(f.t, f.ask(id, func(c *call) error {
		for _, k := range []byte(keys) {
			c.at(role).LegEvent(sip.Event{Kind: sip.Digit, Digit: k})
		}
		return nil
	}))
}

// record waits for the conversation's record.
func (f *floor) record() acd.CDR {
	f.t.Helper()
	f.idle()
	all := f.book.of(acd.CallRecord)
	require.Len(f.t, all, 1, "one conversation, one record")
	return *all[0].CDR
}

// segments are the kinds of a record's segments and who with.
func segments(r acd.CDR) (out []string) {
	for _, s := range r.Segments {
		text := s.Kind
		for _, part := range []string{s.Agent, s.With, s.Mode, s.Cause} {
			if part != "" {
				text += " " + part
			}
		}
		out = append(out, text)
	}
	return out
}

// together is a talk of two.
var together = map[acd.Party]string{acd.CallerParty: "agent ", acd.AgentParty: "caller "}

func held(l sdp.Local, d sdp.Direction) []byte {
	l.Version, l.Direction = 2, d
	return sdp.Offer(l)
}

func TestCallerHearsMusicWhileTheAgentHolds(t *testing.T) {
	for name, hold := range map[string][]byte{"sendonly": held(silent, sdp.SendOnly), "inactive": held(silent, sdp.Inactive)} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent := f.talk()
			require.NoError(t, agent.leg.Reoffer(hold))
			f.state("8001", "held", "")
			f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: ""})
			time.Sleep(5 * time.Millisecond)
			agent.await(t, sip.Reanswered)
			require.NoError(t, agent.leg.Reoffer(held(silent, sdp.SendRecv)))
			f.state("8001", "talking", "")
			f.hears(id, together)
			caller.leg.Hangup(bye)
			r := f.record()
			require.Equal(t, []string{"ring 8001 answered", "queue answered", "hold 8001", "talk 8001 caller-hangup"}, segments(r))
			require.Positive(t, r.Held)
		})
	}
}

func TestACallerWhoHeldBeforeAnybodyAnsweredIsHeldFromTheConnectionOn(t *testing.T) {
	f := newFloor(t)
	f.desks["8001"].deaf = true
	caller := &end{}
	caller.leg, caller.ear = f.dial(f.carrier)
	caller.await(t, sip.Answered)
	agent := f.desks["8001"].ring()
	require.NoError(t, caller.leg.Reoffer(held(silent, sdp.SendOnly)))
	caller.await(t, sip.Reanswered)
	agent.answer(t)
	f.state("8001", "held", "")
	f.hears(f.Calls()[0].ID, map[acd.Party]string{acd.CallerParty: "", acd.AgentParty: "music"})
	caller.leg.Hangup(bye)
	require.Contains(t, segments(f.record()), "hold 8001")
}
