package e2e

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// S4: connections that come to nothing, of every kind there is, are closed in
// time and give back what they had; who may call is served meanwhile.
func TestAttackConnectionsThatComeToNothingAreClosed(t *testing.T) {
	failed, idle := 300, 60
	if *long {
		failed, idle = 10_000, 1500
	}
	w := NewWorld(t, Options{TLS: true, Queues: oneSite, Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 30}]"})
	dial := func(n, port int) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: source(40000 + n%200)}, Timeout: 10 * time.Second}
		c, err := d.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		require.NoError(t, err)
		return c
	}
	for n := range failed {
		switch n % 4 {
		case 0: // nothing at all
			dial(n, w.SIP).Close()
		case 1: // half a handshake
			c := dial(n, w.TLS)
			_, _ = c.Write([]byte{22, 3, 1, 2, 0, 1, 0})
			c.Close()
		case 2: // rubbish where TLS is wanted
			c := dial(n, w.TLS)
			_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			c.Close()
		default: // a handshake, and nothing after it
			c := tls.Client(dial(n, w.TLS), &tls.Config{InsecureSkipVerify: true})
			_ = c.Handshake()
			c.Close()
		}
	}
	var held []net.Conn
	for n := range idle {
		c := dial(n, []int{w.SIP, w.TLS}[n%2])
		defer c.Close()
		held = append(held, c)
	}
	var ended sync.WaitGroup
	for n, c := range held {
		ended.Go(func() { // those of TCP say a little, again and again
			for n%2 == 0 {
				if _, err := c.Write([]byte("I")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
	}
	k := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.Answered() // somebody who may
	k.Hangup()
	most := w.descriptors()
	began := time.Now()
	for _, c := range held {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(60*time.Second)))
		_, err := c.Read(make([]byte, 1))
		require.Error(t, err)
		require.False(t, errors.Is(err, os.ErrDeadlineExceeded), "still open after a minute")
	}
	ended.Wait()
	t.Logf("%d that failed at once, %d held open: %d descriptors at most, the last closed after %v", failed, idle, most, time.Since(began).Round(time.Second))
	w.CDRs(1) // LeaveNoTrace sees to the descriptors
}

// descriptors is how many the switch has open.
func (w *World) descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", w.cmd.Process.Pid))
	require.NoError(w.t, err)
	return len(entries)
}
