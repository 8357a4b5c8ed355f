package exchange

import (
	"context"
	"encoding/json"
	"time"

	"switchroom/acd"

	"go.uber.org/zap"
)

// Journal entries by which a restart finds out what a crash cut off.
const (
	// Alive is written each second while calls are up: a call that a crash
	// cut off ended within a second of the last one.
	Alive acd.Kind = "switch.alive"
	// Checkpoint lists the calls whose record was still to be written at some
	// moment after the entry Since (Detail: a checkpoint), so that a restart
	// reads the journal's end and not all of it.
	Checkpoint acd.Kind = "switch.checkpoint"
)

// checkpointEvery is how long a restart's look back gets at most.
const checkpointEvery = 30 * time.Second

func (x *Exchange) heartbeat(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := x.clock.now()
	checkpointed := time.Duration(-checkpointEvery)
	for {
		now := x.clock.now()
		if step := now.Wall.Sub(last.Wall) - now.Sub(last); step > time.Second || step < -time.Second {
			x.note(now, acd.Event{Kind: acd.ClockStepped, Seconds: step.Seconds()})
			x.log.Warn("wall clock stepped", zap.Duration("by", step))
		}
		last = now
		if len(x.live()) > 0 {
			x.note(now, acd.Event{Kind: Alive})
		}
		if now.Mono-checkpointed >= checkpointEvery {
			checkpointed = now.Mono
			x.checkpoint(now)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// checkpoint is the Detail of a Checkpoint.
type checkpoint struct {
	Since uint64         `json:"since"`
	Calls []acd.CallView `json:"calls"`
}

// checkpoint writes down which calls are live. The list is taken after Since:
// a call that is not in it arrived after Since, or has its record.
func (x *Exchange) checkpoint(now acd.Instant) {
	cp := checkpoint{Since: x.note(now, acd.Event{Kind: Alive}), Calls: []acd.CallView{}}
	for _, c := range x.live() {
		if v := c.view.Load(); v != nil && !c.settled.Load() {
			cp.Calls = append(cp.Calls, v.CallView)
		}
	}
	detail, err := json.Marshal(cp)
	if err != nil {
		x.log.Error("checkpoint cannot be written", zap.Error(err))
		return
	}
	x.note(now, acd.Event{Kind: Checkpoint, Detail: detail})
}
