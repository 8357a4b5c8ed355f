package recording

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/wav"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a store that runs, and what it told.
type bench struct {
	*Store
	t    testing.TB
	dir  string
	stop context.CancelFunc
	done chan error

	mu     sync.Mutex
	sealed []Meta
	alarms []Alarm
}

func (b *bench) told() []Meta {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Meta(nil), b.sealed...)
}

// newBench opens a store in a directory of its own and recovers, but does not run it.
func newBench(t testing.TB, dir string, change func(*Config)) *bench {
	b := &bench{t: t, dir: dir, done: make(chan error, 1)}
	cfg := Config{
		Dir: filepath.Join(dir, "recordings"), Keys: filepath.Join(dir, "keys"), FreeMin: 0.001, FreeLow: 0.002,
		Sealed: func(m Meta) { b.mu.Lock(); b.sealed = append(b.sealed, m); b.mu.Unlock() },
		Alarm:  func(a Alarm) { b.mu.Lock(); b.alarms = append(b.alarms, a); b.mu.Unlock() },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := Open(cfg, zaptest.NewLogger(t))
	require.NoError(t, err)
	b.Store = s
	return b
}

func (b *bench) run() {
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	go func() { b.done <- b.Run(ctx) }()
	b.t.Cleanup(func() {
		if b.stop != nil { // the test failed before its end
			stop()
			<-b.done
		}
	})
}

// end stops the store; all recordings are then sealed.
func (b *bench) end() {
	b.stop()
	b.stop = nil
	require.NoError(b.t, <-b.done)
	require.NoError(b.t, b.Close())
}

// newID is an id of the bubble's time; package uuid's never go back from one
// bubble to the next.
func newID(t testing.TB) string {
	id, err := uuid.NewRandom()
	require.NoError(t, err)
	ms := time.Now().UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0F | 0x70
	return id.String()
}

// voice sends packets of one side.
type voice struct {
	side  media.Side
	codec media.Codec
	ssrc  uint32
	seq   uint16
	ts    uint32
}

// say returns the next packet, arriving at ns after the recorder's start.
func (v *voice) say(r *Recorder, at time.Duration, payload []byte) {
	r.Frame(&media.Frame{Side: v.side, Codec: v.codec, Seq: v.seq, Timestamp: v.ts, SSRC: v.ssrc, Arrival: r.start + int64(at), Payload: payload})
	v.seq++
	v.ts += uint32(len(payload))
}

func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7)%100 + seed
	}
	return b
}

func readAudio(t testing.TB, s *Store, id string) (wav.Format, []byte) {
	a, _, err := s.Audio(id)
	if errors.Is(err, ErrEncrypted) {
		return openVault(t, s, id)
	}
	require.NoError(t, err)
	defer a.Close()
	b, err := io.ReadAll(a)
	require.NoError(t, err)
	f, n, err := wav.ReadHeader(b)
	require.NoError(t, err)
	require.Len(t, b, f.HeaderSize()+int(n))
	return f, b[f.HeaderSize():]
}

func channel(b []byte, ch int) []byte {
	var out []byte
	for i := ch; i < len(b); i += 2 {
		out = append(out, b[i])
	}
	return out
}

func TestRecordingHoldsBothSidesToTheLastPacket(t *testing.T) {
	b := newBench(t, t.TempDir(), nil)
	b.run()
	id := newID(t)
	r, err := b.Start(Meta{ID: id, Client: "courier", Queue: "parcels", Agent: "8001", From: "13800138000"})
	require.NoError(t, err)
	caller := voice{side: media.Caller, ssrc: 1, seq: 65530, ts: 1<<32 - 400}
	agent := voice{side: media.Agent, ssrc: 2, seq: 9, ts: 77}
	for i := range 20 {
		at := time.Duration(i) * 20 * time.Millisecond
		caller.say(r, at, pattern(160, 1))
		agent.say(r, at+10*time.Millisecond, pattern(160, 101))
	}
	r.Stop("caller-hangup")
	require.Eventually(t, func() bool { return len(b.told()) == 1 }, 5*time.Second, 10*time.Millisecond)
	m := b.told()[0]
	require.True(t, m.Sealed)
	require.Equal(t, "caller-hangup", m.Cause)
	require.Equal(t, "ulaw", m.Format)

	format, sound := readAudio(t, b.Store, id)
	require.Equal(t, wav.ULaw, format)
	left, right := channel(sound, 0), channel(sound, 1)
	for i := range 20 {
		require.Equal(t, pattern(160, 1), left[i*160:(i+1)*160])
		require.Equal(t, pattern(160, 101), right[80+i*160:80+(i+1)*160])
	}
	for _, o := range right[:80] {
		require.Equal(t, g711.ULawSilence, o)
	}
	var walked []Meta
	require.NoError(t, b.Walk(func(m Meta) error { walked = append(walked, m); return nil }))
	require.Len(t, walked, 1)
	require.Equal(t, id, walked[0].ID)
	b.end()
	require.FileExists(t, filepath.Join(b.dir, "recordings", filepath.FromSlash(r.name.sound())))
	_, err = os.Stat(filepath.Join(b.dir, "recordings", filepath.FromSlash(r.name.draft())))
	require.ErrorIs(t, err, os.ErrNotExist)
}
