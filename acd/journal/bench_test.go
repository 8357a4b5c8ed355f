package journal_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// BenchmarkAppend is what a call pays for telling the journal something.
func BenchmarkAppend(b *testing.B) {
	j := open(b, journal.Config{Dir: b.TempDir(), MaxPending: 1 << 30})
	ev := nth(1)
	b.ReportAllocs()
	for b.Loop() {
		if j.Append(ev) == 0 {
			b.Fatal("refused")
		}
	}
	b.StopTimer()
	require.NoError(b, j.Commit(context.Background(), j.Status().Next-1))
	b.ReportMetric(float64(j.Status().Next)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCommit is how long a call's end waits until its record is safe,
// with so many ending at once.
func BenchmarkCommit(b *testing.B) {
	for _, at := range []struct {
		name string
		n    int
	}{{"1", 1}, {"16", 16}, {"128", 128}} {
		b.Run(at.name, func(b *testing.B) {
			j := open(b, journal.Config{Dir: b.TempDir()})
			ev := acd.Event{Kind: acd.CallRecord, CDR: &acd.CDR{ID: "01900000-0000-7000-8000-000000000001"}}
			hist := hdrhistogram.New(1, int64(time.Minute), 3)
			var mu sync.Mutex
			var wg sync.WaitGroup
			b.ResetTimer()
			for range at.n {
				wg.Go(func() {
					for range b.N/at.n + 1 {
						began := time.Now()
						if _, err := j.AppendSync(context.Background(), ev); err != nil {
							b.Error(err)
							return
						}
						mu.Lock()
						hist.RecordValue(int64(time.Since(began)))
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(hist.ValueAtQuantile(50))/1e3, "p50-us")
			b.ReportMetric(float64(hist.ValueAtQuantile(99))/1e3, "p99-us")
			b.ReportMetric(float64(hist.TotalCount())/float64(j.Status().Syncs), "records/sync")
		})
	}
}

// BenchmarkRead is how fast a projection or a restart gets through.
func BenchmarkRead(b *testing.B) {
	j := open(b, journal.Config{Dir: b.TempDir(), MaxPending: 1 << 30})
	appendAll(b, j, 1, 10000)
	b.ReportAllocs()
	for b.Loop() {
		require.Len(b, events(b, j, 1), 10000)
	}
	b.ReportMetric(10000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
