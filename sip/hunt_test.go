package sip

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// carriers are three trunks at 10.0.0.11 to .13; the second wants credentials.
func carriers() Peers {
	one := func(id, addr string) Trunk {
		return Trunk{ID: id, Peers: []netip.Prefix{netip.MustParsePrefix(addr + "/32")}, Address: "sip:" + addr}
	}
	second := one("second", "10.0.0.12")
	second.Username, second.Password = "us", "pw"
	return Peers{Trunks: []Trunk{one("first", "10.0.0.11"), second, one("third", "10.0.0.13")}}
}

var allRoutes = []Route{{Trunk: "first", URI: "+49891"}, {Trunk: "second", URI: "0049891", From: Identity{Number: "4001"}},
	{Trunk: "third", URI: "9+49891"}}

// hunting is a call over routes with the carriers it may reach.
type hunting struct {
	*call
	carriers [3]*peer
}

func (s *stage) hunt(d Dial) hunting {
	var h hunting
	for i, addr := range []string{"10.0.0.11:5060", "10.0.0.12:5060", "10.0.0.13:5060"} {
		h.carriers[i] = s.peer(addr)
	}
	if d.Routes == nil {
		d.Routes = allRoutes
	}
	d.From = Identity{Number: "4000"}
	h.call = s.dial(s.t, d)
	return h
}

func (p *peer) refuse(inv, status string, more ...string) {
	p.t.Helper()
	p.reply(inv, status, "x", more...)
	p.expect("ACK ")
}

func TestC18ACallGoesFromTrunkToTrunkUntilOneTakesIt(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		h := s.hunt(Dial{})
		first, second := h.carriers[0], h.carriers[1]
		inv := first.expect("INVITE sip:+49891@10.0.0.11 ")
		require.Contains(t, field(inv, "From"), "<sip:4000@")
		first.reply(inv, "183 Session Progress", "x", "", string(otherSDP))
		require.Equal(t, otherSDP, h.next(t, Progress).SDP)
		first.refuse(inv, "503 Service Unavailable", "Retry-After: 5")
		gone := h.next(t, Attempted)
		require.Equal(t, "first", gone.Leg.Trunk())
		require.Equal(t, Attempt{Trunk: "first", Number: "+49891", CallID: field(inv, "Call-ID"), Addr: netip.MustParseAddrPort("10.0.0.11:5060"), Why: Refused, Status: 503,
			Q850: 41, Text: "Service Unavailable", Began: gone.Attempt.Began}, *gone.Attempt)

		other := second.expect("INVITE sip:0049891@10.0.0.12 ")
		require.Contains(t, field(other, "From"), "<sip:4001@")
		require.NotEqual(t, field(inv, "Call-ID"), field(other, "Call-ID"), "one carrier does not see the other's call")
		second.refuse(other, "407 Proxy Authentication Required", `Proxy-Authenticate: Digest realm="r", nonce="abc", qop="auth"`)
		again := second.expect("INVITE ")
		require.Contains(t, field(again, "Proxy-Authorization"), `username="us"`)
		second.reply(again, "183 Session Progress", "y", "", string(otherSDP))
		h.next(t, Progress)
		second.reply(again, "180 Ringing", "z")
		require.Equal(t, "second", h.next(t, Progress).Leg.Trunk())
		second.reply(again, "200 OK", "z", "", string(answerSDP))
		e := h.next(t, Answered)
		second.expect("ACK ")
		require.Equal(t, "second", e.Leg.Trunk())
		require.Len(t, e.Attempts, 2)
		require.Equal(t, Taken, e.Attempt.Why)
		require.Equal(t, 0, s.ua.ChannelsInUse("first"))
		require.Equal(t, 1, s.ua.ChannelsInUse("second"))
		require.Error(t, e.Leg.Answer(nil))
		h.leg.Hangup(Cause{}) // the leg of the first attempt stands for the call
		second.reply(second.expect("BYE "), "200 OK", "")
		h.next(t, Ended)
		h.carriers[2].silent(time.Minute)
	})
}

func TestC18WhatIsTheCalleesIsNoReasonForAnotherTrunk(t *testing.T) {
	for _, answer := range []struct{ status, reason string }{
		{"404 Not Found", ""}, {"480 Temporarily Unavailable", ""}, {"484 Address Incomplete", ""}, {"486 Busy Here", ""},
		{"488 Not Acceptable Here", ""}, {"600 Busy Everywhere", ""}, {"603 Decline", ""}, {"604 Nowhere", ""},
		{"403 Forbidden", ""}, {"503 Service Unavailable", "Reason: Q.850;cause=17"}, {"500 Error", "Reason: Q.850;cause=1"},
	} {
		play(t, carriers(), Config{}, func(s *stage) {
			h := s.hunt(Dial{})
			inv := h.carriers[0].expect("INVITE ")
			more := []string{"X-A: b"}
			if answer.reason != "" {
				more = append(more, answer.reason)
			}
			h.carriers[0].refuse(inv, answer.status, more...)
			e := h.next(t, Failed)
			require.Len(t, e.Attempts, 1, answer.status)
			require.Equal(t, Refused, e.Attempt.Why)
			h.carriers[1].silent(time.Minute)
		})
	}
}

