package sip

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimersThatComeLateForLongAreAnOverload(t *testing.T) {
	var p pace
	now := time.Unix(1000, 0)
	require.False(t, p.note(now, time.Hour), "once is a pause of the machine")
	now = now.Add(900 * time.Millisecond)
	require.False(t, p.note(now, lateAt))
	require.False(t, p.over(now))
	now = now.Add(200 * time.Millisecond)
	require.True(t, p.note(now, lateAt))
	require.True(t, p.over(now))
	require.False(t, p.note(now.Add(time.Millisecond), lateAt), "told once")
	require.False(t, p.note(now.Add(2*time.Millisecond), 0))
	require.True(t, p.over(now.Add(500*time.Millisecond)), "for a moment longer, so that it does not flutter")
	require.False(t, p.over(now.Add(2*lateFor)))
}

func TestAtOverloadNewCallsWaitAndRunningOnesEnd(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		s.ua.pace.until.Store(time.Now().Add(3 * time.Second).UnixNano())
		p.send(p.ask("INVITE", "sip:1@10.0.0.1", "n1", 7, "<sip:1@10.0.0.1>", "", string(offerSDP))...)
		require.Equal(t, "5", field(p.expect("SIP/2.0 503"), "Retry-After"))
		require.Zero(t, s.ua.pendingCalls.Load())
		p.bye(ok, 8)
		c.next(t, Ended)
		time.Sleep(3 * time.Second)
		p.send(p.ask("INVITE", "sip:1@10.0.0.1", "n2", 9, "<sip:1@10.0.0.1>", "", string(offerSDP))...)
		p.expect("SIP/2.0 100")
		again := s.arrival(t)
		again.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "n2")
		again.next(t, Ended)
		require.EqualValues(t, 1, s.ua.Stats().Counters["refused_overload"])
	})
}

// TestAThousandPhonesComeBackAtOnce has them all register from one address, with
// the digest, as a site's do after a restart.
func TestAThousandPhonesComeBackAtOnce(t *testing.T) {
	const phones = 1000
	var accounts []Account
	for i := range phones {
		accounts = append(accounts, Account{ID: fmt.Sprint(8000 + i), Password: "secret"})
	}
	sw := floor(t, Config{T1: 500 * time.Millisecond}, accounts...)
	start := time.Now()
	var wg sync.WaitGroup
	for worker := range 50 {
		wg.Go(func() {
			conn, err := net.Dial("udp", sw.at("udp"))
			if err != nil {
				return // counted below
			}
			defer conn.Close()
			for i := worker; i < phones; i += 50 {
				id := accounts[i].ID
				ask := func(seq int, more string) string {
					m := fmt.Sprintf("REGISTER sip:sw SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s%d\r\nMax-Forwards: 70\r\nFrom: <sip:%[2]s@sw>;tag=t\r\nTo: <sip:%[2]s@sw>\r\n"+
						"Call-ID: c%[2]s\r\nCSeq: %[3]d REGISTER\r\nContact: <sip:%[2]s@%[1]s>\r\n%[4]sContent-Length: 0\r\n\r\n", conn.LocalAddr(), id, seq, more)
					b := make([]byte, 4096)
					for range 10 {
						_, _ = conn.Write([]byte(m))
						_ = conn.SetReadDeadline(time.Now().Add(time.Second))
						if n, err := conn.Read(b); err == nil {
							return string(b[:n])
						}
					}
					return ""
				}
				if res := ask(1, ""); strings.HasPrefix(res, "SIP/2.0 401") {
					ask(2, proof(t, res, "REGISTER", "sip:sw", id, "secret")+"\r\n")
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, phones, sw.ua.Stats().Bindings)
	t.Logf("%d phones in %s", phones, time.Since(start).Round(time.Millisecond))
}
