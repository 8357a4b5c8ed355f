package sip

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// kept is a dialog after a way to disk and back.
func kept(t *testing.T, d Standing) Standing {
	t.Helper()
	text, err := json.Marshal(d)
	require.NoError(t, err)
	var back Standing
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, d, back)
	return back
}

// released is what Release tells.
func (s *station) released(t *testing.T, d Standing) (int, error) {
	t.Helper()
	type outcome struct {
		status int
		err    error
	}
	told := make(chan outcome, 2)
	s.ua.Release(d, Cause{Q850: 41, Text: "system", Side: SystemSide}, func(status int, err error) { told <- outcome{status, err} })
	o := <-told
	require.Empty(t, told)
	return o.status, o.err
}

func TestALaterRunEndsTheDialogsOfOneThatDied(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		for _, weCalled := range []bool{true, false} {
			t.Run(fmt.Sprint(transport, weCalled), func(t *testing.T) {
				t.Parallel()
				carrier, exchange := pair(t)
				from, to := carrier, exchange
				if weCalled {
					from, to = exchange, carrier
				}
				out := from.dial(t, Dial{URI: to.uri("100", transport)})
				in := to.arrival(t)
				require.NoError(t, in.leg.Answer(answerSDP))
				out.next(t, Answered)
				in.next(t, Confirmed)
				peers := out
				if weCalled {
					peers = in
				}
				stand, gone := exchange.told()
				require.Len(t, stand, 1)
				require.Empty(t, gone)
				require.Equal(t, stand, exchange.ua.Standing())
				listen := exchange.ua.Addresses()
				exchange.ua.Close() // no word to the carrier
				<-exchange.done

				next := newStation(t, Config{Listen: listen}, &Peers{Trunks: []Trunk{{ID: "telecom", Peers: loopback}}})
				status, err := next.released(t, kept(t, stand[0]))
				require.NoError(t, err)
				require.Equal(t, 200, status)
				ended := peers.next(t, Ended)
				require.Equal(t, RemoteSide, ended.Cause.Side)
				require.Equal(t, 41, ended.Cause.Q850)
				status, err = next.released(t, stand[0])
				require.NoError(t, err)
				require.Equal(t, 481, status, "a second time nobody knows of it")
				next.quiet(t)
			})
		}
	}
}

func TestADialogIsToldAsItIsAndWhenItMoves(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Record-Route: <sip:10.0.0.9;lr>")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		stand, _ := s.told()
		require.Empty(t, stand, "not before it is answered")
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		stand, _ = s.told()
		require.Len(t, stand, 1, "before the ACK: to the caller it stands")
		require.Equal(t, Standing{Leg: c.leg.ID(), CallID: "c1", Local: field(ok, "To"), Remote: "<sip:100@10.0.0.9:5060>;tag=t1",
			Target: "sip:100@10.0.0.9:5060", Routes: []string{"<sip:10.0.0.9;lr>"}, Transport: "UDP",
			Peer: netip.MustParseAddrPort("10.0.0.9:5060"), Socket: switchAddr, Trunk: "telecom"}, stand[0])
		p.ack(ok, "a2")
		c.next(t, Confirmed)

		update := p.ask("UPDATE", "sip:10.0.0.1", "u1", 2, field(ok, "To"))
		update[len(update)-1] = "Contact: <sip:100@10.0.0.10>"
		p.send(update...)
		p.expect("SIP/2.0 200")
		synctest.Wait()
		stand, gone := s.told()
		require.Len(t, stand, 2)
		require.Equal(t, "sip:100@10.0.0.10", stand[1].Target)
		require.Empty(t, gone)

		p.bye(ok, 3)
		c.next(t, Ended)
		synctest.Wait()
		stand, gone = s.told()
		require.Len(t, stand, 2)
		require.Equal(t, []string{c.leg.ID()}, gone)
		require.Empty(t, s.ua.Standing())
	})
}

func TestOfACallThatWasNeverAnsweredNothingIsKept(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		c.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "a1")
		synctest.Wait()
		stand, gone := s.told()
		require.Empty(t, stand)
		require.Empty(t, gone)
	})
}

// left is a dialog that an earlier run had with 10.0.0.9.
var left = Standing{Leg: "x", CallID: "old", Local: "<sip:1@10.0.0.1>;tag=us", Remote: "<sip:2@10.0.0.9>;tag=them",
	Target: "sip:2@10.0.0.9", Seq: 7, Transport: "UDP", Peer: netip.MustParseAddrPort("10.0.0.9:5060"), Socket: switchAddr, Trunk: "telecom"}

func TestAReleaseAnswersItsTrunksChallenge(t *testing.T) {
	peers := Peers{Trunks: []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
		Address: "sip:10.0.0.9", Username: "us", Password: "pw"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		told := make(chan int, 2)
		s.ua.Release(left, Cause{Q850: 41}, func(status int, _ error) { told <- status })
		bye := p.expect("BYE sip:2@10.0.0.9 ")
		require.Equal(t, "4104 BYE", field(bye, "CSeq"), "well behind the last one kept")
		require.Equal(t, left.Local, field(bye, "From"))
		require.Equal(t, left.Remote, field(bye, "To"))
		p.reply(bye, "401 Unauthorized", "", "WWW-Authenticate: "+fmt.Sprintf(challenge, "carrier"))
		again := p.expect("BYE ")
		require.Contains(t, field(again, "Authorization"), `username="us"`)
		require.Equal(t, "4105 BYE", field(again, "CSeq"))
		p.reply(again, "200 OK", "")
		require.Equal(t, 200, <-told)
	})
}

func TestAReleaseThatNobodyAnswersEnds(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		d := left
		d.Trunk, d.Account, d.Peer, d.Target = "", "8001", netip.MustParseAddrPort("10.9.0.3:6000"), "sip:8001@192.168.1.5"
		p := s.peer("10.9.0.3:6000")
		began := time.Now()
		_, err := s.released(t, d)
		require.ErrorIs(t, err, errTimeout)
		require.Equal(t, 32*time.Second, time.Since(began))
		require.Contains(t, p.expect("BYE sip:8001@192.168.1.5 "), "tag=us", "to where it spoke from")
		require.Equal(t, stranger, s.ua.admit(d.Peer), "nothing of it stays")
		for p.receive(time.Second) != "" {
		}
	})
}

func TestAReleaseThatMakesNoSenseIsRefused(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		bad := left
		bad.Remote = "<sip:2@10.0.0.9>\r\nX: y"
		_, err := s.released(t, bad)
		require.ErrorIs(t, err, ErrHeader)
		_, err = s.released(t, Standing{})
		require.ErrorIs(t, err, ErrHeader)
		bad = left
		bad.Peer = netip.AddrPort{}
		_, err = s.released(t, bad)
		require.ErrorIs(t, err, ErrAddress)
	})
}