func TestC18TheTrunksOwnCausesAreReasonEnough(t *testing.T) {
	for _, status := range []string{"408 Timeout", "500 Error", "502 Bad Gateway", "503 No", "504 Late", "302 Moved"} {
		play(t, carriers(), Config{}, func(s *stage) {
			h := s.hunt(Dial{})
			h.carriers[0].refuse(h.carriers[0].expect("INVITE "), status, "Contact: <sip:9@192.0.2.1>")
			h.next(t, Attempted)
			h.carriers[1].refuse(h.carriers[1].expect("INVITE "), "486 Busy Here")
			require.Equal(t, 486, h.next(t, Failed).Status)
			h.carriers[2].silent(time.Minute)
		})
	}
	peers := carriers()
	peers.Trunks[0].Failover = []int{480}
	play(t, peers, Config{}, func(s *stage) {
		h := s.hunt(Dial{})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "480 Gone")
		h.next(t, Attempted)
		h.carriers[1].refuse(h.carriers[1].expect("INVITE "), "486 Busy Here")
		h.next(t, Failed)
		h = s.hunt(Dial{})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "503 No")
		require.Equal(t, 503, h.next(t, Failed).Status, "not among the trunk's own list")
	})
}

func TestC18ACallThatRingsHasArrived(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		h := s.hunt(Dial{})
		inv := h.carriers[0].expect("INVITE ")
		h.carriers[0].reply(inv, "180 Ringing", "x")
		h.next(t, Progress)
		h.carriers[0].refuse(inv, "503 Service Unavailable")
		require.Equal(t, 503, h.next(t, Failed).Status)
		h.carriers[1].silent(time.Minute)
	})
}

func TestASilentTrunkIsLeftInFourSecondsAndItsLateAnswerIsEnded(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		start := time.Now()
		h := s.hunt(Dial{})
		first := h.carriers[0]
		inv := first.expect("INVITE ")
		gone := h.next(t, Attempted)
		require.Equal(t, Silent, gone.Attempt.Why)
		require.Equal(t, 4*time.Second, time.Since(start))
		other := h.carriers[1].expect("INVITE ")
		first.reply(inv, "200 OK", "x", "", string(answerSDP)) // it was only slow
		for m := first.expect(""); !strings.HasPrefix(m, "ACK "); m = first.expect("") {
			require.Contains(t, m, "INVITE ")
		}
		first.reply(first.expect("BYE "), "200 OK", "")
		h.carriers[1].reply(other, "100 Trying", "")
		gone = h.next(t, Attempted)
		require.Equal(t, 19*time.Second, time.Since(start), "it has 15 s to say more than 100")
		h.carriers[1].reply(h.carriers[1].expect("CANCEL "), "200 OK", "y")
		h.carriers[1].refuse(other, "487 Request Terminated")
		require.Equal(t, 408, gone.Status)
		third := h.carriers[2].expect("INVITE ")
		h.carriers[2].reply(third, "200 OK", "x", "", string(answerSDP))
		h.carriers[2].expect("ACK ")
		require.Len(t, h.next(t, Answered).Attempts, 3)
		h.leg.Hangup(Cause{})
		h.carriers[2].reply(h.carriers[2].expect("BYE "), "200 OK", "")
		h.next(t, Ended)
	})
}

func TestTheLastTrunkHasAllTheTimeThereIs(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		start := time.Now()
		h := s.hunt(Dial{Routes: allRoutes[:1]})
		e := h.next(t, Failed)
		require.Equal(t, 32*time.Second, time.Since(start))
		require.Equal(t, 408, e.Status)
		require.Equal(t, Silent, e.Attempt.Why)
	})
	play(t, carriers(), Config{}, func(s *stage) {
		start := time.Now()
		h := s.hunt(Dial{Limit: 10 * time.Second})
		h.next(t, Attempted)
		h.next(t, Attempted)
		e := h.next(t, Ended)
		require.Equal(t, 19, e.Cause.Q850)
		require.Equal(t, Abandoned, e.Attempt.Why)
		require.GreaterOrEqual(t, time.Since(start), 10*time.Second)
		require.Less(t, time.Since(start), 15*time.Second)
	})
}

