package media

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakePorts binds nothing, and fails where another process sits.
type fakePorts struct {
	taken map[uint16]bool
	open  map[uint16]bool
	err   error
}

type fakeSocket struct {
	socket
	ports *fakePorts
	port  uint16
}

func (s fakeSocket) close() { delete(s.ports.open, s.port) }

func (f *fakePorts) listen(a netip.AddrPort) (socket, error) {
	if f.taken[a.Port()] {
		return nil, fmt.Errorf("bind: %w", f.err)
	}
	if f.open[a.Port()] {
		panic(fmt.Sprint("bound twice: ", a))
	}
	f.open[a.Port()] = true
	return fakeSocket{ports: f, port: a.Port()}, nil
}

func fakeRange(min, max uint16, rest time.Duration) (*portRange, *fakePorts) {
	r := newPortRange(loopback, min, max, rest, rand.New(rand.NewPCG(1, 2)))
	return r, &fakePorts{taken: map[uint16]bool{}, open: map[uint16]bool{}, err: syscall.EADDRINUSE}
}

func TestPairsAreEvenAndOddAndAllOfTheRange(t *testing.T) {
	r, f := fakeRange(10001, 10041, time.Second) // 20 pairs from 10002 to 10041
	require.Equal(t, 20, r.total)
	seen := map[uint16]bool{}
	for range 20 {
		_, _, port, err := r.take(0, f.listen)
		require.NoError(t, err)
		require.Zero(t, port%2)
		require.True(t, port >= 10002 && port+1 <= 10041)
		seen[port] = true
	}
	require.Len(t, seen, 20)
	_, _, _, err := r.take(0, f.listen)
	require.ErrorIs(t, err, ErrNoPorts)
	require.Len(t, f.open, 40)
}

func TestFreedPairRestsBeforeItIsUsedAgain(t *testing.T) {
	r, f := fakeRange(10000, 10001, 5*time.Second)
	rtp, rtcp, port, err := r.take(0, f.listen)
	require.NoError(t, err)
	require.True(t, r.holds(port) && r.holds(port+1))
	rtp.close()
	rtcp.close()
	r.giveBack(port, 1e9)
	r.giveBack(port, 1e9) // twice changes nothing
	require.False(t, r.holds(port))
	_, _, _, err = r.take(6e9-1, f.listen)
	require.ErrorIs(t, err, ErrNoPorts)
	_, _, again, err := r.take(6e9, f.listen)
	require.NoError(t, err)
	require.Equal(t, port, again)
	require.Zero(t, r.tired.len())
}

func TestPairWithATakenPortIsRolledBack(t *testing.T) {
	r, f := fakeRange(10000, 10039, time.Second)
	for p := uint16(10001); p < 10039; p += 2 {
		f.taken[p] = true // all odd ones but 10039
	}
	_, _, port, err := r.take(0, f.listen)
	require.NoError(t, err)
	require.EqualValues(t, 10038, port)
	require.Len(t, f.open, 2, "no even port leaks")
	for range 10000 {
		_, _, _, err = r.take(0, f.listen)
		require.ErrorIs(t, err, ErrNoPorts)
	}
	require.Len(t, f.open, 2)
	used, tired, fails := r.counts(0)
	require.Equal(t, []int{1, 19}, []int{used, tired})
	require.EqualValues(t, 10000, fails)
	f.taken = nil
	_, _, _, err = r.take(2e9, f.listen)
	require.NoError(t, err, "what others left is used again")
}

func TestOutOfDescriptorsIsNotTriedOverAndOver(t *testing.T) {
	r, f := fakeRange(10000, 10039, time.Second)
	f.err = syscall.EMFILE
	for p := uint16(10000); p < 10040; p++ {
		f.taken[p] = true
	}
	_, _, _, err := r.take(0, f.listen)
	require.ErrorIs(t, err, ErrNoPorts)
	require.ErrorIs(t, err, syscall.EMFILE)
	_, tired, _ := r.counts(0)
	require.Equal(t, 1, tired)
}

// F7, with real sockets: a range of 40 ports, a process on odd ones, 10,000
// calls refused.
func TestExhaustionIsAnswerNotLeak(t *testing.T) {
	onEachDriver(t, Config{PortMin: 22000, PortMax: 22039, Rest: 50 * time.Millisecond}, func(t *testing.T, e *Engine) {
		for _, port := range []uint16{22001, 22005, 22021} {
			squatter, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, port)))
			require.NoError(t, err)
			defer squatter.Close()
		}
		events := &journal{}
		s := e.NewSession(events)
		var legs []*Leg
		for {
			leg, err := s.NewLeg(Caller)
			if err != nil {
				require.ErrorIs(t, err, ErrNoPorts)
				break
			}
			require.Equal(t, leg.Local().Port()%2, uint16(0))
			legs = append(legs, leg)
		}
		require.Len(t, legs, 17)
		before := descriptors(t)
		for range 10000 {
			_, err := s.NewLeg(Other)
			if !errors.Is(err, ErrNoPorts) {
				require.ErrorIs(t, err, ErrNoPorts)
			}
		}
		require.Equal(t, before, descriptors(t))
		require.Equal(t, 17, e.Stats().PortsInUse)
		s.RemoveLeg(legs[0])
		events.await(t, Closed, 1)
		require.Eventually(t, func() bool { _, err := s.NewLeg(Other); return err == nil }, patience, 10*time.Millisecond)
		s.Close()
		events.await(t, SessionClosed, 1)
		require.Zero(t, e.Stats().PortsInUse)
		require.Zero(t, e.Stats().Legs)
	})
}

// descriptors counts the open files, where the system tells.
func descriptors(t *testing.T) int {
	files, err := os.ReadDir("/proc/self/fd")
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	require.NoError(t, err)
	return len(files)
}

func TestRingKeepsOrderWhileItsMemoryIsReused(t *testing.T) {
	var q ring[int]
	next, want := 0, 0
	for range 1000 {
		for range 3 {
			q.push(next)
			next++
		}
		for q.len() > 2 {
			require.Equal(t, want, *q.first())
			require.Equal(t, want, q.pop())
			want++
		}
	}
	require.Less(t, cap(q.items), 64)
}
