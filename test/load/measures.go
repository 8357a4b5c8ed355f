package main

import (
	"context"
	"fmt"
	"time"
)

func newFloor(ctx context.Context, o options, p plan, rtp bool) (*floor, error) {
	f := &floor{}
	var err error
	if f.carrier, err = newPeer(rtp, [2]uint16{26000, 29999}, nil); err != nil {
		return nil, err
	}
	if f.phones, err = newPeer(rtp, [2]uint16{10000, 13999}, f.phoneInvite); err != nil {
		return nil, err
	}
	p.phones = f.phones.address()
	if f.subject, err = startSubject(ctx, o, p); err != nil {
		f.carrier.close()
		f.phones.close()
		return nil, err
	}
	return f, nil
}

func (f *floor) close() {
	f.subject.stop()
	f.carrier.close()
	f.phones.close()
}

func recordWord(on bool) string {
	if on {
		return "always"
	}
	return "never"
}

// rate places calls at a steady rate; each is answered by an idle agent and
// hung up by the caller.
func rate(ctx context.Context, o options) error {
	f, err := newFloor(ctx, o, plan{agents: o.agents, record: recordWord(o.record), wrapUp: "0s", skill: "all", answer: "agent"}, false)
	if err != nil {
		return err
	}
	defer f.close()
	before := f.subject.usage()
	started := time.Now()
	n := 0
	for time.Since(started) < o.length && ctx.Err() == nil {
		for due := int(time.Since(started).Seconds() * o.rate); n < due; n++ {
			if err := f.place(fmt.Sprintf("1%06d", n), o.talk); err != nil {
				return err
			}
		}
		time.Sleep(time.Millisecond)
	}
	f.waitOver(ctx, int64(n))
	after := f.subject.usage()
	used := after.cpu - before.cpu
	fmt.Printf("rate: %d calls at %.0f/s, %d agents, recording %v: answered %d, failed %d\n", n, o.rate, o.agents, o.record, f.answered.Load(), f.failed.Load())
	fmt.Printf("  CPU-seconds per 1000 calls: %.2f   (Asterisk through a queue of 300: 6.2 to 8.1)\n", used.Seconds()/float64(n)*1000)
	fmt.Printf("  %s\n", after.each(before, n))
	fmt.Printf("  caller's INVITE to agent's INVITE: %s   (Asterisk: p50 3.1 ms, p99 27 ms at 100/s)\n", f.rung.quantiles())
	fmt.Printf("  resident memory: %d MB\n", f.subject.memory())
	return nil
}

// waitOver waits until n calls are over at the carrier.
func (f *floor) waitOver(ctx context.Context, n int64) {
	for deadline := time.Now().Add(20 * time.Second); f.over.Load() < n && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(10 * time.Millisecond)
	}
}

// hold keeps calls up with sound in both directions.
func hold(ctx context.Context, o options) error {
	f, err := newFloor(ctx, o, plan{agents: o.calls, record: recordWord(o.record), wrapUp: "0s", skill: "all", answer: "agent"}, true)
	if err != nil {
		return err
	}
	defer f.close()
	for i := range o.calls {
		if err := f.place(fmt.Sprintf("2%06d", i), 0); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := f.waitUp(ctx, o.calls); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	before, started := f.subject.cpu(), time.Now()
	select {
	case <-time.After(o.length):
	case <-ctx.Done():
		return ctx.Err()
	}
	used := (f.subject.cpu() - before).Seconds() / time.Since(started).Seconds()
	up := f.up.Load()
	fmt.Printf("hold: %d calls up of %d, sound both ways, recording %v\n", up, o.calls, o.record)
	fmt.Printf("  %% of a core per call: %.3f   (Asterisk at 200 calls: relayed 0.21, recorded 0.46)\n", used/float64(up)*100)
	fmt.Printf("  resident memory: %d MB\n", f.subject.memory())
	return nil
}

func (f *floor) waitUp(ctx context.Context, n int) error {
	for deadline := time.Now().Add(30 * time.Second); f.answered.Load() < int64(n); {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("only %d of %d calls were answered, %d failed", f.answered.Load(), n, f.failed.Load())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// freed lets calls wait for few agents, whose phones hang up one after the
// other: how long does a freed agent stand idle beside a waiting call?
func freed(ctx context.Context, o options) error {
	agents := min(o.agents, 40)
	f, err := newFloor(ctx, o, plan{agents: agents, record: "never", wrapUp: "0s", skill: "all", answer: "queue"}, false)
	if err != nil {
		return err
	}
	defer f.close()
	f.hangUp = 2 * time.Second
	for i := range max(o.calls, 300) {
		if err := f.place(fmt.Sprintf("3%06d", i), 0); err != nil {
			return err
		}
		time.Sleep(4 * time.Millisecond)
	}
	f.waitOver(ctx, int64(max(o.calls, 300)))
	fmt.Printf("freed: %d calls for %d agents\n", max(o.calls, 300), agents)
	fmt.Printf("  agent's BYE to its next INVITE: %s   (Asterisk: mean 500 ms, worst 1070 ms)\n", f.freed.quantiles())
	return nil
}

// idle lets calls wait in silence for a skill that none of the agents has.
func idle(ctx context.Context, o options) error {
	f, err := newFloor(ctx, o, plan{agents: o.agents, record: "never", wrapUp: "0s", skill: "rare", answer: "agent"}, false)
	if err != nil {
		return err
	}
	defer f.close()
	for i := range o.calls {
		if err := f.place(fmt.Sprintf("4%06d", i), 0); err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
	time.Sleep(3 * time.Second)
	before, started := f.subject.cpu(), time.Now()
	select {
	case <-time.After(o.length):
	case <-ctx.Done():
		return ctx.Err()
	}
	used := (f.subject.cpu() - before).Seconds() / time.Since(started).Seconds()
	fmt.Printf("idle: %d calls waiting, %d agents logged in that cannot take them\n", o.calls, o.agents)
	fmt.Printf("  %% of a core, all together: %.2f   (Asterisk with 1000 and 1000: 8 to 10)\n", used*100)
	return nil
}
