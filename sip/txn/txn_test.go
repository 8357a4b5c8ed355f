package txn

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// run steps Due at every deadline until none is left and gives the times, from
// the origin, at which something was sent or said.
func run(tx *Transaction, until Op) (sent []time.Duration, ended time.Duration) {
	for range 1000 {
		d := tx.Deadline()
		if d.IsZero() {
			return sent, ended
		}
		for _, a := range tx.Step(d, Event{Kind: Due}, nil) {
			switch a.Op {
			case Send:
				sent = append(sent, d.Sub(origin))
			case until:
				ended = d.Sub(origin)
			}
		}
	}
	return sent, -1
}

func ms(n ...int) (d []time.Duration) {
	for _, v := range n {
		d = append(d, time.Duration(v)*time.Millisecond)
	}
	return d
}

func TestRFC3261_17_1_1_2_InviteIsRepeatedAtDoublingIntervalsForSixtyFourT1(t *testing.T) {
	tx := New(InviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	sent, ended := run(tx, TimedOut)
	require.Equal(t, ms(500, 1500, 3500, 7500, 15500, 31500), sent)
	require.Equal(t, 32*time.Second, ended)
	require.Equal(t, Terminated, tx.State())
}

func TestRFC3261_17_1_2_2_RequestIsRepeatedUpToT2(t *testing.T) {
	tx := New(NonInviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	sent, ended := run(tx, TimedOut)
	require.Equal(t, ms(500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500), sent)
	require.Equal(t, 32*time.Second, ended)
}

func TestRFC3261_17_1_2_2_ProvisionalSlowsTheRequestToT2AndBuysNoTime(t *testing.T) {
	tx := New(NonInviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	tx.Step(origin.Add(100*time.Millisecond), response(100), nil)
	sent, ended := run(tx, TimedOut)
	require.Equal(t, ms(500, 4500, 8500, 12500, 16500, 20500, 24500, 28500), sent)
	require.Equal(t, 32*time.Second, ended)
}

func TestRFC3261_17_2_1_FinalResponseIsRepeatedUntilAck(t *testing.T) {
	tx := New(InviteServer, false, Timers{})
	tx.Step(origin, start, nil)
	tx.Step(origin, respond(486), nil)
	sent, ended := run(tx, TimedOut)
	require.Equal(t, ms(500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500), sent)
	require.Equal(t, 32*time.Second, ended)

	tx = New(InviteServer, false, Timers{})
	tx.Step(origin, start, nil)
	tx.Step(origin, respond(486), nil)
	require.Empty(t, tx.Step(origin.Add(time.Second), Event{Kind: Ack}, nil))
	require.Equal(t, origin.Add(6*time.Second), tx.Deadline()) // timer I
	sent, _ = run(tx, TimedOut)
	require.Empty(t, sent)
	require.Equal(t, Terminated, tx.State())
}

func TestReliableTransportRepeatsNothing(t *testing.T) {
	for _, kind := range []Kind{InviteClient, NonInviteClient} {
		tx := New(kind, true, Timers{})
		tx.Step(origin, start, nil)
		sent, ended := run(tx, TimedOut)
		require.Empty(t, sent)
		require.Equal(t, 32*time.Second, ended)
	}
}

func TestRFC3261_9_1_CancelledInviteEndsWithoutFinalResponse(t *testing.T) {
	tx := New(InviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	tx.Step(origin, response(180), nil)
	require.True(t, tx.Deadline().IsZero(), "a phone may ring for ever")
	tx.Step(origin.Add(time.Minute), Event{Kind: Cancelled}, nil)
	tx.Step(origin.Add(61*time.Second), Event{Kind: Cancelled}, nil) // does not put it off
	_, ended := run(tx, TimedOut)
	require.Equal(t, time.Minute+32*time.Second, ended)
}

func TestRFC6026_AcceptedPassesEveryRepeatedOrForked2xx(t *testing.T) {
	tx := New(InviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	for range 3 {
		require.Equal(t, []Action{{Op: Pass}}, tx.Step(origin, response(200), nil))
	}
	require.Equal(t, origin.Add(32*time.Second), tx.Deadline()) // timer M
	require.Equal(t, []Action{{Op: Over}}, tx.Step(tx.Deadline(), Event{Kind: Due}, nil))
}

func TestLateDueExpiresInsteadOfSending(t *testing.T) {
	tx := New(InviteClient, false, Timers{})
	tx.Step(origin, start, nil)
	got := tx.Step(origin.Add(time.Hour), Event{Kind: Due}, nil)
	require.Equal(t, []Action{{Op: TimedOut}, {Op: Over}}, got)
}

func TestTimersScaleWithT1(t *testing.T) {
	tx := New(InviteClient, false, Timers{T1: 100 * time.Millisecond})
	tx.Step(origin, start, nil)
	_, ended := run(tx, TimedOut)
	require.Equal(t, 6400*time.Millisecond, ended)
	tx = New(InviteClient, false, Timers{T1: 100 * time.Millisecond})
	tx.Step(origin, start, nil)
	tx.Step(origin, response(486), nil)
	require.Equal(t, origin.Add(32*time.Second), tx.Deadline(), "timer D is 32 s at least")
}

func TestStepAllocatesNothing(t *testing.T) {
	out := make([]Action, 0, 8)
	bytes := []byte("486")
	allocs := testing.AllocsPerRun(1000, func() {
		tx := Transaction{kind: InviteServer, timers: Timers{}.orDefaults()}
		tx.Step(origin, Event{Kind: Start}, out)
		tx.Step(origin, Event{Kind: Respond, Status: 486, Message: bytes}, out)
		tx.Step(origin, Event{Kind: Request}, out)
		tx.Step(origin.Add(time.Second), Event{Kind: Due}, out)
		tx.Step(origin, Event{Kind: Ack}, out)
		tx.Step(origin.Add(time.Hour), Event{Kind: Due}, out)
	})
	require.Zero(t, allocs)
}

// Whatever happens, a transaction stays within its states, ends once, is inert
// afterwards, and without the user's or the peer's doing within 64*T1 of what
// happened last.
func TestAnySequenceOfEventsEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := Kind(rapid.IntRange(0, 3).Draw(t, "kind"))
		tx := New(kind, rapid.Bool().Draw(t, "reliable"), Timers{})
		now := origin
		over := 0
		step := func(ev Event) {
			before := tx.State()
			for _, a := range tx.Step(now, ev, nil) {
				if a.Op == Over {
					over++
				}
				if a.Op == Send {
					require.NotNil(t, a.Message)
				}
			}
			if before == Terminated {
				require.Equal(t, Terminated, tx.State())
			}
			require.Equal(t, tx.State() == Terminated, over == 1)
			require.Equal(t, tx.State() == Terminated, tx.State() != Idle && tx.Deadline().IsZero() && over == 1)
		}
		step(start)
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			step(rapid.SampledFrom(happenings).Draw(t, "event").ev)
		}
		last := now
		for range 100 {
			d := tx.Deadline()
			if d.IsZero() {
				break
			}
			now = d
			step(Event{Kind: Due})
		}
		require.LessOrEqual(t, now.Sub(last), 32*time.Second+200*time.Millisecond)
		waitsForUser := tx.State() == Proceeding && (kind == InviteClient || kind == InviteServer)
		require.True(t, tx.State() == Terminated || waitsForUser, "%v %v", kind, tx.State())
	})
}

func TestKeysMatchAcksAndNotCancels(t *testing.T) {
	invite := ServerKey("z9hG4bK1", "Host.Example:5060", "INVITE")
	require.Equal(t, invite, ServerKey("z9hG4bK1", "host.example:5060", "ACK"))
	cancel := ServerKey("z9hG4bK1", "host.example:5060", "CANCEL")
	require.NotEqual(t, invite, cancel)
	require.Equal(t, invite, cancel.Cancels())
	require.NotEqual(t, invite, ServerKey("z9hG4bK1", "other.example:5060", "INVITE"))
	require.NotEqual(t, ClientKey("z9hG4bK1", "INVITE"), ClientKey("z9hG4bK1", "CANCEL"))

	l := Legacy{Via: "SIP/2.0/UDP h", CallID: "c", FromTag: "t", Sequence: "1"}
	require.Equal(t, LegacyKey(l, "INVITE"), LegacyKey(l, "ACK"))
	m := l
	m.Sequence = "2"
	require.NotEqual(t, LegacyKey(l, "INVITE"), LegacyKey(m, "INVITE"))
}

func TestRepeatFollows13_3_1_4(t *testing.T) {
	var r Repeat
	require.True(t, r.Deadline().IsZero())
	r.Begin(origin, Timers{}, 4*time.Second)
	var sent []time.Duration
	for {
		now := r.Deadline()
		resend, gaveUp := r.Step(now)
		if gaveUp {
			require.Equal(t, 32*time.Second, now.Sub(origin))
			break
		}
		require.True(t, resend)
		sent = append(sent, now.Sub(origin))
	}
	require.Equal(t, ms(500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500), sent)
	require.False(t, r.Running())

	r.Begin(origin, Timers{}, 0)
	resend, gaveUp := r.Step(origin.Add(499 * time.Millisecond))
	require.False(t, resend || gaveUp)
	r.Stop()
	resend, gaveUp = r.Step(origin.Add(time.Hour))
	require.False(t, resend || gaveUp)
	require.True(t, r.Deadline().IsZero())
}

func TestNamesAreThere(t *testing.T) {
	for s := Idle; s <= Terminated; s++ {
		require.NotContains(t, s.String(), "state ")
	}
	for o := Send; o <= Over; o++ {
		require.NotContains(t, o.String(), "op ")
	}
	for e := Start; e <= TransportDown; e++ {
		require.NotContains(t, e.String(), "event ")
	}
	require.Equal(t, "kind 9", Kind(9).String())
	require.Panics(t, func() { New(Kind(9), false, Timers{}) })
}

func BenchmarkInviteServer(b *testing.B) {
	b.ReportAllocs()
	out := make([]Action, 0, 8)
	bytes := []byte("200")
	for b.Loop() {
		tx := New(InviteServer, false, Timers{})
		tx.Step(origin, Event{Kind: Start}, out)
		tx.Step(origin, Event{Kind: Respond, Status: 180, Message: bytes}, out)
		tx.Step(origin, Event{Kind: Respond, Status: 200, Message: bytes}, out)
		tx.Step(origin.Add(time.Hour), Event{Kind: Due}, out)
	}
}
