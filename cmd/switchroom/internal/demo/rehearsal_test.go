package demo

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"switchroom/media"
)

// rehearse lets the carrier call a phone with no switch between them, and
// returns what the phone's media counted.
func rehearse(t *testing.T, a agent, c caller) (media.Stats, error) {
	t.Helper()
	log := zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	p, err := settle()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()

	site := p.sites["beijing"]
	engine, err := p.engine(site, log)
	require.NoError(t, err)
	desk, err := newPhone(ctx, a, site, p.carrier, engine, log)
	require.NoError(t, err)
	address, err := netip.ParseAddrPort(desk.ua.Addresses()[0][len("udp:"):])
	require.NoError(t, err)
	trunk, err := p.engine(p.carrier, log)
	require.NoError(t, err)
	line, err := newCarrier("udp:"+p.trunk.String(), address, trunk, log)
	require.NoError(t, err)

	h := &house{}
	h.open(desk.ua, &desk.work)
	h.open(line.ua, &line.work)
	err = line.place(ctx, c)
	require.NoError(t, h.close())
	require.Eventually(t, func() bool { return engine.Stats().Legs == 0 }, 10*time.Second, 10*time.Millisecond, "nothing is left open")
	stats := engine.Stats()
	require.NoError(t, p.close())
	return stats, err
}

func TestACallerAndAnAgentConverseOverRTP(t *testing.T) {
	t.Parallel()
	c := newCast()
	a, _ := c.agent("8101")
	a.answerAfter = 100 * time.Millisecond
	who := c.callers[0]
	who.turns = 1
	stats, err := rehearse(t, a, who)
	require.NoError(t, err)
	require.Greater(t, stats.PacketsIn, uint64(100), "the agent's side heard the caller")
}

func TestACallerGivesUpAPhoneThatRingsOut(t *testing.T) {
	t.Parallel()
	c := newCast()
	a, _ := c.agent("8003")
	require.Zero(t, a.answerAfter)
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	done := sync.WaitGroup{}
	defer done.Wait()
	log := zap.NewNop()
	p, err := settle()
	require.NoError(t, err)
	engine, err := p.engine(p.sites["chengdu"], log)
	require.NoError(t, err)
	desk, err := newPhone(t.Context(), a, p.sites["chengdu"], p.carrier, engine, log)
	require.NoError(t, err)
	address, err := netip.ParseAddrPort(desk.ua.Addresses()[0][len("udp:"):])
	require.NoError(t, err)
	trunk, err := p.engine(p.carrier, log)
	require.NoError(t, err)
	line, err := newCarrier("udp:"+p.trunk.String(), address, trunk, log)
	require.NoError(t, err)
	h := &house{}
	h.open(desk.ua, &desk.work)
	h.open(line.ua, &line.work)
	require.ErrorIs(t, line.place(ctx, c.callers[0]), context.DeadlineExceeded)
	require.NoError(t, h.close(), "the phone stopped ringing, or this would not return")
	require.NoError(t, p.close())
}
