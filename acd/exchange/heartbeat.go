package exchange

import (
	"context"
	"time"

	"switchroom/acd"

	"go.uber.org/zap"
)

// Journal entries by which a restart finds out what a crash cut off.
const (
	// Alive is written each second while calls are up: a call that a crash
	// cut off ended within a second of the last one.
	Alive acd.Kind = "switch.alive"
	// Checkpoint lists the calls whose record was still to be written, and the
	// dialogs that stood, at some moment after the entry Since (Detail: a
	// checkpoint), so that a restart reads the journal's end and not all of it.
	Checkpoint acd.Kind = "switch.checkpoint"
)

// checkpointEvery is how long a restart's look back gets at most.
const checkpointEvery = time.Minute

func (x *Exchange) heartbeat(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var wall wallWatch
	remembered := -memosEvery
	checkpointed := time.Duration(-checkpointEvery)
	inspected := time.Duration(0)
	for {
		now := x.clock.now()
		if step := wall.step(now); step != 0 {
			x.note(now, acd.Event{Kind: acd.ClockStepped, Seconds: step.Seconds()})
			x.log.Warn("wall clock stepped", zap.Duration("by", step))
		}
		x.calm(now)
		x.lapseDialLocks(now)
		if len(x.live()) > 0 {
			x.note(now, acd.Event{Kind: Alive})
		}
		if now.Mono-remembered >= memosEvery {
			remembered = now.Mono
			x.rememberAll(now)
		}
		if now.Mono-checkpointed >= checkpointEvery {
			checkpointed = now.Mono
			x.guarded(func() { x.checkpoint(now) })
		}
		if now.Mono-inspected >= inspectEvery {
			inspected = now.Mono
			x.guarded(func() { x.inspect(now) })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
