package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// awaitStamps waits until the kernel stamps packets, which it begins a while
// after it was first asked to.
func awaitStamps(t *testing.T) {
	d, err := newEpoll(false)
	require.NoError(t, err)
	t.Cleanup(d.close)
	fd, err := d.bind(netip.AddrPortFrom(loopback, 0), false)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) }) // who stamps for nobody stops
	self, err := unix.Getsockname(fd)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		require.NoError(t, unix.Sendto(fd, []byte{1}, 0, self))
		time.Sleep(5 * time.Millisecond)
		require.Equal(t, 1, d.backlog.receive(fd))
		return d.backlog.age(0, time.Now().UnixNano()) > int64(4*time.Millisecond)
	}, patience, time.Millisecond)
}

// A loop that was held up for as long as this still knows when packets came.
func TestArrivalIsWhenThePacketCameAndNotWhenItWasRead(t *testing.T) {
	const stall, pace = 400 * time.Millisecond, 20 * time.Millisecond
	awaitStamps(t)
	e := startEngine(t, Config{}, defaultDriver)
	c := bridged(t, e, PCMU, PCMU)
	c.greet()
	tap := &listener{}
	c.session.Tap(tap)
	settle(t, c.session)
	c.session.loop.post(func() { time.Sleep(stall) })
	began := Now()
	sent := []int64{}
	for Now()-began < int64(stall-2*pace) {
		sent = append(sent, Now())
		c.caller.speak(PCMU, 1)
		time.Sleep(pace)
	}
	require.Greater(t, len(sent), 3)
	require.Eventually(t, func() bool { return len(tap.heard()) == len(sent) }, patience, time.Millisecond)
	for i, f := range tap.heard() {
		// Between the moments before and after it was handed to the kernel.
		require.GreaterOrEqual(t, f.Arrival, sent[i]-int64(time.Millisecond), "packet %d", i)
		if i+1 < len(sent) {
			require.Less(t, f.Arrival, sent[i+1]+int64(time.Millisecond), "packet %d", i)
		}
	}
	require.Less(t, c.a.Stats().JitterMax, stall/2)
}
