package sip

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is a peer prefix that admits every test.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// station is a UA with a scripted user: it keeps every event and answers calls
// by its on hook.
type station struct {
	t    testing.TB
	ua   *UA
	on   func(*Leg, Invite) Sink
	stop context.CancelFunc
	done chan struct{}

	faults   atomic.Int32
	mu       sync.Mutex
	invites  []Invite
	regs     []Registration
	trunks   []string // changes of trunks' states
	phones   []string // and of phones that are asked
	guesses  []string
	dialogs  []Standing
	gone     []string // dialogs that were over
	arrivals chan *call
	regged   chan Registration
}

// call is a leg with its events.
type call struct {
	leg    *Leg
	invite Invite
	events chan Event
	hook   func(Event)
}

func newCall() *call { return &call{events: make(chan Event, 256)} }

func (c *call) LegEvent(e Event) {
	if c.hook != nil {
		c.hook(e)
	}
	c.events <- e
}

// next waits for an event of a kind; others before it fail the test.
func (c *call) next(t testing.TB, k Kind) Event {
	t.Helper()
	select {
	case e := <-c.events:
		require.Equal(t, k.String(), e.Kind.String(), "%+v", e)
		return e
	case <-time.After(2 * time.Minute):
		require.Fail(t, "no event", "waiting for %s", k)
	}
	return Event{}
}

func (s *station) Invite(l *Leg, inv Invite) Sink {
	s.mu.Lock()
	s.invites = append(s.invites, inv)
	s.mu.Unlock()
	if s.on != nil {
		return s.on(l, inv)
	}
	c := newCall()
	c.leg, c.invite = l, inv
	s.arrivals <- c
	return c
}

func (s *station) Registration(r Registration) {
	s.mu.Lock()
	s.regs = append(s.regs, r)
	s.mu.Unlock()
	s.regged <- r
}

func (s *station) TrunkState(trunk string, up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trunks = append(s.trunks, fmt.Sprint(trunk, " ", up))
}

func (s *station) PhoneState(account string, up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phones = append(s.phones, fmt.Sprint(account, " ", up))
}

func (s *station) DialogStands(d Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialogs = append(s.dialogs, d)
}

func (s *station) DialogOver(leg string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = append(s.gone, leg)
}

func (s *station) SignallingFault() { s.faults.Add(1) }

// told gives what the station heard of dialogs.
func (s *station) told() (stand []Standing, gone []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dialogs), slices.Clone(s.gone)
}

func (s *station) Guessing(source netip.AddrPort, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guesses = append(s.guesses, fmt.Sprint(source, " ", user))
}

// arrival waits for a call in.
func (s *station) arrival(t testing.TB) *call {
	t.Helper()
	select {
	case c := <-s.arrivals:
		return c
	case <-time.After(2 * time.Minute):
		require.Fail(t, "no call came in")
	}
	return nil
}

func newStation(t testing.TB, cfg Config, peers *Peers) *station {
	t.Helper()
	if len(cfg.Listen) == 0 && cfg.Networks.Packet == nil {
		cfg.Listen = []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"}
	}
	if cfg.T1 == 0 {
		cfg.T1 = 20 * time.Millisecond
	}
	s := &station{t: t, arrivals: make(chan *call, 4096), regged: make(chan Registration, 4096), done: make(chan struct{})}
	log := zap.NewNop()
	if testing.Verbose() {
		log = zaptest.NewLogger(t)
	}
	ua, err := New(cfg, peers, s, log)
	require.NoError(t, err)
	s.ua = ua
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() {
		defer close(s.done)
		_ = ua.Run(ctx)
	}()
	t.Cleanup(s.close)
	return s
}

// close stops the station; a second time it does nothing.
func (s *station) close() {
	s.stop()
	<-s.done
}

// at is the station's address for a transport.
func (s *station) at(transport string) string {
	for _, a := range s.ua.Addresses() {
		if rest, ok := strings.CutPrefix(a, transport+":"); ok {
			return rest
		}
	}
	s.t.Fatalf("no %s address", transport)
	return ""
}

// uri is how a station is called.
func (s *station) uri(user, transport string) string {
	return "sip:" + user + "@" + s.at(transport) + ";transport=" + transport
}

// quiet waits until nothing of any call is left.
func (s *station) quiet(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool {
		st := s.ua.Stats()
		return st.Legs == 0 && st.Transactions == 0 && st.Timers == st.Bindings && s.ua.pendingCalls.Load() == 0
	}, 20*time.Second, 10*time.Millisecond, "%+v", s.ua.Stats())
}

var (
	offerSDP  = []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n")
	answerSDP = []byte("v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n")
	otherSDP  = []byte("v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n")
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}
