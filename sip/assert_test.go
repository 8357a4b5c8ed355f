package sip

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// formed is the usual trunk with a form of its own.
func formed(f IdentityForm) Peers {
	t := telecom[0]
	t.Identity = f
	return Peers{Trunks: []Trunk{t}}
}

func TestC28EachTrunkIsToldTheCallerInItsForm(t *testing.T) {
	id := Identity{Number: "+8610555", Display: "A"}
	for _, c := range []struct {
		form                        IdentityForm
		private                     bool
		from, pai, rpid, privacyHdr string
	}{
		{IdentityForm{}, false, `"A" <sip:+8610555@10.0.0.1>`, `"A" <sip:+8610555@10.0.0.1>`, "", ""},
		{IdentityForm{}, true, `"Anonymous" <sip:anonymous@anonymous.invalid>`, `"A" <sip:+8610555@10.0.0.1>`, "", "id"},
		{IdentityForm{User: "account7", Domain: "ims.example"}, false, `"A" <sip:account7@ims.example>`, `"A" <sip:+8610555@ims.example>`, "", ""},
		{IdentityForm{User: "account7"}, true, `"Anonymous" <sip:anonymous@anonymous.invalid>`, `"A" <sip:+8610555@10.0.0.1>`, "", "id"},
		{IdentityForm{Assert: AssertRPID}, false, `"A" <sip:+8610555@10.0.0.1>`, "", `"A" <sip:+8610555@10.0.0.1>;party=calling;screen=yes;privacy=off`, ""},
		{IdentityForm{Assert: AssertRPID}, true, `"Anonymous" <sip:anonymous@anonymous.invalid>`, "", `"A" <sip:+8610555@10.0.0.1>;party=calling;screen=yes;privacy=full`, "id"},
		{IdentityForm{Assert: AssertNothing}, false, `"A" <sip:+8610555@10.0.0.1>`, "", "", ""},
		{IdentityForm{Assert: AssertNothing}, true, `"Anonymous" <sip:anonymous@anonymous.invalid>`, "", "", "id"},
	} {
		play(t, formed(c.form), Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			id.Private = c.private
			d, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1", From: id})
			require.Contains(t, field(inv, "From"), c.from+";tag=")
			require.Equal(t, c.pai, field(inv, "P-Asserted-Identity"))
			require.Equal(t, c.rpid, field(inv, "Remote-Party-ID"))
			require.Equal(t, c.privacyHdr, field(inv, "Privacy"))
			if c.private && c.form.Assert == AssertNothing {
				require.NotContains(t, inv, "8610555", "it does not leave the house")
			}
			p.refuse(inv, "486 Busy Here")
			d.next(t, Failed)
		})
	}
}

func TestC27ForwardingsAreToldInTheTrunksForm(t *testing.T) {
	for _, c := range []struct {
		form               Forwarding
		diversion, history []string
	}{
		{ForwardDiversion, []string{"<sip:+862@10.0.0.1>;reason=unconditional", "<sip:+861@10.0.0.1>;reason=unconditional"}, nil},
		{ForwardHistory, nil, []string{"<sip:+861@10.0.0.1>;index=1", "<sip:+862@10.0.0.1>;index=1.1", "<sip:7@10.0.0.9:5060>;index=1.1.1"}},
		{ForwardNothing, nil, nil},
	} {
		play(t, formed(IdentityForm{Forwarding: c.form}), Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			d, inv := s.ring(p, Dial{Trunk: "telecom", URI: "7", Diversion: []string{"+862", "+861"}})
			require.Equal(t, c.diversion, fields(inv, "Diversion"))
			require.Equal(t, c.history, fields(inv, "History-Info"))
			p.refuse(inv, "486 Busy Here")
			d.next(t, Failed)
		})
	}
}

func TestC28ATrunkThatIsNotTrustedIsTakenAtItsFromAlone(t *testing.T) {
	play(t, formed(IdentityForm{Distrusted: true}), Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "P-Asserted-Identity : <tel:+110>", "remote-party-id: <sip:+112@x>", "Diversion: <sip:+113@x>", "History-Info: <sip:1@x>;index=1, <sip:2@x>;index=1.1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, "100", c.invite.From.Number)
		require.Empty(t, c.invite.Diversion)
		c.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "a1")
		c.next(t, Ended)
	})
}

func TestADialMayNotSetWhoCallsByItsOwnHeaders(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		for _, name := range []string{"P-Asserted-Identity", "remote-party-id", "Privacy", "Diversion", "History-Info"} {
			_, err := s.ua.Dial(Dial{URI: "sip:1@10.0.0.9", SDP: offerSDP, Sink: newCall(), Headers: []Header{{name, "<sip:110@x>"}}})
			require.ErrorIs(t, err, ErrHeader)
		}
		_, err := s.ua.Dial(Dial{URI: "sip:1@10.0.0.9", SDP: offerSDP, Sink: newCall(), Diversion: []string{"1\r\nX: y"}})
		require.ErrorIs(t, err, ErrHeader)
	})
}
