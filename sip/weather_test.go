package sip

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	weatherSeed  = flag.Uint64("weather.seed", 0, "run one seed")
	weatherSeeds = flag.Uint64("weather.seeds", 40, "run so many seeds")
)

// record is what was told of one leg.
type record struct {
	mu     sync.Mutex
	kinds  []Kind
	final  Event
	finals int
	on     func(Event)
}

func (r *record) LegEvent(e Event) {
	r.mu.Lock()
	r.kinds = append(r.kinds, e.Kind)
	if e.Kind == Failed || e.Kind == Ended {
		r.final = e
		r.finals++
	}
	late := r.finals > 0 && e.Kind != Failed && e.Kind != Ended
	r.mu.Unlock()
	if late {
		panic("event after the last one: " + e.Kind.String())
	}
	if r.on != nil {
		r.on(e)
	}
}

func (r *record) check(t *testing.T, seed uint64, side string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Equal(t, 1, r.finals, "seed %d: %s was told %v", seed, side, r.kinds)
}

// The whole stack on a network that loses, doubles and reorders: whatever each
// side does and whenever, every leg is told its end exactly once and nothing is
// left in the end.
func TestCallsEndCleanlyInAnyWeather(t *testing.T) {
	if *weatherSeed != 0 {
		synctest.Test(t, func(t *testing.T) { weather(t, *weatherSeed) })
		return
	}
	for seed := uint64(1); seed <= *weatherSeeds; seed++ {
		synctest.Test(t, func(t *testing.T) { weather(t, seed) })
	}
}

func weather(t *testing.T, seed uint64) {
	const calls = 12
	rng := rand.New(rand.NewPCG(seed, 2))
	m := newMemnet(seed)
	m.loss, m.dup, m.delay = rng.IntN(25), rng.IntN(15), time.Duration(1+rng.IntN(300))*time.Millisecond
	t.Logf("seed %d: loss %d %%, dup %d %%, delay %v", seed, m.loss, m.dup, m.delay)
	net10 := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	at := func(addr string) *station {
		return newStation(t, Config{T1: 500 * time.Millisecond, Networks: Networks{Packet: []net.PacketConn{m.node(addr)}}},
			&Peers{Trunks: []Trunk{{ID: "peer", Peers: net10, Channels: calls}}})
	}
	a, b := at("10.0.0.1:5060"), at("10.0.0.2:5060")
	var mu sync.Mutex
	var records []*record
	random := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return rng.IntN(n)
	}
	later := func(limit int, fn func()) {
		time.AfterFunc(time.Duration(random(limit))*time.Millisecond, fn)
	}
	newRecord := func() *record {
		r := &record{}
		mu.Lock()
		records = append(records, r)
		mu.Unlock()
		return r
	}
	// busy does what a user might, at any time.
	busy := func(e Event) {
		l := e.Leg
		switch e.Kind {
		case Confirmed, Answered:
			if random(3) == 0 {
				later(2000, func() { _ = l.Reoffer(otherSDP) })
			}
			later(20000, func() { l.Hangup(Cause{Q850: 16}) })
		case Offered:
			if random(4) == 0 {
				_ = l.RefuseOffer(488)
			} else {
				later(500, func() { _ = l.AcceptOffer(answerSDP) })
			}
		}
	}
	b.on = func(l *Leg, inv Invite) Sink {
		r := newRecord()
		r.on = busy
		if random(3) > 0 {
			later(1000, func() { _ = l.Ring(180, nil) })
		}
		if random(4) == 0 {
			later(5000, func() { l.Reject(486, 0) })
		} else {
			later(5000, func() { _ = l.Answer(answerSDP) })
		}
		later(60000, func() { l.Hangup(Cause{}) })
		return r
	}
	for range calls {
		time.Sleep(time.Duration(random(1500)) * time.Millisecond)
		r := newRecord()
		r.on = busy
		l, err := a.ua.Dial(Dial{URI: "sip:100@10.0.0.2", SDP: offerSDP, Sink: r})
		require.NoError(t, err)
		if random(3) == 0 {
			later(6000, func() { l.Hangup(Cause{}) })
		}
	}
	time.Sleep(5 * time.Minute)
	synctest.Wait()
	for _, s := range []*station{a, b} {
		st := s.ua.Stats()
		require.Zero(t, st.Legs, "seed %d: legs", seed)
		require.Zero(t, st.Transactions, "seed %d: transactions: %s", seed, s.ua.transactions())
		require.Zero(t, st.Timers, "seed %d: timers", seed)
		require.Zero(t, st.Counters["panics"], "seed %d: panics", seed)
		require.Zero(t, s.ua.pendingCalls.Load(), "seed %d: pending", seed)
		require.Zero(t, s.ua.trunkStates["peer"].inUse, "seed %d: channels", seed)
		require.Empty(t, s.ua.dialled.count, "seed %d: acquaintances", seed)
	}
	for _, r := range records {
		r.check(t, seed, "a side")
	}
	a.close()
	b.close()
}

// transactions lists what is left, for a failure's message.
func (ua *UA) transactions() string {
	var list []string
	for _, x := range ua.allExchanges() {
		if x.leg == nil {
			list = append(list, fmt.Sprintf("%s %s kind %d", x.key.Method, x.tx.State(), x.tx.Kind()))
			continue
		}
		list = append(list, fmt.Sprintf("%s %s kind %d invite %v leg %v", x.key.Method, x.tx.State(), x.tx.Kind(), x.leg.invite == x, x.leg.state))
	}
	return strings.Join(list, ", ")
}

func (ua *UA) allExchanges() []*exchange {
	ua.txMu.Lock()
	defer ua.txMu.Unlock()
	list := slices.Collect(maps.Values(ua.clients))
	return slices.AppendSeq(list, maps.Values(ua.servers))
}
