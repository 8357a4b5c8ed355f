package exchange

import (
	"switchroom/acd"
	"switchroom/acd/dialplan"
	"switchroom/sip"
)

// outbound plans a call out for a client: what goes into its record, and the
// Routes and Limit of the Dial that makes it. caller is shown in place of the
// client's own number where it is not "". The error is one of dialplan's. Whether
// who asks may call there is for the asker to find out first.
func (p *plan) outbound(client, dialled, caller string) (dialplan.Call, sip.Dial, error) {
	call, err := p.dial.Call(client, dialled, caller)
	if err != nil {
		return call, sip.Dial{}, err
	}
	d := sip.Dial{From: sip.Identity{Number: call.Caller}, Limit: call.Limit}
	for _, w := range call.Ways {
		d.Routes = append(d.Routes, sip.Route{Trunk: w.Trunk, URI: w.Number, From: sip.Identity{Number: w.Caller}})
	}
	return call, d, nil
}

// attempted writes down one attempt of a call out, successful or not: what
// Event.Attempt brings.
func (x *Exchange) attempted(call, client string, a *sip.Attempt) acd.Attempt {
	v := attemptOf(a)
	e := acd.Event{Kind: acd.CallAttempted, Call: call, Client: client, Trunk: v.Trunk, Number: v.Number, Status: v.Status,
		Cause: v.Cause, Reason: v.Text, Seconds: v.Took}
	e.Detail, _ = marshal(v)
	x.note(x.clock.now(), e)
	return v
}

func attemptOf(a *sip.Attempt) acd.Attempt {
	addr := ""
	if a.Addr.IsValid() {
		addr = a.Addr.String()
	}
	return acd.Attempt{Addr: addr, Trunk: a.Trunk, Number: a.Number, Cause: a.Why.String(), Status: a.Status, Q850: a.Q850, Text: a.Text,
		Began: a.Began.Round(0), Took: a.Took.Seconds(), CallID: a.CallID}
}

// attemptsOf are all attempts of a call, for its record: what Event.Attempts of
// Answered, Failed and Ended brings.
func attemptsOf(list []sip.Attempt) []acd.Attempt {
	out := make([]acd.Attempt, len(list))
	for i := range list {
		out[i] = attemptOf(&list[i])
	}
	return out
}
