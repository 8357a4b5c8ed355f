package load_test

import (
	"fmt"
	"testing"
	"time"

	"switchroom/test/queue/load"
)

func BenchmarkDecisions(b *testing.B) {
	for _, kind := range load.Kinds {
		for _, waiting := range []int{0, 5000} {
			b.Run(fmt.Sprintf("%s/waiting=%d", kind, waiting), func(b *testing.B) {
				b.ReportAllocs()
				var r load.Result
				for b.Loop() {
					r = load.Run(load.Setting{Kind: kind, Agents: 1000, Classes: 1000, Skills: 50, Waiting: waiting, Goroutines: 1, For: 200 * time.Millisecond, Seed: 1})
				}
				b.ReportMetric(r.Rate(), "decisions/s")
				b.ReportMetric(float64(r.Latency.Quantile(.99)), "ns-p99")
			})
		}
	}
}
