package recording

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk/disktest"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// archive is a world with a sealed recording of each of two clients, and a
// wall clock that can be stepped.
type archive struct {
	*world
	step atomic.Int64
	keep map[string]time.Duration // by client
}

func newArchive(t *testing.T) *archive {
	a := &archive{keep: map[string]time.Duration{"courier": 30 * day}}
	a.world = newWorld(t, disktest.New(plenty), 2, a.clock)
	a.wordsMax = 1 // the ledger is read once for each recording
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

func (a *archive) clock(c *Config) {
	c.Now = func() time.Time { return time.Now().Add(time.Duration(a.step.Load())) }
}

// restart opens the store again, as after a crash of the process.
func (a *archive) restart(t *testing.T) {
	require.NoError(t, a.Close())
	cfg := a.cfg
	s, err := Open(cfg, zap.NewNop())
	require.NoError(t, err)
	_, err = s.Recover(t.Context())
	require.NoError(t, err)
	a.Store = s
}

// expire sweeps once, and tells of what was deleted.
func (a *archive) expire(t *testing.T) (certs []Certificate) {
	require.NoError(t, a.Expire(t.Context(), Retention{Shortest: day, Delay: day,
		Keep: func(client, queue string) (time.Duration, string) {
			if keep, ok := a.keep[client]; ok {
				return keep, "client " + client
			}
			return 1<<63 - 1, "recording"
		}}))
	require.NoError(t, a.Deliver(func(c Certificate) error { certs = append(certs, c); return nil }))
	return certs
}

// sweep sweeps every hour for so long.
func (a *archive) sweep(t *testing.T, d time.Duration) (certs []Certificate) {
	for ; d > 0; d -= time.Hour {
		time.Sleep(time.Hour)
		certs = append(certs, a.expire(t)...)
	}
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
		require.Empty(t, a.sweep(t, 30*day))
		require.Empty(t, a.sweep(t, 23*time.Hour), "first they are condemned")
		require.Equal(t, 3, a.left(t))
		a.verifyClean(t)
		roots := map[string]string{}
		require.NoError(t, a.Walk(func(m Meta) error { roots[m.ID] = m.Root; return nil }))
		certs := a.sweep(t, 2*time.Hour)
		require.Len(t, certs, 2)
		require.Equal(t, "client courier", certs[0].Rule)
		require.Equal(t, "courier", certs[0].Client)
		require.Equal(t, roots[certs[0].ID], certs[0].Root)
		require.Equal(t, 1, a.left(t), "the bank's is kept for ever")
		_, _, err := a.Audio(a.calls[0].ID())
		require.ErrorIs(t, err, ErrNotFound)
		require.Empty(t, a.expire(t))
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}

func TestARestartDoesNotBeginTheDelayAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		require.Empty(t, a.sweep(t, 31*day-2*time.Hour))
		a.restart(t)
		require.Len(t, a.sweep(t, 4*time.Hour), 2)
		require.NoError(t, a.Close())
	})
}

func TestAClockAYearAheadDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		a.expire(t)
		a.step.Store(int64(400 * day))
		require.Empty(t, a.sweep(t, 3*day))
		a.restart(t)
		require.Empty(t, a.sweep(t, 20*day), "however long it lasts")
		require.Equal(t, 3, a.left(t))
		require.Contains(t, a.Stats().Troubles, "clock_doubted")
		a.step.Store(0) // set right again
		require.Empty(t, a.expire(t))
		require.NotContains(t, a.Stats().Troubles, "clock_doubted")
		for range 100 { // to and fro
			a.step.Store(-a.step.Load() + int64(day))
			require.Empty(t, a.sweep(t, time.Hour))
		}
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}

func TestWhoKnowsTheClockToBeRightMaySaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		a.step.Store(int64(60 * day)) // the machine was down that long
		require.Empty(t, a.sweep(t, 5*day))
		d, err := a.TrustClock()
		require.NoError(t, err)
		require.Equal(t, d.Wall, d.Calendar)
		require.Empty(t, a.sweep(t, day), "condemned, no sooner than ever")
		require.Len(t, a.sweep(t, 2*time.Hour), 2)
		require.NoError(t, a.Close())
	})
}

func TestALongerRuleSparesWhatWasCondemned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		require.Empty(t, a.sweep(t, 30*day+5*time.Hour))
		a.keep["courier"] = 60 * day
		require.Empty(t, a.sweep(t, 2*day))
		a.keep["courier"] = 30 * day
		require.Empty(t, a.sweep(t, 20*time.Hour), "the delay begins anew")
		require.Len(t, a.sweep(t, 6*time.Hour), 2)
		a.verifyClean(t)
		require.NoError(t, a.Close())
	})
}

func TestLegalHoldBeatsRuleAndRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		id := a.calls[0].ID()
		require.NoError(t, a.LegalHold(id, "counsel", "case 7"))
		h, held, err := a.Held(id)
		require.NoError(t, err)
		require.True(t, held)
		require.Equal(t, "case 7", h.Why)
		require.Len(t, a.sweep(t, 33*day), 1)
		a.restart(t)
		_, held, err = a.Held(id)
		require.NoError(t, err)
		require.True(t, held, "the ledger remembers")
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

func TestCertificatesAreToldUntilTheyAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArchive(t)
		for _, c := range a.calls[:2] {
			_, err := a.Erase(c.ID(), "dpo", "request")
			require.NoError(t, err)
		}
		broken := errors.New("journal broken")
		told := 0
		require.ErrorIs(t, a.Deliver(func(Certificate) error {
			if told++; told == 2 {
				return broken
			}
			return nil
		}), broken)
		a.restart(t)
		var certs []Certificate
		take := func(c Certificate) error { certs = append(certs, c); return nil }
		require.NoError(t, a.Deliver(take))
		require.Len(t, certs, 1)
		require.Equal(t, a.calls[1].ID(), certs[0].ID)
		require.Equal(t, "courier", certs[0].Client)
		require.NoError(t, a.Deliver(take))
		a.restart(t)
		require.NoError(t, a.Deliver(take))
		require.Len(t, certs, 1)
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
