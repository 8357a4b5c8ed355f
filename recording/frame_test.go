package recording

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/disk/disktest"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"pgregory.net/rapid"
)

func TestFrameAllocatesNothingAndNeverWaits(t *testing.T) {
	b := newBench(t, t.TempDir(), nil)
	r, err := b.Start(Meta{ID: newID(t)})
	require.NoError(t, err)
	f := &media.Frame{Payload: make([]byte, 160)}
	// Nobody drains: most of these find no room, and that costs no more.
	require.Zero(t, testing.AllocsPerRun(2000, func() { f.Seq++; r.Frame(f) }))
	require.NotZero(t, r.ring.dropped[media.Caller].Load())
	require.NoError(t, b.Close())
}

func TestRingGivesBackWhatItTookInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRing(ringMin)
		var held []media.Frame
		dropped := uint64(0)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "drain") {
				r.drain(func(f *media.Frame) {
					require.NotEmpty(t, held)
					got := *f
					got.Payload = bytes.Clone(f.Payload)
					require.Equal(t, held[0], got)
					held = held[1:]
				})
				require.Empty(t, held)
				continue
			}
			f := media.Frame{
				Side: media.Side(rapid.IntRange(0, 2).Draw(t, "side")), Codec: media.Codec(rapid.IntRange(0, 1).Draw(t, "codec")),
				Seq: rapid.Uint16().Draw(t, "seq"), Timestamp: rapid.Uint32().Draw(t, "ts"), SSRC: rapid.Uint32().Draw(t, "ssrc"),
				Arrival: rapid.Int64().Draw(t, "arrival"), Payload: rapid.SliceOfN(rapid.Byte(), 1, 400).Draw(t, "payload"),
			}
			before := r.head.Load()
			r.push(&f)
			if r.head.Load() != before {
				held = append(held, f)
			} else {
				dropped++
			}
		}
		require.Equal(t, dropped, r.dropped[0].Load()+r.dropped[1].Load()+r.dropped[2].Load())
	})
}

func TestRingBetweenTwoGoroutines(t *testing.T) {
	r := newRing(ringMin)
	const frames = 50_000
	var wg sync.WaitGroup
	wg.Go(func() {
		payload := make([]byte, 200)
		for i := range frames {
			for j := range payload {
				payload[j] = byte(i)
			}
			f := media.Frame{Timestamp: uint32(i), Payload: payload[:1+i%200]}
			for before := r.head.Load(); ; runtime.Gosched() {
				if r.push(&f); r.head.Load() != before {
					break
				}
			}
		}
	})
	for next := uint32(0); next < frames; {
		r.drain(func(f *media.Frame) {
			require.Equal(t, next, f.Timestamp)
			require.Len(t, f.Payload, 1+int(next)%200)
			for _, o := range f.Payload {
				if o != byte(next) {
					t.Errorf("frame %d holds %d", next, o)
				}
			}
			next++
		})
	}
	wg.Wait()
}

func TestPauseLeavesNoOctetOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := bytes.Repeat([]byte{0x2A, 0x2B, 0x2C, 0x2D}, 40)
		disk := disktest.New(plenty)
		w := newWorld(t, disk, 1, nil)
		c := w.calls[0]
		w.speak(50)
		c.Pause("8001", "card number")
		c.Pause("8001", "twice is once")
		paused := c.spoken
		for i := range 100 { // both sides say the secret
			for side := range c.voices {
				c.voices[side].say(c.Recorder, time.Duration(paused/8+i*20)*time.Millisecond, secret)
			}
			c.spoken += 160
			time.Sleep(20 * time.Millisecond)
		}
		late := media.Frame{SSRC: 1, Seq: c.voices[0].seq - 1, Timestamp: c.voices[0].ts - 160, Payload: secret}
		c.Resume("8001", "")
		late.Arrival = media.Now()
		c.Frame(&late) // said in the pause, come after it
		resumed := c.spoken
		w.speak(50)
		m := w.sealedMeta(t)
		_, b := readAudio(t, w.Store, m.ID)
		for i := 0; i < len(b); i += 2 {
			for side := range 2 {
				want := g711.ULawSilence
				if n := i / 2; n < paused || n >= resumed && n < c.spoken {
					want = sound(side, n)
				}
				require.Equal(t, want, b[i+side], "side %d at %d", side, i/2)
			}
		}
		require.InDelta(t, 2.0, m.Paused, 0.001)
		require.Equal(t, []string{MarkPause, MarkResume}, []string{m.Marks[0].Kind, m.Marks[1].Kind})
		require.InDelta(t, 1.0, m.Marks[0].Offset, 0.001)
		require.Equal(t, "card number", m.Marks[0].Why)
		for _, name := range disk.Names() {
			f, err := disk.Open(name)
			require.NoError(t, err)
			size, err := f.Size()
			require.NoError(t, err)
			all := make([]byte, size)
			_, err = f.ReadAt(all, 0)
			require.NoError(t, err)
			require.False(t, bytes.Contains(all, secret[:8]), name)
		}
		w.end()
	})
}

func TestPauseThatIsForgottenEndsAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 2, func(c *Config) { c.PauseMax = 5 * time.Second })
		w.calls[0].Pause("8001", "")
		time.Sleep(6 * time.Second)
		w.calls[1].Pause("8001", "")
		m := w.sealedMeta(t)
		require.InDelta(t, 5, m.Paused, 0.2)
		require.Equal(t, MarkResume, m.Marks[1].Kind)
		require.Equal(t, CauseSystem, m.Marks[1].Who)
		other, err := w.Meta(w.calls[1].ID())
		require.NoError(t, err)
		require.Equal(t, MarkPaused, other.Marks[len(other.Marks)-1].Kind, "left paused at the end")
		w.end()
	})
}

func TestSegmentsAndMarksAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, nil)
		w.speak(50)
		w.calls[0].Hold("agent")
		w.speak(25)
		w.calls[0].Unhold("agent")
		w.calls[0].Segment("8002", "Wang Fang", "beijing")
		w.speak(50)
		m := w.sealedMeta(t)
		require.Equal(t, "8002", m.Agent)
		require.Len(t, m.Segments, 2)
		require.Equal(t, "8001", m.Segments[0].Agent)
		require.InDelta(t, 1.5, m.Segments[0].End, 0.001)
		require.InDelta(t, 2.5, m.Segments[1].End, 0.001)
		require.Len(t, m.Marks, 3)
		require.InDelta(t, 2.5, m.Length, 0.001)
		w.calls[0].Mark(Mark{Kind: "late"})
		w.calls[0].Stop("again")
		w.end()
	})
}

func TestFormatFollowsTheSound(t *testing.T) {
	tests := []struct {
		hint   string
		codecs [2]media.Codec
		second time.Duration // when the agent begins
		want   wav.Format
	}{
		{"", [2]media.Codec{media.PCMU, media.PCMU}, 0, wav.ULaw},
		{"", [2]media.Codec{media.PCMA, media.PCMA}, 0, wav.ALaw},
		{"", [2]media.Codec{media.PCMU, media.PCMA}, 0, wav.PCM16},
		{"", [2]media.Codec{media.PCMA, media.PCMU}, time.Second, wav.ALaw},
		{"pcm16", [2]media.Codec{media.PCMA, media.PCMU}, time.Second, wav.PCM16},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, disktest.New(plenty), 0, nil)
			r, err := w.Start(Meta{ID: newID(t), Format: tt.hint})
			require.NoError(t, err)
			voices := [2]voice{{side: media.Caller, ssrc: 1, codec: tt.codecs[0]}, {side: media.Agent, ssrc: 2, codec: tt.codecs[1]}}
			for i := range 100 {
				at := time.Duration(i) * 20 * time.Millisecond
				voices[0].say(r, at, pattern(160, 1))
				if at >= tt.second {
					voices[1].say(r, at, pattern(160, 1))
				}
				time.Sleep(20 * time.Millisecond)
			}
			r.Stop("caller-hangup")
			time.Sleep(time.Second)
			m, err := w.Meta(r.ID())
			require.NoError(t, err)
			require.Equal(t, tt.want.String(), m.Format)
			format, b := readAudio(t, w.Store, r.ID())
			require.Equal(t, tt.want, format)
			require.Len(t, b, 16000*format.Block())
			w.end()
		})
	}
}

func TestRecordingWithoutSoundIsSilenceOfItsLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 0, nil)
		r, err := w.Start(Meta{ID: newID(t)})
		require.NoError(t, err)
		time.Sleep(3 * time.Second)
		r.Stop("caller-hangup")
		time.Sleep(time.Second)
		_, b := readAudio(t, w.Store, r.ID())
		require.Equal(t, bytes.Repeat([]byte{g711.ULawSilence}, 48000), b)
		w.end()
	})
}

