package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// firstCall is when the made-up past begins.
var firstCall = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// between is the time from one call to the next.
const between = 400 * time.Millisecond

// write appends the calls, and waits now and then for the disk.
func write(ctx context.Context, j *journal.Journal, o options) error {
	if j.Status().Next > 2 {
		return nil // of a run before
	}
	rng := rand.New(rand.NewPCG(1, 1))
	j.Append(acd.Event{Kind: acd.SwitchStarted, Time: firstCall, Boot: "boot"})
	for i := range o.n {
		c := call{at: firstCall.Add(time.Duration(i) * between), mono: int64(i) * int64(between), rng: rng, only: o.records}
		c.write(j)
		if i%5000 == 0 {
			if err := j.Commit(ctx, j.Status().Next-1); err != nil {
				return err
			}
		}
	}
	return j.Commit(ctx, j.Status().Next-1)
}

// call is one made-up call.
type call struct {
	at   time.Time
	mono int64
	rng  *rand.Rand
	only bool
}

func (c *call) id() string {
	ms := c.at.UnixMilli()
	var id uuid.UUID
	for i := range id {
		id[i] = byte(c.rng.Uint32())
	}
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

func (c *call) write(j *journal.Journal) {
	id, n := c.id(), c.rng.IntN(50)
	client, queue := fmt.Sprintf("client%02d", n%10), fmt.Sprintf("queue%02d", n)
	agent, site := fmt.Sprint(8000+c.rng.IntN(1000)), fmt.Sprint("site", c.rng.IntN(5))
	wait := time.Duration(c.rng.ExpFloat64() * float64(15*time.Second)).Round(time.Millisecond)
	talk := time.Duration(c.rng.ExpFloat64() * float64(3*time.Minute)).Round(time.Millisecond)
	from := fmt.Sprintf("+8613%09d", c.rng.IntN(300_000))
	answered, ended := c.at.Add(wait), c.at.Add(wait+talk)
	note := func(after time.Duration, ev acd.Event) {
		if c.only && ev.Kind != acd.CallRecord {
			return
		}
		ev.Time, ev.Mono, ev.Boot = c.at.Add(after), c.mono+int64(after), "boot"
		j.Append(ev)
	}
	about := acd.Event{Call: id, Client: client, Queue: queue, Agent: agent, Site: site}
	with := func(k acd.Kind, do func(*acd.Event)) acd.Event {
		ev := about
		ev.Kind = k
		do(&ev)
		return ev
	}
	state := func(to, was string) acd.Event {
		return acd.Event{Kind: acd.AgentChanged, Call: id, Agent: agent, Site: site, State: to, Was: was, Cause: "phase"}
	}
	note(0, with(acd.CallArrived, func(e *acd.Event) { e.From, e.Number, e.Trunk, e.Agent, e.Site = from, "4008001234", "telecom", "", "" }))
	note(0, with(acd.CallQueued, func(e *acd.Event) { e.Agent, e.Site = "", "" }))
	note(wait, with(acd.CallOffered, func(e *acd.Event) {
		e.Decision = &acd.Decision{Seq: uint64(c.mono), Trigger: "arrival", Strategy: "longest-idle", Considered: 40, NotReady: 12, Idle: 31.5, Version: "0123456789ab"}
	}))
	note(wait, state("reserved", "ready"))
	note(wait, state("ringing", "reserved"))
	note(wait, with(acd.CallRinging, func(*acd.Event) {}))
	note(wait, with(acd.CallConnected, func(e *acd.Event) { e.Seconds = wait.Seconds() }))
	note(wait, state("talking", "ringing"))
	note(wait+talk, state("wrap-up", "talking"))
	note(wait+talk, with(acd.CallEnded, func(e *acd.Event) { e.Cause, e.Side = "caller-hangup", "caller" }))
	note(wait+talk, with(acd.CallRecord, func(e *acd.Event) {
		e.CDR = &acd.CDR{ID: id, Client: client, Queue: queue, From: from, Number: "4008001234", Trunk: "telecom", Agent: agent, Site: site,
			Started: c.at, Queued: &c.at, Answered: &answered, Ended: ended, Waited: wait.Seconds(), Talked: talk.Seconds(),
			Duration: (wait + talk).Seconds(), Cause: "caller-hangup", Side: "caller", Q850: 16, Version: "0123456789ab",
			Segments: []acd.Segment{
				{Kind: "ring", Agent: agent, Site: site, Queue: queue, Start: wait.Seconds(), Cause: "answered"},
				{Kind: "queue", Queue: queue, Length: wait.Seconds(), Cause: "answered"},
				{Kind: "talk", Agent: agent, Site: site, Queue: queue, Start: wait.Seconds(), Length: talk.Seconds(), Cause: "caller-hangup"},
			}}
	}))
	note(wait+talk+10*time.Second, state("ready", "wrap-up"))
}
