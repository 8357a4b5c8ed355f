package exchange

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
)

// taping is what people do with a call's recording. The call's goroutine owns
// it. A pause belongs to the call: it outlasts holds, transfers and changes of
// media.
type taping struct {
	paused   bool
	deadline time.Duration // when the pause ends by itself; 0: it does not
}

// byLimit is who ends a pause that nobody has ended in time.
const byLimit = "limit"

// tapes begins the recording of a call that has been connected, or has it wait
// until the caller has heard that there is one.
func (c *call) tapes(now acd.Instant, seat acd.Seat) {
	if !c.speech.voice.OwesNotice() {
		c.record(now, seat)
		return
	}
	c.core.RecordingFailed() // until there is one
	c.speech.tapeFor = &seat
	c.tapeWaits()
}

// tapeWaits gives the notice that the recording waits for, over the talk, as
// often as something else cuts it off.
func (c *call) tapeWaits() {
	s := &c.speech
	if s.tapeFor == nil || s.whisper != 0 || c.core.State() != acd.Talking || c.core.Held() || c.queue == nil {
		return
	}
	c.say(c.queue.config.Treatment.Notice)
}

// tapeNow begins the recording that has waited.
func (c *call) tapeNow() {
	seat := c.speech.tapeFor
	c.speech.tapeFor = nil
	if c.core.State() >= acd.Ending {
		return
	}
	if now := c.core.Seat(); now != (acd.Seat{}) {
		seat = &now
	}
	c.record(c.x.clock.now(), *seat)
	c.show()
}

// tapeDue ends a pause that has lasted long enough.
func (c *call) tapeDue(now acd.Instant) {
	if c.taping.deadline != 0 && now.Mono >= c.taping.deadline {
		c.resumeTape(byLimit, "")
	}
}

// pauseTape keeps nothing of the call from now on.
func (c *call) pauseTape(who, why string) error {
	switch {
	case c.tape == nil:
		return fmt.Errorf("call %s is not recorded: %w", c.core.ID, api.ErrConflict)
	case c.queue != nil && !c.queue.config.Pause.Allowed:
		return fmt.Errorf("recordings of queue %s are not paused: %w", c.queue.config.ID, api.ErrConflict)
	case c.taping.paused:
		return nil
	}
	c.tape.Pause(who, why)
	now := c.x.clock.now()
	c.taping = taping{paused: true}
	if c.queue != nil && c.queue.config.Pause.Limit > 0 {
		c.taping.deadline = now.Mono + c.queue.config.Pause.Limit
	}
	c.noteTape(now, "pause", who, why)
	return nil
}

// resumeTape ends a pause.
func (c *call) resumeTape(who, why string) error {
	if c.tape == nil || !c.taping.paused {
		return fmt.Errorf("the recording of call %s is not paused: %w", c.core.ID, api.ErrConflict)
	}
	c.tape.Resume(who, why)
	c.taping = taping{}
	c.noteTape(c.x.clock.now(), "resume", who, why)
	return nil
}

// startTape begins a recording on demand.
func (c *call) startTape(who, why string) error {
	switch {
	case c.core.State() != acd.Talking:
		return fmt.Errorf("call %s is not connected: %w", c.core.ID, api.ErrConflict)
	case c.queue == nil || c.queue.config.Record != "on-demand":
		return fmt.Errorf("call %s is not recorded on demand: %w", c.core.ID, api.ErrConflict)
	case c.tape != nil || c.speech.tapeFor != nil:
		return nil
	}
	now := c.x.clock.now()
	c.noteTape(now, "start", who, why)
	c.tapes(now, c.core.Seat())
	c.show()
	return nil
}

// noteTape writes down who did what with a recording, and shows it.
func (c *call) noteTape(now acd.Instant, what, who, why string) {
	c.x.note(now, acd.Event{Kind: acd.RecordingMarked, Call: c.core.ID, Client: c.core.Plan.Client, Queue: c.core.Plan.Queue,
		Agent: c.core.Seat().Agent, Cause: what, Reason: why, State: who})
	c.show()
}

// tapeState is how the recording stands, for people.
func (c *call) tapeState() string {
	switch {
	case c.speech.tapeFor != nil:
		return "notice"
	case c.tape == nil:
		return ""
	case c.taping.paused:
		return "paused"
	}
	return "on"
}

// SteerRecording starts a live call's recording on demand, pauses it or ends
// the pause.
func (x *Exchange) SteerRecording(id, action, reason, by string) error {
	return x.ask(id, func(c *call) error {
		switch action {
		case "start":
			return c.startTape(by, reason)
		case "pause":
			return c.pauseTape(by, reason)
		case "resume":
			return c.resumeTape(by, reason)
		}
		return fmt.Errorf("action %q: wanted start, pause or resume: %w", action, api.ErrConflict)
	})
}

func pauseBy(c *call, p *party, _ string) error  { return c.pauseTape(p.seat.Who(), "code") }
func resumeBy(c *call, p *party, _ string) error { return c.resumeTape(p.seat.Who(), "code") }
func startBy(c *call, p *party, _ string) error  { return c.startTape(p.seat.Who(), "code") }
