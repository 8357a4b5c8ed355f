package flac

import (
	"math/bits"

	"github.com/mewkiz/flac/frame"
)

const (
	// partsMax is the highest partition order tried: 4096 samples in 64 parts.
	partsMax = 6
	// paramMax is the highest parameter of a Rice code with four bits for it.
	paramMax = 14
	// orderMax is the highest order of FLAC's fixed predictors.
	orderMax = 4
)

// predictor finds how a stretch of one channel is written shortest. Its
// buffers are used again from stretch to stretch.
type predictor struct {
	shifted  []int32
	residual [orderMax + 1][]int32
	params   [1 << partsMax]frame.RicePartition
	best     [1 << partsMax]frame.RicePartition
}

// subframe describes samples, which must be 16 bits each.
func (p *predictor) subframe(samples []int32) *frame.Subframe {
	sub := &frame.Subframe{Samples: samples, NSamples: len(samples)}
	all := uint32(0)
	constant := true
	for _, s := range samples {
		all |= uint32(s)
		constant = constant && s == samples[0]
	}
	if constant {
		sub.Pred = frame.PredConstant
		return sub
	}
	sub.Wasted = uint(bits.TrailingZeros32(all))
	p.difference(samples, sub.Wasted)
	sub.Pred, sub.Order = frame.PredFixed, p.order()
	parts, cost := p.partition(p.residual[sub.Order], len(samples), sub.Order)
	width := 16 - int(sub.Wasted)
	if cost+sub.Order*width >= len(samples)*width {
		sub.Pred, sub.Order = frame.PredVerbatim, 0
		return sub
	}
	sub.ResidualCodingMethod = frame.ResidualCodingMethodRice1
	sub.RiceSubframe = &frame.RiceSubframe{PartOrder: parts, Partitions: append([]frame.RicePartition(nil), p.best[:1<<parts]...)}
	return sub
}

// difference computes the residuals of every order: each is the difference of
// the one below it.
func (p *predictor) difference(samples []int32, wasted uint) {
	p.shifted = p.shifted[:0]
	for _, s := range samples {
		p.shifted = append(p.shifted, s>>wasted)
	}
	below := p.shifted
	p.residual[0] = below
	for order := 1; order <= orderMax; order++ {
		r := p.residual[order][:0]
		for i := 1; i < len(below); i++ {
			r = append(r, below[i]-below[i-1])
		}
		p.residual[order] = r
		below = r
	}
}

// order is the one whose residuals are smallest.
func (p *predictor) order() int {
	best, least := 0, uint64(1<<63)
	for order, r := range p.residual {
		if len(r) == 0 {
			break
		}
		sum := uint64(0)
		for _, v := range r {
			sum += uint64(folded(v))
		}
		if sum < least {
			best, least = order, sum
		}
	}
	return best
}

// folded maps small numbers of either sign to small numbers.
func folded(v int32) uint32 { return uint32(v<<1) ^ uint32(v>>31) }

// partition finds into how many parts, as a power of two, the residuals are
// best divided, each with a Rice parameter of its own, which it leaves in best.
// cost is in bits.
func (p *predictor) partition(residual []int32, n, order int) (parts, cost int) {
	cost = 1 << 62
	for high := partsMax; high >= 0; high-- {
		size := n >> high
		if n&(1<<high-1) != 0 || size <= order {
			continue
		}
		total, rest := 6, residual
		for i := range 1 << high {
			length := size
			if i == 0 {
				length -= order
			}
			k, c := p.rice(rest[:length])
			p.params[i] = frame.RicePartition{Param: k}
			total += 4 + c
			rest = rest[length:]
		}
		if total < cost {
			parts, cost = high, total
			copy(p.best[:], p.params[:1<<high])
		}
	}
	return parts, cost
}

// rice finds the parameter for a part: the mean tells it to within one.
func (p *predictor) rice(residual []int32) (k uint, cost int) {
	sum := uint64(0)
	for _, v := range residual {
		sum += uint64(folded(v))
	}
	guess := bits.Len64(sum/uint64(len(residual))) - 1
	cost = 1 << 62
	for try := max(guess-1, 0); try <= min(max(guess+1, 0), paramMax); try++ {
		c := len(residual) * (1 + try)
		for _, v := range residual {
			c += int(folded(v) >> try)
		}
		if c < cost {
			k, cost = uint(try), c
		}
	}
	return k, cost
}
