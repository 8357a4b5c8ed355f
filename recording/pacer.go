package recording

import (
	"context"
	"time"
)

// pacer makes work in the background take no more than a part of one
// processor, by resting after each piece of it.
type pacer struct {
	ctx   context.Context
	share float64
	begun time.Time
}

// pieceMin is how long a piece of work is at least, so that it is not all
// rests.
const pieceMin = 2 * time.Millisecond

func newPacer(ctx context.Context, share float64) *pacer {
	return &pacer{ctx: ctx, share: share, begun: time.Now()}
}

// pace rests when it is time to; its error is the context's.
func (p *pacer) pace() error {
	worked := time.Since(p.begun)
	if worked < pieceMin {
		return p.ctx.Err()
	}
	timer := time.NewTimer(time.Duration(float64(worked) * (1/p.share - 1)))
	defer timer.Stop()
	select {
	case <-p.ctx.Done():
	case <-timer.C:
	}
	p.begun = time.Now()
	return p.ctx.Err()
}