func TestAHangUpEndsTheCallWhicheverTrunkItIsOn(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		h := s.hunt(Dial{})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "503 No")
		h.next(t, Attempted)
		inv := h.carriers[1].expect("INVITE ")
		h.leg.Hangup(Cause{Q850: 16}) // of the first attempt
		h.carriers[1].reply(inv, "100 Trying", "")
		h.carriers[1].reply(h.carriers[1].expect("CANCEL "), "200 OK", "x")
		h.carriers[1].refuse(inv, "487 Request Terminated")
		e := h.next(t, Ended)
		require.Equal(t, 16, e.Cause.Q850)
		require.Equal(t, Abandoned, e.Attempt.Why)
		h.carriers[2].silent(time.Minute)
	})
	play(t, carriers(), Config{}, func(s *stage) { // told of the failure it hangs up at once
		var c *call
		d := Dial{Routes: allRoutes, SDP: offerSDP}
		c = newCall()
		c.hook = func(e Event) {
			if e.Kind == Attempted {
				e.Leg.Hangup(Cause{Q850: 31})
			}
		}
		d.Sink = c
		first, second := s.peer("10.0.0.11:5060"), s.peer("10.0.0.12:5060")
		_, err := s.ua.Dial(d)
		require.NoError(t, err)
		first.refuse(first.expect("INVITE "), "503 No")
		c.next(t, Attempted)
		require.Equal(t, 31, c.next(t, Ended).Cause.Q850)
		second.silent(time.Minute)
	})
}

func TestTrunksThatCannotTakeACallAreSteppedOver(t *testing.T) {
	peers := carriers()
	peers.Trunks[0].Channels = 1
	peers.Trunks[1].ChannelsOut = 1
	play(t, peers, Config{}, func(s *stage) {
		a, b := s.hunt(Dial{Routes: allRoutes[:1]}), s.hunt(Dial{Routes: allRoutes[1:2]})
		c := newCall()
		leg, err := s.ua.Dial(Dial{Routes: append(allRoutes[:2:2], Route{Trunk: "none"}), SDP: offerSDP, Sink: c})
		require.Nil(t, leg)
		require.ErrorIs(t, err, ErrNoTrunk)
		var all *Exhausted
		require.True(t, errors.As(err, &all))
		require.Len(t, all.Attempts, 3)
		require.Equal(t, []Why{Occupied, Occupied, Unavailable}, []Why{all.Attempts[0].Why, all.Attempts[1].Why, all.Attempts[2].Why})
		for range 3 {
			require.Nil(t, c.next(t, Attempted).Leg)
		}
		for _, h := range []hunting{a, b} {
			h.leg.Hangup(Cause{})
			h.next(t, Ended)
		}
	})
}

func TestATrunkThatAsksForARestGetsIt(t *testing.T) {
	play(t, carriers(), Config{}, func(s *stage) {
		h := s.hunt(Dial{})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "503 No", "Retry-After: 3600")
		h.next(t, Attempted)
		h.carriers[1].refuse(h.carriers[1].expect("INVITE "), "486 Busy")
		h.next(t, Failed)
		h = s.hunt(Dial{Routes: allRoutes[:2]})
		require.Equal(t, Unavailable, h.next(t, Attempted).Attempt.Why)
		h.carriers[1].refuse(h.carriers[1].expect("INVITE "), "486 Busy")
		h.next(t, Failed)
		h = s.hunt(Dial{Routes: allRoutes[:1]}) // better than none
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "486 Busy")
		h.next(t, Failed)
		time.Sleep(restMax)
		h = s.hunt(Dial{Routes: allRoutes[:2]})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "486 Busy")
		h.next(t, Failed)
	})
}

func TestWhenAllTrunksFailTheLastWordIsTold(t *testing.T) {
	peers := carriers()
	peers.Trunks[2].Channels = 1
	play(t, peers, Config{}, func(s *stage) {
		busy := s.hunt(Dial{Routes: allRoutes[2:]})
		h := s.hunt(Dial{})
		h.carriers[0].refuse(h.carriers[0].expect("INVITE "), "500 No")
		h.carriers[1].refuse(h.carriers[1].expect("INVITE "), "504 Late")
		h.next(t, Attempted)
		h.next(t, Attempted)
		require.Equal(t, Occupied, h.next(t, Attempted).Attempt.Why)
		e := h.next(t, Failed)
		require.Equal(t, 504, e.Status)
		require.Equal(t, 102, e.Cause.Q850)
		require.Len(t, e.Attempts, 3)
		busy.leg.Hangup(Cause{})
		busy.next(t, Ended)
	})
}
