package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchroom/sip"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

var impairedCalls = flag.Int("impaired.calls", 40, "so many calls on each bad line; 2000 give the figures their digits")

// badLine is a socket that loses, doubles and delays what goes out and comes
// in, by a seed.
type badLine struct {
	*net.UDPConn
	loss, dup int // percent
	jitter    time.Duration

	mu      sync.Mutex
	rng     *rand.Rand
	in      chan datagram
	pending sync.WaitGroup
	closed  chan struct{}
	once    sync.Once
}

type datagram struct {
	b    []byte
	from net.Addr
}

func newBadLine(t *testing.T, seed uint64, loss, dup int, jitter time.Duration) *badLine {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	require.NoError(t, c.SetReadBuffer(1<<20))
	l := &badLine{UDPConn: c, loss: loss, dup: dup, jitter: jitter, rng: rand.New(rand.NewPCG(seed, 4)),
		in: make(chan datagram, 4096), closed: make(chan struct{})}
	l.pending.Add(1)
	go l.read()
	return l
}

// fate says when each copy of a datagram arrives; none when it is lost.
func (l *badLine) fate() (delays []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rng.IntN(100) < l.loss {
		return nil
	}
	for range 1 + max(0, min(1, l.dup-l.rng.IntN(100))) {
		delays = append(delays, time.Duration(l.rng.Int64N(int64(l.jitter))))
	}
	return delays
}

func (l *badLine) later(do func()) {
	for _, d := range l.fate() {
		l.pending.Add(1)
		time.AfterFunc(d, func() { defer l.pending.Done(); do() })
	}
}

func (l *badLine) read() {
	defer l.pending.Done()
	buf := make([]byte, 65536)
	for {
		n, from, err := l.UDPConn.ReadFrom(buf)
		if err != nil {
			return
		}
		d := datagram{append([]byte(nil), buf[:n]...), from}
		l.later(func() {
			select {
			case l.in <- d:
			case <-l.closed:
			}
		})
	}
}

func (l *badLine) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case d := <-l.in:
		return copy(b, d.b), d.from, nil
	case <-l.closed:
		return 0, nil, net.ErrClosed
	}
}

func (l *badLine) WriteTo(b []byte, to net.Addr) (int, error) {
	text := append([]byte(nil), b...)
	l.later(func() { _, _ = l.UDPConn.WriteTo(text, to) }) // it may be closed by now
	return len(b), nil
}

func (l *badLine) Close() error {
	l.once.Do(func() { close(l.closed) })
	err := l.UDPConn.Close()
	l.pending.Wait()
	return err
}

// faraway is a carrier, or phones, at the other end of a bad line. Calls in are
// answered after a moment.
type faraway struct {
	ua   *sip.UA
	sdp  []byte
	took atomic.Int32
}

func (f *faraway) Invite(l *sip.Leg, _ sip.Invite) sip.Sink {
	f.took.Add(1)
	_ = l.Ring(180, nil)
	time.AfterFunc(100*time.Millisecond, func() { _ = l.Answer(f.sdp) })
	return sip.Sink(nothing{})
}

func (f *faraway) Registration(sip.Registration) {}

type nothing struct{}

func (nothing) LegEvent(sip.Event) {}

func (w *World) faraway(line *badLine, t1 time.Duration) *faraway {
	f := &faraway{sdp: []byte(w.Sound("agent", pcmu, 0).SDP("sendrecv"))}
	var err error
	f.ua, err = sip.New(sip.Config{T1: t1, Networks: sip.Networks{Packet: []net.PacketConn{line}}},
		&sip.Peers{Trunks: []sip.Trunk{{ID: "switch", Peers: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}}}, f, zap.NewNop())
	require.NoError(w.t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = f.ua.Run(ctx) }()
	w.t.Cleanup(func() { stop(); <-ended })
	return f
}

// far is one call from far away: it is hung up a moment after it is answered.
type far struct {
	answered, refused, over bool
	mu                      sync.Mutex
	done                    chan struct{}
	talks                   time.Duration
}

func (c *far) LegEvent(e sip.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Kind {
	case sip.Answered:
		c.answered = true
		time.AfterFunc(c.talks, func() { e.Leg.Hangup(sip.Cause{Q850: 16}) })
	case sip.Failed, sip.Ended:
		c.refused = e.Status == 503
		if !c.over {
			c.over = true
			close(c.done)
		}
	}
}

