package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/sip/wire"
)

// The remaining traps: cancelling, transfers, registrations.

func TestC19NoCancelWithoutA1xxAndAnEndInAnyCase(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, _ := s.ring(p, Dial{})
		c.leg.Hangup(Cause{Q850: 16})
		start := time.Now()
		c.next(t, Ended)
		require.Equal(t, 4*time.Second, time.Since(start), "the user is not kept waiting")
		for m := p.receive(2 * time.Minute); m != ""; m = p.receive(2 * time.Minute) {
			require.True(t, strings.HasPrefix(m, "INVITE "), m)
			require.LessOrEqual(t, time.Since(start), 32*time.Second)
		}
	})
}

func TestC19ALate1xxIsStillCancelled(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		c.leg.Hangup(Cause{Q850: 16})
		c.next(t, Ended)
		for len(p.conn.in) > 0 {
			p.expect("INVITE ")
		}
		p.reply(inv, "180 Ringing", "x")
		cancel := p.expect("CANCEL ")
		require.Equal(t, "Q.850;cause=16", field(cancel, "Reason"))
		p.reply(cancel, "200 OK", "x")
		p.reply(inv, "487 Request Terminated", "x")
		p.expect("ACK ")
	})
}

// referred puts a call to a phone up and has the phone ask for a transfer.
func (s *stage) referred(t *testing.T, p *peer, more ...string) *call {
	agent, inv := s.ring(p, Dial{Account: "8001"})
	p.reply(inv, "200 OK", "x", "", string(answerSDP))
	p.expect("ACK ")
	agent.next(t, Answered)
	p.send(append([]string{"REFER sip:10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 10.9.0.1:5060;branch=z9hG4bKr",
		"Max-Forwards: 70", "From: " + field(inv, "To") + ";tag=x", "To: " + field(inv, "From"),
		"Call-ID: " + field(inv, "Call-ID"), "CSeq: 9 REFER", "Contact: <sip:8001@10.9.0.1>",
		"Refer-To: <sip:8002@10.0.0.1>"}, more...)...)
	return agent
}

func TestC25ATransferThatFailsIsToldInOrderAndTheCallStays(t *testing.T) {
	peers := Peers{Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}}, Trunks: telecom}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.9.0.1:5060")
		agent := s.referred(t, p)
		p.expect("SIP/2.0 202")
		agent.next(t, Referred)
		require.NoError(t, agent.leg.Refer(180))
		require.NoError(t, agent.leg.Refer(486))
		var last int
		for _, status := range []string{"100 Trying", "180 Ringing", "486 Busy Here"} {
			n := p.expect("NOTIFY ")
			require.Equal(t, "SIP/2.0 "+status+"\r\n", content(n))
			require.Equal(t, status[:1] != "4", strings.HasPrefix(field(n, "Subscription-State"), "active"))
			var seq int
			_, err := fmt.Sscan(field(n, "CSeq"), &seq)
			require.NoError(t, err)
			require.Greater(t, seq, last)
			last = seq
			p.reply(n, "200 OK", "")
		}
		require.NoError(t, agent.leg.Refer(200), "nothing more is told")
		p.silent(time.Minute)
		require.Empty(t, agent.events)
		p.hangUp(agent)
	})
}

func TestC25AReferWithoutSubscriptionIsNotNotified(t *testing.T) {
	peers := Peers{Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}}, Trunks: telecom}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.9.0.1:5060")
		agent := s.referred(t, p, "Refer-Sub: false", "Require: norefersub")
		require.Equal(t, "false", field(p.expect("SIP/2.0 202"), "Refer-Sub"))
		agent.next(t, Referred)
		require.NoError(t, agent.leg.Refer(200))
		p.silent(time.Minute)
		p.hangUp(agent)
	})
}

func TestC28AssertionsOfPhonesAreNotBelieved(t *testing.T) {
	raw := strings.Join([]string{"INVITE sip:1@10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 10.9.0.1;branch=z9hG4bKx", "Max-Forwards: 70",
		"From: <sip:8001@10.0.0.1>;tag=t", "To: <sip:1@10.0.0.1>", "Call-ID: c", "CSeq: 1 INVITE", "Contact: <sip:8001@10.9.0.1>",
		"P-Asserted-Identity: <tel:+110>", "Remote-Party-ID : <sip:+110@x>", "p-asserted-identity : <tel:+112>", "Privacy: id", "", ""}, "\r\n")
	m := wire.Parse([]byte(raw), phonePacket)
	require.NotNil(t, m.Request)
	in := &request{Request: m.Request}
	require.Equal(t, Identity{Number: "8001"}, identityIn(in, false))
	require.Equal(t, Identity{Number: "+110", Private: true}, identityIn(in, true))
}

func TestC32ARegistrarsTermsAreTaken(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() {
			done <- s.ua.Register(ctx, RegisterRequest{Registrar: "sip:10.0.0.9", Account: "us", Password: "pw", Expires: time.Minute})
		}()
		q := p.expect("REGISTER sip:10.0.0.9 ")
		require.Equal(t, "60", field(q, "Expires"))
		p.reply(q, "423 Interval Too Brief", "x", "Min-Expires: 120")
		q = p.expect("REGISTER ")
		require.Equal(t, "120", field(q, "Expires"))
		p.registered(q, 60) // and then gives less after all
		require.NoError(t, <-done)
		for range 3 {
			start := time.Now()
			q = p.expect("REGISTER ")
			require.GreaterOrEqual(t, time.Since(start), 30*time.Second)
			require.Less(t, time.Since(start), 55*time.Second, "with room for what is lost")
			p.registered(q, 60)
		}
		time.Sleep(time.Second)
		cancel()
		q = p.expect("REGISTER ")
		require.Equal(t, "0", field(q, "Expires"))
		p.reply(q, "200 OK", "x")
	})
}

// registered grants a registration, under a contact that was rewritten on the
// way.
func (p *peer) registered(q string, expires int) {
	p.reply(q, "200 OK", "x", fmt.Sprintf("Contact: <sip:us@192.0.2.7:1024;transport=udp>;expires=%d", expires), "Service-Route: <sip:10.0.0.9;lr>")
}

func TestC32ARefusalIsNotAskedAgainForHalfAnHour(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		done := make(chan error, 1)
		var told []error
		go func() {
			done <- s.ua.Register(ctx, RegisterRequest{Registrar: "sip:10.0.0.9", Account: "us", Report: func(err error) { told = append(told, err) }})
		}()
		p.registered(p.expect("REGISTER "), 300)
		require.NoError(t, <-done)
		p.reply(p.receive(5*time.Minute), "403 Forbidden", "x")
		p.silent(30 * time.Minute)
		q := p.receive(5 * time.Minute) // a little later by chance, so that not all come at once
		p.registered(q, 300)
		time.Sleep(time.Second)
		cancel()
		p.reply(p.expect("REGISTER "), "200 OK", "x")
		require.Len(t, told, 2)
		require.ErrorIs(t, told[0], ErrRegistration)
		require.NoError(t, told[1])
	})
}
