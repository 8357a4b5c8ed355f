package exchange

import (
	"testing"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

func TestAnAgentCallsOutAndIsBusyFromTheFirstDigit(t *testing.T) {
	f := newFloor(t)
	line := f.desks["8001"].dials("0755123")
	f.state("8001", "outbound", "")
	out := next(t, f.outside)
	require.Equal(t, []string{"0755123", "4001"}, []string{out.inv.Number, out.inv.From.Number})
	caller, ear := f.dial(f.carrier) // nobody else is there for it
	ear.await(t, sip.Answered)
	require.NoError(t, out.leg.Ring(180, nil))
	require.Equal(t, 180, line.await(t, sip.Progress).Status)
	out.answer(t)
	line.await(t, sip.Answered)
	id := ""
	for _, v := range f.Calls() {
		if v.Direction == "outbound" {
			id = v.ID
		}
	}
	f.hears(id, together)
	f.state("8001", "outbound", "")
	caller.Hangup(bye)
	out.leg.Hangup(bye)
	line.await(t, sip.Ended)
	f.state("8001", "ready", "")
	f.idle()
	for _, e := range f.book.of(acd.CallRecord) {
		if r := e.CDR; r.Direction == "outbound" {
			require.Equal(t, []string{"4001", "0755123", "8001", "courier", "telecom", ""}, []string{r.From, r.Number, r.Agent, r.Client, r.Trunk, r.Queue})
			require.Equal(t, []string{"dial 8001 0755123 answered", "talk 8001 caller-hangup"}, segments(*r))
		} else {
			require.Equal(t, []string{"inbound", "abandoned"}, []string{r.Direction, r.Cause}, "the queue let it alone")
		}
	}
}

func TestWhoIsCalledMayNotCome(t *testing.T) {
	for name, x := range map[string]struct {
		do     func(*end)
		cause  string
		status int
	}{
		"busy":     {func(e *end) { e.leg.Reject(486, 0) }, "busy", 486},
		"refuses":  {func(e *end) { e.leg.Reject(603, 0) }, "rejected", 603},
		"is not":   {func(e *end) { e.leg.Reject(404, 0) }, "unreachable", 404},
		"does not": {func(e *end) { _ = e.leg.Ring(180, nil) }, "no-answer", 480},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			line := f.desks["8001"].dials("0755123")
			x.do(next(t, f.outside))
			require.Equal(t, x.status, line.await(t, sip.Failed).Status)
			r := f.record()
			require.Equal(t, x.cause, r.Cause)
			require.Zero(t, r.Talked)
			f.state("8001", "ready", "")
		})
	}
}

func TestAnAgentMayChangeItsMind(t *testing.T) {
	f := newFloor(t)
	line := f.desks["8001"].dials("0755123")
	out := next(t, f.outside)
	require.NoError(t, out.leg.Ring(180, nil))
	line.await(t, sip.Progress)
	line.leg.Hangup(bye)
	out.await(t, sip.Ended)
	r := f.record()
	require.Equal(t, []string{"agent-hangup", "agent"}, []string{r.Cause, r.Side})
	f.state("8001", "ready", "")
}

func TestColleaguesCallEachOther(t *testing.T) {
	f := newFloor(t)
	line := f.desks["8001"].dials("8002")
	other := f.desks["8002"].ring()
	line.await(t, sip.Answered)
	require.Equal(t, "8001", other.inv.From.Number)
	f.state("8001", "outbound", "")
	f.state("8002", "talking", "")
	require.Equal(t, 486, f.desks["8003"].dials("8001").await(t, sip.Failed).Status)
	other.leg.Hangup(bye)
	line.await(t, sip.Ended)
	f.idle()
	var ends []string
	for _, e := range f.book.of(acd.CallRecord) {
		ends = append(ends, e.CDR.Direction+" "+e.CDR.From+" "+e.CDR.Cause)
	}
	require.ElementsMatch(t, []string{"internal 8003 busy", "internal 8001 caller-hangup"}, ends,
		"in which order depends on whose record is written first")
	f.state("8001", "ready", "")
	f.state("8002", "offline", "")
}

func TestAnAgentWaitsInAQueueLikeAnyCaller(t *testing.T) {
	for _, number := range []string{"returns", "700"} {
		f := newFloor(t)
		line := f.desks["8003"].dials(number)
		line.await(t, sip.Answered)
		f.desks["8001"].ring()
		f.state("8001", "talking", "")
		f.state("8003", "outbound", "")
		line.leg.Hangup(bye)
		r := f.record()
		require.Equal(t, []string{"internal", "8003", "8001"}, []string{r.Direction, r.From, r.Agent})
		f.state("8003", "offline", "")
		f.state("8001", "ready", "")
	}
}

