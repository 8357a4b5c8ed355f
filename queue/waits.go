package queue

import (
	"slices"
	"sync/atomic"
	"time"
)

// waits keeps the last accepted calls of a class, each in one word:
//
//	63            36           16          0
//	| ms waited 28 | ahead+1 20 | working 16 |
//
// ahead are the calls that waited when it entered, working the agents at work
// when somebody last read the gauges.
type waits struct {
	at      [sampled]atomic.Uint64
	working atomic.Int32
	_       [4]byte
}

const (
	sampled    = 64
	waitShift  = 36
	aheadShift = 16
	aheadMask  = 1<<(waitShift-aheadShift) - 1
	workMask   = 1<<aheadShift - 1
)

// accepted notes the wait of a call that was accepted.
func (l *lane) accepted(waited int64, ahead int32) {
	s := &l.waits
	ms := min(uint64(max(waited, 0))/uint64(time.Millisecond), 1<<(64-waitShift)-1)
	a := uint64(min(max(ahead, 0)+1, aheadMask))
	w := uint64(min(max(s.working.Load(), 0), workMask))
	s.at[(l.n.Add(1)-1)%sampled].Store(ms<<waitShift | a<<aheadShift | w)
}

func (s *waits) clear() {
	for i := range s.at {
		s.at[i].Store(0)
	}
}

// expect scales each recent wait by the calls ahead and the agents at work,
// then and now, and takes quantiles of the outcome. With an agent ready and
// no call waiting there is no wait to expect. Where the number of agents at
// work is not known it is left out.
func (s *waits) expect(waiting, ready int) Quantiles {
	var w [sampled]float64
	n, working := 0, float64(s.working.Load())
	for i := range s.at {
		v := s.at[i].Load()
		if v == 0 {
			continue
		}
		w[n] = float64(v>>waitShift) * float64(waiting+1) / float64(v>>aheadShift&aheadMask)
		if then := float64(v & workMask); then > 0 && working > 0 {
			w[n] *= then / working
		}
		n++
	}
	if n == 0 || waiting == 0 && ready > 0 {
		return Quantiles{Samples: n}
	}
	slices.Sort(w[:n])
	q := func(p int) time.Duration {
		return time.Duration(w[min(n-1, n*p/100)]) * time.Millisecond
	}
	return Quantiles{P50: q(50), P80: q(80), P95: q(95), Samples: n}
}
