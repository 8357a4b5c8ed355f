package recording

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/disk/disktest"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// world is a store on a disk in memory, in virtual time, with calls that speak
// every 20 ms.
type world struct {
	*bench
	disk  *disktest.Memory
	keys  string
	calls []*talk
}

// talk is a call: octet n of a side is sound(side, n).
type talk struct {
	*Recorder
	voices [2]voice
	spoken int
}

// sound is what side says at sample instant n: never silence, never zero.
func sound(side int, n int) byte { return byte(1 + (n*31+n/160*7+side*50)%120) }

// newWorld makes a world that runs. It must be called in a bubble.
func newWorld(t testing.TB, disk *disktest.Memory, calls int, change func(*Config)) *world {
	w := &world{disk: disk, keys: filepath.Join(t.TempDir(), "keys")}
	w.bench = newBench(t, "", func(c *Config) {
		c.Files, c.Keys = disk, w.keys
		c.Uptime = func() (string, time.Duration) { return "boot", time.Duration(media.Now()) }
		if change != nil {
			change(c)
		}
	})
	w.run()
	synctest.Wait()
	for range calls {
		r, err := w.Start(Meta{ID: newID(t), Client: "courier", Agent: "8001"})
		require.NoError(t, err)
		w.calls = append(w.calls, &talk{Recorder: r, voices: [2]voice{{side: media.Caller, ssrc: 1}, {side: media.Agent, ssrc: 2}}})
	}
	return w
}

// speak lets every call speak for so many packets of 20 ms.
func (w *world) speak(packets int) {
	payload := make([]byte, 160)
	for range packets {
		for _, c := range w.calls {
			for side := range c.voices {
				for i := range payload {
					payload[i] = sound(side, c.spoken+i)
				}
				c.voices[side].say(c.Recorder, time.Duration(c.spoken)*time.Second/wav.Rate, payload)
			}
			c.spoken += len(payload)
		}
		time.Sleep(20 * time.Millisecond)
	}
	synctest.Wait()
}

// revive opens a store on a disk as a crash left it, and recovers.
func (w *world) revive(t testing.TB, disk *disktest.Memory) (*Store, []Meta) {
	s, err := Open(Config{Files: disk, Keys: w.keys}, zap.NewNop())
	require.NoError(t, err)
	metas, err := s.Recover(context.Background())
	require.NoError(t, err)
	return s, metas
}

// compare checks a recording's sound against what was said: up to exact
// instants every sample must be right; later ones may be silent.
func (c *talk) compare(t testing.TB, b []byte, exact int) {
	wrong := 0
	for i := 0; i+1 < len(b); i += 2 {
		for side := range 2 {
			got, want := b[i+side], g711.ULawSilence
			if i/2 < c.spoken {
				want = sound(side, i/2)
			}
			if got != want && (i/2 < exact || got != g711.ULawSilence) {
				wrong++
			}
		}
	}
	require.Zero(t, wrong, "samples that are neither what was said nor silence")
	require.GreaterOrEqual(t, len(b)/2, exact)
}

// checkRecovered looks at every call on a disk after a crash that came when
// the calls had spoken as much as they have now. lost is how much of the end
// may be missing.
func (w *world) checkRecovered(t testing.TB, after *disktest.Memory, lost time.Duration) {
	s, metas := w.revive(t, after)
	byID := make(map[string]Meta)
	for _, m := range metas {
		require.True(t, m.Sealed)
		require.Equal(t, CauseSystem, m.Cause)
		byID[m.ID] = m
	}
	for _, c := range w.calls {
		exact := c.spoken - int(lost.Seconds()*wav.Rate)
		if exact <= 0 {
			continue
		}
		m, ok := byID[c.ID()]
		require.True(t, ok, "recovered: %s after %d instants", c.ID(), c.spoken)
		_, b := readAudio(t, s, c.ID())
		require.InDelta(t, float64(len(b)/2)/wav.Rate, m.Length, 0.0005)
		c.compare(t, b, exact)
	}
	report, err := verifyFiles(context.Background(), after, Verification{Keys: w.keys, IDs: ids(metas)})
	require.NoError(t, err)
	for _, f := range report.Findings {
		require.Equal(t, FlawLedger, f.Flaw, "%v", f) // the head is of another disk's ledger
	}
	_, again := w.revive(t, after)
	require.Empty(t, again, "recovery is idempotent")
}

func ids(metas []Meta) []string {
	out := []string{"00000000-0000-7000-8000-000000000000"}[:0]
	for _, m := range metas {
		out = append(out, m.ID)
	}
	return out
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