func TestOurOwnNumbersAreNeverCalledThroughACarrier(t *testing.T) {
	f := newFloor(t)
	line := f.desks["8003"].dials("4001")
	line.await(t, sip.Answered)
	f.state("8001", "talking", "")
	require.Empty(t, f.outside)
	line.leg.Hangup(bye)
	require.Equal(t, "parcels", f.record().Queue)
}

func TestWithoutDialRightsNobodyCallsOut(t *testing.T) {
	f := newFloor(t, func(s *setting) {
		s.agents += `,{id: "8010", name: B, site: chengdu, password: secret}, {id: "8011", name: C, site: chengdu, password: secret, dial: ["0755"]}`
	})
	as := func(id string) *desk {
		d := *f.desks["8003"]
		d.id = id
		d.register()
		return &d
	}
	require.Equal(t, 403, as("8010").dials("0755123").await(t, sip.Failed).Status)
	require.Equal(t, 403, as("8011").dials("0855123").await(t, sip.Failed).Status)
	for _, barred := range []string{"110", "1104", "00491234"} {
		require.Equal(t, 403, f.desks["8001"].dials(barred).await(t, sip.Failed).Status, barred)
	}
	require.Equal(t, 404, f.desks["8001"].dials("500&PJSIP").await(t, sip.Failed).Status)
	line := as("8011").dials("0755123")
	next(t, f.outside).answer(t)
	line.await(t, sip.Answered)
	line.leg.Hangup(bye)
	f.record()
	f.state("8001", "ready", "")
}

func TestClickToCallRingsTheAgentFirst(t *testing.T) {
	f := newFloor(t)
	v, err := f.PlaceCall("8001", "0755123", "", "supervisor:1")
	require.NoError(t, err)
	require.Equal(t, []string{"courier", "0755123", "8001"}, []string{v.Client, v.Number, v.Agent})
	agent := f.desks["8001"].ring()
	require.Equal(t, "0755123", agent.inv.From.Number, "the phone shows who is called")
	f.state("8001", "outbound", "")
	out := next(t, f.outside)
	f.hears(v.ID, map[acd.Party]string{acd.CallerParty: "", acd.AgentParty: "ringback"})
	_, err = f.PlaceCall("8001", "0755123", "", "x")
	require.Error(t, err, "busy")
	out.answer(t)
	f.hears(v.ID, together)
	agent.leg.Hangup(bye)
	out.await(t, sip.Ended)
	r := f.record()
	require.Equal(t, []string{"ring 8001 answered", "dial 8001 0755123 answered", "talk 8001 agent-hangup"}, segments(r))
	f.state("8001", "ready", "")
	for _, bad := range [][3]string{{"nobody", "1", ""}, {"8001", "110", ""}, {"8001", "x", ""}, {"8001", "1", "airline"}, {"8001", "8001", ""}, {"8001", "returns", ""}} {
		_, err := f.PlaceCall(bad[0], bad[1], bad[2], "x")
		require.Error(t, err, bad)
	}
}

func TestClickToCallToAPhoneThatDoesNotAnswer(t *testing.T) {
	f := newFloor(t)
	f.desks["8001"].deaf = true
	_, err := f.PlaceCall("8001", "0755123", "courier", "x")
	require.NoError(t, err)
	f.desks["8001"].ring().await(t, sip.Ended)
	r := f.record()
	require.Equal(t, "no-answer", r.Cause)
	require.Empty(t, f.outside)
	f.state("8001", "ready", "")
}

func TestAnAgentsOwnCallCanBeHandedOn(t *testing.T) {
	f := newFloor(t)
	line := f.desks["8001"].dials("0755123")
	out := next(t, f.outside)
	out.answer(t)
	line.await(t, sip.Answered)
	id := f.Calls()[0].ID
	f.hears(id, together)
	f.refers(id, acd.AgentParty, referTo("8002"))
	line.await(t, sip.Ended)
	f.state("8002", "talking", "")
	f.state("8001", "ready", "")
	out.leg.Hangup(bye)
	r := f.record()
	require.Equal(t, []string{"dial 8001 0755123 answered", "ring 8002 answered", "talk 8001 transferred", "talk 8002 caller-hangup"}, segments(r))
}
