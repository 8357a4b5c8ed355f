package exchange

import (
	"strings"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// outbound replaces the floor's rules for calls outside.
func outbound(rules string) func(*setting) {
	return func(s *setting) {
		s.more = `outbound: {limit: 5s, ring_timeout: 1s, record: never, forbidden: ["110"], ` + rules + `}`
	}
}

// refused is the status that an agent hears for a number.
func (f *floor) refused(agent, number string) int {
	f.t.Helper()
	return f.desks[agent].dials(number).await(f.t, sip.Failed).Status
}

// talks has an agent call a number outside that is answered.
func (f *floor) talks(agent, number string) (line, out *end) {
	f.t.Helper()
	line = f.desks[agent].dials(number)
	out = next(f.t, f.outside)
	out.answer(f.t)
	line.await(f.t, sip.Answered)
	return line, out
}

// reasons are why calls were refused, in their order.
func (f *floor) reasons() []string {
	var all []string
	for _, e := range f.book.of(acd.CallRefused) {
		all = append(all, e.Cause)
	}
	return all
}

func TestWhoAsksForForbiddenNumbersIsLockedAndSomebodyIsTold(t *testing.T) {
	f := newFloor(t, outbound(`routes: [{trunks: [telecom]}, {prefix: "00", trunks: []}]`))
	for _, number := range []string{"110", "0044900123", "1105"} {
		require.Empty(t, f.Status().Faults)
		require.Equal(t, 403, f.refused("8001", number))
	}
	require.Len(t, f.Status().Faults, 1)
	require.Contains(t, f.Status().Faults[0], "dial-lock of agent 8001")
	v, _ := f.Agent("8001")
	require.True(t, v.DialLocked)
	require.Equal(t, 403, f.refused("8001", "0755123"), "what it might call otherwise")
	_, err := f.PlaceCall("8001", "0755123", "", "supervisor:1")
	require.Error(t, err)
	require.Equal(t, 403, f.refused("8001", "110"))
	require.Equal(t, 1, f.book.count(acd.DialLocked), "it is told once")
	require.Empty(t, f.outside)

	line := f.desks["8001"].dials("8002") // colleagues are not the world
	line.await(t, sip.Answered)
	line.leg.Hangup(bye)
	f.idle()
	line, _ = f.talks("8002", "0755123") // nor is it locked for what another did
	line.leg.Hangup(bye)
	f.state("8001", "ready", "")

	require.Error(t, f.UnlockDialling("8002", "admin:1"))
	require.Error(t, f.UnlockDialling("nobody", "admin:1"))
	require.NoError(t, f.UnlockDialling("8001", "admin:1"))
	require.Empty(t, f.Status().Faults)
	line, _ = f.talks("8001", "0755123")
	line.leg.Hangup(bye)
	f.idle()
	require.Equal(t, 1, f.book.count(acd.DialUnlocked))
}

func TestMistypedCodesAndColleaguesLockNobody(t *testing.T) {
	f := newFloor(t, func(s *setting) {
		s.agents = strings.Replace(s.agents, "dial: [all]", `dial: ["0755"]`, 1)
	})
	for _, number := range []string{"8099", "*99", "80099", "8004#", "*5"} {
		require.Equal(t, 403, f.refused("8001", number))
	}
	require.Zero(t, f.book.count(acd.DialLocked))
	for _, number := range []string{"0855123", "0900123456", "0014155550100"} {
		require.Equal(t, 403, f.refused("8001", number))
	}
	require.Equal(t, 1, f.book.count(acd.DialLocked))
}

func TestNobodyIsLockedWhereThatIsNotWanted(t *testing.T) {
	f := newFloor(t, outbound(`lock: {refusals: 0}, routes: [{trunks: [telecom]}]`))
	for range 6 {
		require.Equal(t, 403, f.refused("8001", "110"))
	}
	line, _ := f.talks("8001", "0755123")
	line.leg.Hangup(bye)
	f.idle()
	require.Zero(t, f.book.count(acd.DialLocked))
}

// Callers who are handed on to numbers outside go on costing money when their
// agent is free again.
func TestWhatAnAgentHasHandedOnCountsAsItsOwn(t *testing.T) {
	f := newFloor(t, outbound(`per_agent: {calls: 2}, lock: {refusals: 9}, routes: [{trunks: [telecom]}]`))
	line, out := f.talks("8001", "0755001")
	id := f.Calls()[0].ID
	require.NoError(t, f.Consult(id, "0755002", "supervisor:1"))
	second := next(t, f.outside)
	second.answer(t)
	require.Eventually(t, func() bool { v, _ := f.Call(id); return v.Stage == "joined" }, soon, time.Millisecond)
	require.NoError(t, f.Complete(id, "supervisor:1"))
	line.await(t, sip.Ended)
	f.state("8001", "ready", "")
	require.Equal(t, 403, f.refused("8001", "0755003"))
	require.Equal(t, 403, f.refused("8001", "0755003"))
	require.Equal(t, []string{"dial-caps", "dial-caps"}, f.reasons())
	out.leg.Hangup(bye)
	f.idle()
	line, _ = f.talks("8001", "0755003")
	line.leg.Hangup(bye)
	f.idle()
}

func TestAClientsCallsOutsideHaveACap(t *testing.T) {
	f := newFloor(t, outbound(`per_client: {calls: 1}, routes: [{trunks: [telecom]}]`))
	line, _ := f.talks("8001", "0755001")
	require.Equal(t, 403, f.refused("8002", "0755002"))
	require.Error(t, f.Transfer(f.Calls()[0].ID, "0755003", "supervisor:1"), "not for a supervisor either")
	line.leg.Hangup(bye)
	f.idle()
	line, _ = f.talks("8002", "0755002")
	line.leg.Hangup(bye)
	f.idle()
}

func TestCallsOutsideOfAnHourHaveACap(t *testing.T) {
	f := newFloor(t, outbound(`per_agent: {hourly: 2}, routes: [{trunks: [telecom]}]`))
	for _, number := range []string{"0755001", "0755002"} {
		line, _ := f.talks("8001", number)
		line.leg.Hangup(bye)
		f.idle()
		f.state("8001", "ready", "")
	}
	require.Equal(t, 403, f.refused("8001", "0755003"))
	require.Equal(t, []string{"dial-caps"}, f.reasons())
}

func TestANumberIsBarredOutOfItsHours(t *testing.T) {
	for at, open := range map[string]bool{"2026-11-23T10:00:00Z": true, "2026-11-23T22:30:00Z": false} {
		now, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		f := newFloor(t, outbound(`routes: [{trunks: [telecom]}, {prefix: "00", hours: office, trunks: [telecom]}]`), func(s *setting) {
			s.more += "\n" + `calendars: [{id: office, open: ["daily 08:00-20:00"]}]`
			s.wall = func() time.Time { return now }
		})
		line, _ := f.talks("8001", "0755001")
		line.leg.Hangup(bye)
		f.idle()
		if open {
			line, _ := f.talks("8001", "0044123")
			line.leg.Hangup(bye)
			f.idle()
			continue
		}
		require.Equal(t, 403, f.refused("8001", "0044123"))
		require.Equal(t, []string{"dial-hours"}, f.reasons())
	}
}

func TestALockEndsByItself(t *testing.T) {
	var l tolls
	lock := configs.Lock{Refusals: 3, Within: time.Minute, For: time.Hour}
	require.False(t, l.refused(0, "a", lock))
	require.False(t, l.refused(50*time.Second, "a", lock))
	require.False(t, l.refused(61*time.Second, "a", lock), "the first is forgotten")
	require.True(t, l.refused(62*time.Second, "a", lock))
	require.ErrorIs(t, l.room(time.Hour, "a", "c", configs.Caps{}, configs.Caps{}), errDialLocked)
	require.NoError(t, l.room(time.Hour, "b", "c", configs.Caps{}, configs.Caps{}))
	require.Empty(t, l.lapse(time.Hour))
	require.Equal(t, []string{"a"}, l.lapse(2*time.Hour))
	require.NoError(t, l.room(2*time.Hour, "a", "c", configs.Caps{}, configs.Caps{}))
	require.Empty(t, l.agents, "nothing is kept of it")
}

func TestAnHourIsTheLastSixtyMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h hour
		var at []time.Duration
		now := time.Duration(0)
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now += time.Duration(rapid.IntRange(0, 30*60).Draw(t, "pause")) * time.Second
			h.add(now)
			at = append(at, now)
		}
		now += time.Duration(rapid.IntRange(0, 90*60).Draw(t, "rest")) * time.Second
		sure, atMost := 0, 0 // a minute is not cut in two
		for _, then := range at {
			if now-then < 59*time.Minute {
				sure++
			}
			if now-then < time.Hour {
				atMost++
			}
		}
		n := h.sum(now)
		require.True(t, sure <= n && n <= atMost, "%d of %d to %d", n, sure, atMost)
	})
}

func TestCapsHoldWhateverIsBegunAndEnded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l tolls
		caps := configs.Caps{Calls: rapid.IntRange(0, 3).Draw(t, "calls"), Hourly: rapid.IntRange(0, 9).Draw(t, "hourly")}
		up := 0
		for range 50 {
			if rapid.Bool().Draw(t, "begin") {
				free := l.room(0, "", "c", configs.Caps{}, caps)
				require.Equal(t, free, l.begin(0, "a", "c", caps), "what was said beforehand holds")
				if free == nil {
					up++
				}
			} else if up > 0 {
				up--
				l.end("a", "c")
			}
			require.True(t, caps.Calls == 0 || up <= caps.Calls)
			if l.agents["a"] != nil {
				require.Equal(t, up, l.agents["a"].open)
			}
		}
	})
}
