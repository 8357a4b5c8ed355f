package exchange

import (
	"switchroom/acd/api"
	"switchroom/sip"
)

// traced makes a leg's messages part of the call's.
func (c *call) traced(leg *sip.Leg) { c.x.trace.Name(c.core.ID, leg.CallID()) }

// Ladder is what is kept of the SIP messages of a call.
func (x *Exchange) Ladder(call string) []api.SIPMessage {
	var all []api.SIPMessage
	for _, m := range x.trace.Conversation(call) {
		out := api.SIPMessage{
			Time: m.At, Direction: "in", Transport: m.Transport, Peer: m.Peer.String(),
			CallID: m.CallID, Summary: m.Summary(), Text: m.Text, Cut: m.Cut,
		}
		if m.Sent {
			out.Direction = "out"
		}
		if m.Local.IsValid() {
			out.Local = m.Local.String()
		}
		all = append(all, out)
	}
	return all
}