// F4: calls are set up and ended over lines that lose, double and delay what is
// said on both sides of the switch; each has one record and leaves no leg.
func TestHardshipF04CallsOverBadLines(t *testing.T) {
	for _, line := range []struct {
		loss        int
		least, good float64 // percent of a few calls, and of many
	}{{5, 95, 99.9}, {20, 90, 98}} {
		t.Run(fmt.Sprint(line.loss, " percent lost"), func(t *testing.T) {
			const t1 = 500 * time.Millisecond
			o := Options{T1: t1, Queues: oneSite, Trunks: "[{id: telecom, peers: [127.0.0.1], channels: 1000}]", RTPPorts: 200}
			o.Queues = strings.Replace(oneSite, "ring_timeout: 1500ms", "ring_timeout: 15s, record: never", 1)
			w := NewWorld(t, o)
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			phones := w.faraway(newBadLine(t, seed, line.loss, 10, 200*time.Millisecond), t1)
			carrier := w.faraway(newBadLine(t, seed+1, line.loss, 10, 200*time.Millisecond), t1)
			_, at, _ := strings.Cut(phones.ua.Addresses()[0], ":")
			o.Agents = ""
			for i := range 20 {
				o.Agents += fmt.Sprintf("\n  - {id: \"%d\", site: chengdu, contact: \"sip:%d@%s\"}", 9000+i, 9000+i, at)
			}
			w.Configure(o)
			status, body := w.Do("POST", "/api/v1/config/reload", nil)
			require.Equal(t, 200, status, "%s", body)

			began := time.Now()
			calls := make([]*far, *impairedCalls)
			for i := range calls {
				c := &far{done: make(chan struct{}), talks: 500*time.Millisecond + rand.N(time.Second)}
				calls[i] = c
				_, err := carrier.ua.Dial(sip.Dial{URI: fmt.Sprintf("sip:4008001234@127.0.0.1:%d", w.SIP), From: sip.Identity{Number: fmt.Sprint(13800000000 + i)},
					SDP: carrier.sdp, Sink: c})
				require.NoError(t, err)
				time.Sleep(200 * time.Millisecond) // five calls a second
			}
			answered, refused := 0, 0
			for _, c := range calls {
				select {
				case <-c.done:
				case <-time.After(90 * time.Second):
					t.Fatal("a call has no end")
				}
				c.mu.Lock()
				if c.answered {
					answered++
				} else if c.refused { // the machine had too much to do, or no port left, and said so
					refused++
				}
				c.mu.Unlock()
			}
			overloads := strings.Count(w.log.String(), "overloaded: new calls are refused")
			share := 100 * float64(answered) / float64(max(len(calls)-refused, 1))
			t.Logf("%d %% lost, 10 %% doubled, up to 200 ms late each way: %d of %d calls set up (%.2f %%), %d refused (overloaded %d times), %d answered by agents, in %v",
				line.loss, answered, len(calls), share, refused, overloads, phones.took.Load(), time.Since(began).Round(time.Second))
			want := line.least
			if len(calls) >= 1000 {
				want = line.good
			}
			require.GreaterOrEqual(t, share, want)
			w.Eventually(90*time.Second, "no leg is left at the switch", func() bool { return w.Invariants().Legs == 0 && len(w.Calls()) == 0 })
			w.Eventually(90*time.Second, "nor at the others", func() bool { return carrier.ua.Stats().Legs+phones.ua.Stats().Legs == 0 })
			w.recordsAreOneACall(answered)
		})
	}
}

// recordsAreOneACall reads all records and demands that no caller has two.
func (w *World) recordsAreOneACall(least int) {
	w.t.Helper()
	seen := map[string]int{}
	w.Eventually(30*time.Second, "the records", func() bool {
		clear(seen)
		for next := ""; ; {
			var page list[cdr]
			w.Get("/api/v1/cdrs?limit=500"+next, &page)
			for _, c := range page.Items {
				seen[c.From]++
			}
			if page.Next == "" {
				return len(seen) >= least
			}
			next = "&cursor=" + page.Next
		}
	})
	for from, n := range seen {
		require.Equal(w.t, 1, n, "records of the call from %s", from)
	}
}
