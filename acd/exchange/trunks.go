package exchange

import (
	"fmt"
	"slices"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"

	"go.uber.org/zap"
)

// TrunkState hears that a trunk ceased to answer, or answers again.
func (x *Exchange) TrunkState(trunk string, up bool) {
	state := trunkState(up)
	x.note(x.clock.now(), acd.Event{Kind: acd.TrunkState, Trunk: trunk, State: state, Was: trunkState(!up)})
}

// trunkState is how a trunk's health is told.
func trunkState(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

// TrunkRegistration hears what becomes of our registration at a trunk's
// registrar. That it is refused needs somebody's hand, so it is an alarm; that
// the registrar does not answer is one as long as it lasts.
func (x *Exchange) TrunkRegistration(trunk string, s sip.RegistrationStatus) {
	text := "the registrar does not answer: " + s.Reason
	if s.State == sip.Denied {
		text = fmt.Sprintf("the registrar refuses us (%d): check its username, password and domain", s.Status)
		x.log.Error("alarm", zap.String("kind", "trunk registration"), zap.String("trunk", trunk), zap.String("text", text))
	}
	x.faults.set("registration of trunk "+trunk, text, s.State == sip.Denied || s.State == sip.Retrying)
	x.note(x.clock.now(), acd.Event{Kind: acd.TrunkRegistration, Trunk: trunk, State: s.State.String(), Status: s.Status, Reason: s.Reason})
}

// channelOf is a trunk as the API shows it.
func channelOf(t configs.Trunk, s sip.TrunkStatus) api.Channel {
	c := api.Channel{Trunk: t.ID, State: trunkState(s.Up), InUse: s.InUse, Out: s.Out, Limit: t.Channels,
		Rests: time.Now().Before(s.RestsUntil)}
	if r := s.Registration; r.State != sip.NotKept {
		c.Registration = &api.TrunkRegistration{State: r.State.String(), Registrar: r.Registrar, Status: r.Status,
			Reason: r.Reason, Failures: r.Failures, Until: moment(r.Until), Next: moment(r.Next)}
	}
	return c
}

// moment is a time as the API shows it; nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Round(time.Millisecond)
	return &t
}

// forgetTrunks ends the troubles of trunks that are no longer configured, or no
// longer register.
func (x *Exchange) forgetTrunks(old, new *configs.Config) {
	registers := map[string]bool{}
	for _, t := range new.Trunks {
		registers[t.ID] = len(t.Register.Registrars) > 0
	}
	for _, t := range old.Trunks {
		if !registers[t.ID] {
			x.faults.set("registration of trunk "+t.ID, "", false)
		}
	}
}

// identityForm is how a trunk is told who calls.
func identityForm(i configs.Identity) sip.IdentityForm {
	return sip.IdentityForm{Assert: asserts[i.Assert], Forwarding: forwardings[i.Forwarding], User: i.User, Domain: i.Domain,
		Distrusted: !i.Trusted}
}

var (
	asserts     = map[string]sip.Assertion{"p-asserted-identity": sip.AssertPAI, "remote-party-id": sip.AssertRPID, "none": sip.AssertNothing}
	forwardings = map[string]sip.Forwarding{"diversion": sip.ForwardDiversion, "history-info": sip.ForwardHistory, "none": sip.ForwardNothing}
)

// codecsOf are those spoken with a trunk, or with a phone, in the order of
// preference.
func codecsOf(t configs.Trunk) []media.Codec {
	if len(t.Codecs) == 0 {
		return []media.Codec{media.PCMU, media.PCMA}
	}
	list := make([]media.Codec, len(t.Codecs))
	for i, name := range t.Codecs {
		if list[i] = media.PCMU; name == "pcma" {
			list[i] = media.PCMA
		}
	}
	return list
}

// preferring puts a codec in front of the others, if it is among them.
func preferring(list []media.Codec, c media.Codec) []media.Codec {
	i := slices.Index(list, c)
	if i <= 0 {
		return list
	}
	out := append([]media.Codec{c}, list[:i]...)
	return append(out, list[i+1:]...)
}

// trunkOffers puts an offer for each trunk into a call out whose codecs are not
// everybody's.
func (p *party) trunkOffers(d *sip.Dial) {
	usual := p.local.Codecs
	for i := range d.Routes {
		r := &d.Routes[i]
		local := p.local
		local.Version = 1 // as the Dial's: each goes to another peer
		local.Codecs = codecsOf(p.call.x.plan.Load().trunk(r.Trunk))
		if usual[0] == media.PCMA {
			local.Codecs = preferring(local.Codecs, media.PCMA)
		}
		if !slices.Equal(local.Codecs, usual) {
			r.SDP = sdp.Offer(local)
		}
	}
}
