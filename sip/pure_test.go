package sip

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestADialogsPathFollowsLooseAndStrictRouters(t *testing.T) {
	d := dialog{target: "sip:b@192.0.2.2"}
	uri, routes := d.path()
	require.Equal(t, "sip:b@192.0.2.2", uri)
	require.Empty(t, routes)
	require.Equal(t, "sip:b@192.0.2.2", d.hop())

	d.routes = []string{"<sip:p1;lr>", "<sip:p2>"}
	uri, routes = d.path()
	require.Equal(t, "sip:b@192.0.2.2", uri)
	require.Equal(t, []string{"<sip:p1;lr>", "<sip:p2>"}, routes)
	require.Equal(t, "sip:p1;lr", d.hop())

	d.routes = []string{`"P" <sip:p2>`, "<sip:p1;lr>"}
	uri, routes = d.path()
	require.Equal(t, "sip:p2", uri)
	require.Equal(t, []string{"<sip:p1;lr>", "<sip:b@192.0.2.2>"}, routes)
}

func TestADialogTakesRisingNumbersOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d dialog
		high, first := uint32(0), true
		for _, n := range rapid.SliceOf(rapid.Uint32Range(0, 40)).Draw(t, "numbers") {
			ok := d.number(n)
			require.Equal(t, first || n > high, ok)
			if ok {
				high, first = n, false
			}
		}
	})
}

func TestAContactBecomesARequestURIWithoutHeaders(t *testing.T) {
	var c sipgo.ContactHeader
	require.NoError(t, sipgo.ParseUri("sip:a@192.0.2.1:5070;transport=tcp?Route=%3Csip:x%3E", &c.Address))
	require.Equal(t, "sip:a@192.0.2.1:5070;transport=tcp", contactURI(&c))
	require.Empty(t, contactURI(nil))
	require.Empty(t, contactURI(&sipgo.ContactHeader{Address: sipgo.Uri{Wildcard: true}}))
}

func TestReasonsAreReadAndWritten(t *testing.T) {
	read := func(values ...string) Cause {
		req := sipgo.NewRequest(sipgo.BYE, sipgo.Uri{})
		for _, v := range values {
			req.AppendHeader(sipgo.NewHeader("Reason", v))
		}
		return causeIn(req)
	}
	require.Equal(t, Cause{Q850: 17, Text: "busy, really"}, read(`Q.850 ;cause=17 ;text="busy, really"`))
	require.Equal(t, Cause{Q850: 16, SIP: 200, Text: "bye"}, read(`SIP;cause=200;text="x"`, `q.850;cause=16;text=bye`))
	require.Equal(t, Cause{}, read(`Q.850;cause=400`, `Q.850`, ``, `;;;`, `SIP;cause=-1`))
	var line text
	reasonLine(&line, Cause{Q850: 31, Text: `a "b"`})
	require.Equal(t, "Reason: Q.850;cause=31;text=\"a \\\"b\\\"\"\r\n", string(line))
	line = nil
	reasonLine(&line, Cause{Q850: 31, Text: "a\r\nX: y"})
	require.Equal(t, "Reason: Q.850;cause=31\r\n", string(line))
}

func TestListsAreCutOutsideQuotesAndBrackets(t *testing.T) {
	require.Equal(t, []string{`"a,b" <sip:x,y@z>`, "<sip:c>", `d;e="f\",g"`}, splitList(`"a,b" <sip:x,y@z> , <sip:c>,d;e="f\",g"`))
	require.Empty(t, splitList("  "))
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"sip:1@10.0.0.1": "10.0.0.1 5060 UDP", "10.0.0.1:5070": "10.0.0.1 5070 UDP",
		"<sip:a@[2001:db8::1]:5062;transport=tcp>": "2001:db8::1 5062 TCP", "sip:carrier.example": "carrier.example 5060 UDP",
	} {
		at, err := parseTarget(text)
		require.NoError(t, err, text)
		require.Equal(t, want, at.host+" "+netip.AddrPortFrom(netip.IPv4Unspecified(), at.port).String()[8:]+" "+at.transport)
	}
	for _, text := range []string{"", "sip:", "sip:a@b:99999", "sip:a@b;transport=sctp", "sip:a@b c", "sip:a@b\r\nX: y", "sip:*"} {
		_, err := parseTarget(text)
		require.ErrorIs(t, err, ErrAddress, "%q", text)
	}
}

