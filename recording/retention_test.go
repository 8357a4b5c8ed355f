package recording

import (
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk/disktest"

	"github.com/stretchr/testify/require"
)

// archive is a world with a sealed recording of each of two clients, and a
// wall clock that can be stepped.
type archive struct {
	*world
	step  atomic.Int64
	rules []Rule
}

func newArchive(t *testing.T) *archive {
	a := &archive{rules: []Rule{{Name: "courier 30 days", Client: "courier", Keep: 30 * 24 * time.Hour}}}
	a.world = newWorld(t, disktest.New(plenty), 2, func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(a.step.Load())) }
	})
	r, err := a.Start(Meta{ID: newID(t), Client: "bank"})
	require.NoError(t, err)
	a.calls = append(a.calls, &talk{Recorder: r})
	a.speak(50)
	a.sealedMeta(t)
	// Days go by faster without a writer that looks ten times a second.
	a.stop()
	a.stop = nil
	require.NoError(t, <-a.done)
	return a
}

func (a *archive) expire(t *testing.T) []Certificate {
	certs, err := a.Expire(t.Context(), a.rules)
	require.NoError(t, err)
	return certs
}

func (a *archive) left(t *testing.T) (n int) {
	require.NoError(t, a.Walk(func(Meta) error { n++; return nil }))
	return n
}

const day = 24 * time.Hour

func TestRetentionDeletesInTwoPhasesWithACertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		time.Sleep(29 * day)
		require.Empty(t, a.expire(t))
		time.Sleep(2 * day)
		require.Empty(t, a.expire(t), "first they are condemned")
		time.Sleep(23 * time.Hour)
		require.Empty(t, a.expire(t))
		require.Equal(t, 3, a.left(t))
		a.verifyClean(t)
		root, err := a.Meta(a.calls[0].ID())
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		certs := a.expire(t)
		require.Len(t, certs, 2)
		require.Equal(t, "courier 30 days", certs[0].Rule)
		require.Equal(t, root.Root, certs[0].Root)
		require.Equal(t, 1, a.left(t), "the bank's is kept for ever")
		_, _, err = a.Audio(a.calls[0].ID())
		require.ErrorIs(t, err, ErrNotFound)
		require.Empty(t, a.expire(t))
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}

func TestSteppedClockDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		a.step.Store(int64(400 * day))
		require.Empty(t, a.expire(t))
		time.Sleep(time.Hour)
		require.Empty(t, a.expire(t))
		a.step.Store(0) // set right again
		require.Empty(t, a.expire(t))
		time.Sleep(25 * time.Hour)
		require.Empty(t, a.expire(t))
		a.step.Store(int64(400 * day))
		time.Sleep(25 * time.Hour)
		require.Empty(t, a.expire(t), "the day begins anew")
		require.Equal(t, 3, a.left(t))
		require.NoError(t, a.Close())
	})
}

func TestLegalHoldBeatsRuleAndRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		id := a.calls[0].ID()
		require.NoError(t, a.LegalHold(id, "counsel", "case 7"))
		held, err := a.Held(id)
		require.NoError(t, err)
		require.True(t, held)
		time.Sleep(31 * day)
		a.expire(t)
		time.Sleep(2 * day)
		require.Len(t, a.expire(t), 1)
		_, err = a.Erase(id, "dpo", "data subject's request")
		require.ErrorIs(t, err, ErrHeld)
		require.NoError(t, a.Release(id, "counsel", "case 7 closed"))
		cert, err := a.Erase(id, "dpo", "data subject's request")
		require.NoError(t, err)
		require.Equal(t, "dpo", cert.Who)
		require.ErrorIs(t, a.LegalHold(id, "counsel", "late"), ErrNotFound)
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}

func TestRunningRecordingIsNotErased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, nil)
		w.speak(10)
		_, err := w.Erase(w.calls[0].ID(), "dpo", "")
		require.ErrorIs(t, err, ErrOpen)
		w.end()
	})
}

func TestDeletionCutOffIsCertifiedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		id := a.calls[0].ID()
		n := 0
		a.disk.Before = func(op disktest.Op, name string) (int, error) {
			if op == disktest.OpSync {
				if n++; n == 2 { // the condemnation is safe, the removal is not
					return 0, syscall.EIO
				}
			}
			return 0, nil
		}
		_, err := a.Erase(id, "dpo", "request")
		require.Error(t, err)
		a.disk.Before = nil
		certs := a.expire(t)
		require.Len(t, certs, 1)
		require.Equal(t, id, certs[0].ID)
		require.Equal(t, "request", certs[0].Rule)
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}
