package recording

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"switchroom/media"

	"github.com/stretchr/testify/require"
)

// BenchmarkVerify reports how fast short recordings are verified, and how fast
// the store comes up beside them.
func BenchmarkVerify(b *testing.B) {
	const calls = 2000
	dir := b.TempDir()
	w := newBench(b, dir, nil)
	w.run()
	payload := pattern(160, 1)
	for range calls {
		r, err := w.startAt(Meta{ID: newID(b)}, media.Now()-int64(2*time.Second))
		require.NoError(b, err)
		for side := range media.Side(2) {
			v := voice{side: side, ssrc: uint32(side)}
			for k := range 100 {
				v.say(r, time.Duration(k)*20*time.Millisecond, payload)
			}
		}
		r.Stop("test")
	}
	w.end()
	var octets int64
	b.ResetTimer()
	for b.Loop() {
		report, err := Verify(context.Background(), Verification{Dir: filepath.Join(dir, "recordings"), Keys: filepath.Join(dir, "keys")})
		require.NoError(b, err)
		require.Empty(b, report.Findings)
		require.Equal(b, calls, report.Recordings)
		octets = report.Octets
	}
	b.ReportMetric(float64(calls)*float64(b.N)/b.Elapsed().Seconds(), "recordings/s")
	b.SetBytes(octets)
}

// BenchmarkRecover reports what a start costs for each recording that lies in
// a directory which must be searched.
func BenchmarkRecover(b *testing.B) {
	const calls = 2000
	dir := b.TempDir()
	w := newBench(b, dir, nil)
	w.run()
	for range calls {
		r, err := w.Start(Meta{ID: newID(b)})
		require.NoError(b, err)
		r.Stop("test")
	}
	w.end()
	b.ResetTimer()
	for b.Loop() {
		s := newBench(b, dir, nil)
		metas, err := s.Recover(context.Background())
		require.NoError(b, err)
		require.Empty(b, metas)
		require.NoError(b, s.Close())
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/calls, "µs/recording")
}