func TestCalledUsers(t *testing.T) {
	for uri, want := range map[string]string{"100": "100", "+49 89": "+49%2089", "tel:+4989;ext=1": "+4989",
		"sip:bob@x.example": "bob", "*51": "*51", "a@b": "a%40b"} {
		require.Equal(t, want, calledUser(uri), uri)
	}
}

func TestEveryStateOfALegHasItsWayOut(t *testing.T) {
	for s := invited; s <= over; s++ {
		require.NotEqual(t, "unknown", s.String())
		if s != over {
			require.NotZero(t, legal[s]&(1<<over), s)
		}
	}
	ua := &UA{}
	l := &Leg{ua: ua, state: up}
	require.False(t, l.to(early))
	require.Equal(t, up, l.state)
	require.EqualValues(t, 1, ua.counters[unexpectedEvent].Load())
}

type alarm struct {
	timer
	id int
}

func (*alarm) expire(time.Time) {}

// The heap gives what is due in the order of its deadlines, whatever was set,
// moved and removed before.
func TestTimersFireInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ts, start := newTimers(), time.Unix(1000, 0)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		alarms := make([]*alarm, 20)
		want := map[int]time.Time{}
		for i := range alarms {
			alarms[i] = &alarm{id: i}
		}
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			a := alarms[rng.IntN(len(alarms))]
			if rng.IntN(4) == 0 {
				ts.set(&a.timer, a, time.Time{})
				delete(want, a.id)
				continue
			}
			at := start.Add(time.Duration(rng.IntN(1000)) * time.Second)
			ts.set(&a.timer, a, at)
			want[a.id] = at
		}
		require.Equal(t, len(want), ts.len())
		var got []time.Time
		for {
			owner, _, _ := ts.next(start.Add(500 * time.Second))
			if owner == nil {
				break
			}
			a := owner.(*alarm)
			require.Equal(t, want[a.id], a.at)
			got = append(got, a.at)
			delete(want, a.id)
		}
		require.True(t, slices.IsSortedFunc(got, time.Time.Compare))
		for _, at := range want {
			require.True(t, at.After(start.Add(500*time.Second)))
		}
	})
}

func TestAStrangersBudgetIsBoundedAndRefills(t *testing.T) {
	th, now := newThrottle(strangerRate, strangerBurst), time.Unix(1000, 0)
	a := netip.MustParseAddr("192.0.2.1")
	n := 0
	for th.allow(a, now) {
		n++
	}
	require.EqualValues(t, strangerBurst, n)
	require.True(t, th.allow(netip.MustParseAddr("192.0.2.2"), now))
	now = now.Add(time.Second)
	n = 0
	for th.allow(a, now) {
		n++
	}
	require.EqualValues(t, strangerRate, n)
	next := netip.MustParseAddr("10.0.0.0")
	for range 2 * sourcesMax {
		th.allow(next, now)
		next = next.Next()
	}
	require.LessOrEqual(t, len(th.buckets), sourcesMax)
	require.True(t, th.allow(next, now.Add(time.Hour)), "room is made by and by")
}

func TestDTMFDigits(t *testing.T) {
	for s, want := range map[string]byte{"0": '0', "9": '9', "*": '*', "#": '#', "10": '*', "11": '#', "12": 'A', "15": 'D', "d": 'D'} {
		got, ok := dtmfDigit(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "16", "E", "55", "!"} {
		_, ok := dtmfDigit(s)
		require.False(t, ok, s)
	}
}