func TestStartRefusesWhatIsNoIDAndWhatExists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, nil)
		for _, id := range []string{"", "../../etc/passwd", "01900000-0000-4000-8000-000000000000", "01900000-0000-7000-8000-00000000000G", "01900000-0000-7000-8000-0000000000000", "{01900000-0000-7000-8000-000000000000}"} {
			_, err := w.Start(Meta{ID: id})
			require.ErrorIs(t, err, ErrID, id)
			_, _, err = w.Audio(id)
			require.ErrorIs(t, err, ErrNotFound, id)
		}
		_, err := w.Start(Meta{ID: w.calls[0].ID()})
		require.ErrorIs(t, err, ErrExists)
		w.speak(20)
		m := w.sealedMeta(t)
		_, err = w.Start(Meta{ID: m.ID})
		require.ErrorIs(t, err, ErrExists)
		_, _, err = w.Audio(newID(t))
		require.ErrorIs(t, err, ErrNotFound)
		w.end()
		_, err = w.Start(Meta{ID: newID(t)})
		require.ErrorIs(t, err, ErrClosed)
	})
}

func TestRunningRecordingIsAWholeFileForItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, nil)
		w.speak(200)
		c := w.calls[0]
		a, m, err := w.Audio(c.ID())
		require.NoError(t, err)
		require.False(t, m.Sealed)
		require.InDelta(t, 4, m.Length, 0.2)
		size := m.Size
		w.speak(100) // the reader does not grow
		end, err := a.Seek(0, 2)
		require.NoError(t, err)
		require.Equal(t, size, end)
		require.NoError(t, a.Close())
		_, b := readAudio(t, w.Store, c.ID())
		c.compare(t, b, c.spoken-1600)
		w.end()
	})
}

func TestWallClockStepsChangeNoLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var step time.Duration
		var mu sync.Mutex
		w := newWorld(t, disktest.New(plenty), 1, func(c *Config) {
			c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(step) }
		})
		w.speak(100)
		mu.Lock()
		step = -25 * time.Hour
		mu.Unlock()
		w.calls[0].Mark(Mark{Kind: "note"})
		w.speak(100)
		m := w.sealedMeta(t)
		require.InDelta(t, 4, m.Length, 0.001)
		require.InDelta(t, 2, m.Marks[0].Offset, 0.001)
		require.Negative(t, m.Marks[0].At.Sub(m.Started))
		w.verifyClean(t)
		w.end()
	})
}

func BenchmarkFrame(b *testing.B) {
	s := newBench(b, b.TempDir(), nil)
	r, err := s.Start(Meta{ID: newID(b)})
	require.NoError(b, err)
	f := &media.Frame{Payload: make([]byte, 160)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Frame(f)
		if i%256 == 255 {
			r.ring.drain(func(*media.Frame) {})
		}
	}
	require.NoError(b, s.Close())
}

// BenchmarkCallSecond reports what the recording of one call costs a second,
// all included: taking 100 packets, placing, writing, syncing, sealing.
func BenchmarkCallSecond(b *testing.B) {
	const calls, length = 200, 8
	dir := b.TempDir()
	for b.Loop() {
		w := newBench(b, dir, nil)
		w.zlog = zap.NewNop()
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		before := cpu(b)
		go func() { done <- w.Run(ctx) }()
		recorders := make([]*Recorder, calls)
		for i := range recorders {
			var err error
			recorders[i], err = w.Start(Meta{ID: newID(b)})
			require.NoError(b, err)
		}
		voices := [2]voice{{side: media.Caller, ssrc: 1}, {side: media.Agent, ssrc: 2}}
		payload := pattern(160, 1)
		start := time.Now()
		for k := range length * 50 {
			time.Sleep(time.Until(start.Add(time.Duration(k) * 20 * time.Millisecond)))
			for _, r := range recorders {
				for _, v := range voices {
					v.seq, v.ts = uint16(k), uint32(k*160)
					v.say(r, time.Duration(media.Now()-r.start), payload)
				}
			}
		}
		stop()
		require.NoError(b, <-done)
		require.NoError(b, w.Close())
		used := cpu(b) - before
		b.ReportMetric(float64(used.Microseconds())/(calls*length), "cpu-µs/call-s")
		b.ReportMetric(100*used.Seconds()/(calls*length), "%core/call")
	}
}

func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
