package load

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets of 1/16 of a power of two: an error
// below 7 %, no allocation, mergeable.
type Histogram struct {
	n   [64 * 16]int64
	all int64
	max time.Duration
}

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	v := uint64(max(d, 1))
	e := bits.Len64(v) - 1
	i := e * 16
	if e >= 4 {
		i += int(v>>(e-4)) & 15
	} else {
		i += int(v<<(4-e)) & 15
	}
	h.n[i]++
	h.all++
	h.max = max(h.max, d)
}

// Merge adds another histogram.
func (h *Histogram) Merge(o *Histogram) {
	for i := range o.n {
		h.n[i] += o.n[i]
	}
	h.all += o.all
	h.max = max(h.max, o.max)
}

// Quantile gives the duration below which a share q of all lies.
func (h *Histogram) Quantile(q float64) time.Duration {
	want, seen := int64(q*float64(h.all)), int64(0)
	for i, n := range h.n {
		if seen += n; seen > want {
			e := i / 16
			return time.Duration(float64(uint64(1)<<e) * (1 + (float64(i%16)+0.5)/16))
		}
	}
	return h.max
}

// Max gives the largest duration.
func (h *Histogram) Max() time.Duration { return h.max }
