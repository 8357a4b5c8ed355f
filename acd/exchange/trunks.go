package exchange

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"
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
