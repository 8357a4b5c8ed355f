package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/recording"

	"go.uber.org/zap"
)

// toRecording starts, marks and ends the call's recording. A recording that
// cannot be started is an alarm and a note in the journal; the call goes on.
func (c *call) toRecording(now acd.Instant, d acd.CallAction) {
	switch d.Do {
	case acd.DoRecord:
		c.tapes(now, d.Seat)
		c.show() // that it runs, or waits for the notice
	case acd.DoMark:
		c.mark(d)
	case acd.DoServe:
		c.serves(d.Seat)
	case acd.DoStopRecord:
		if c.tape != nil {
			c.session.Tap(nil)
			c.tape.Stop(string(d.Cause))
			c.tape, c.taping = nil, taping{}
		}
	}
}

// mark writes a hold, or its end, beside the sound.
func (c *call) mark(d acd.CallAction) {
	switch {
	case c.tape == nil:
	case d.Cause == "hold":
		c.tape.Hold(string(d.Party))
	case d.Cause == "resume":
		c.tape.Unhold(string(d.Party))
	default: // a consultation, a conference, a supervisor's mode
		who := string(d.Party)
		if p := c.at(d.Party); p != nil {
			who = p.seat.Who()
		}
		c.tape.Mark(recording.Mark{Kind: string(d.Cause), Who: who})
	}
}

// serves begins the stretch of another agent, or of an outside party.
func (c *call) serves(seat acd.Seat) {
	if c.tape == nil {
		return
	}
	c.tape.Segment(seat.Who(), c.nameOf(seat), seat.Site)
}

// nameOf is the name of an agent of this call; "" for anybody else.
func (c *call) nameOf(seat acd.Seat) string {
	if a := c.people[seat.Agent]; a != nil {
		return a.view().Name
	}
	return ""
}

func (c *call) record(now acd.Instant, seat acd.Seat) {
	meta := recording.Meta{
		ID: c.core.ID, CallID: c.core.ID, Client: c.core.Plan.Client, Queue: c.core.Plan.Queue,
		Agent: seat.Agent, AgentName: c.nameOf(seat), Site: seat.Site,
		From: c.core.From, Number: c.core.Number, Trunk: c.core.Trunk, Started: now.Wall,
	}
	tape, err := c.x.recordings.Start(meta)
	if err != nil {
		c.core.RecordingFailed()
		c.x.note(now, acd.Event{Kind: acd.RecordingFailed, Call: c.core.ID, Client: c.core.Plan.Client, Reason: err.Error()})
		c.log.Error("recording could not start", zap.Error(err))
		return
	}
	c.tape = tape
	c.core.RecordingBegan()
	// What the caller takes part in, and nothing that is said behind its back.
	c.session.TapParty(tape, c.caller.media)
	c.x.note(now, acd.Event{Kind: acd.RecordingStarted, Call: c.core.ID, Client: c.core.Plan.Client, Queue: c.core.Plan.Queue, Agent: seat.Agent, Site: seat.Site})
}

// Sealed hears from the store that a recording is complete and safe. The
// journal carries its particulars to whoever lists recordings.
func (x *Exchange) Sealed(m recording.Meta) {
	m.Chunks = nil // the proof stays with the sound
	detail, err := marshal(m)
	if err != nil {
		x.log.Error("recording's particulars cannot be written down", zap.String("call", m.CallID), zap.Error(err))
		return
	}
	x.note(x.clock.now(), acd.Event{Kind: acd.RecordingSealed, Call: m.CallID, Client: m.Client, Queue: m.Queue,
		Agent: m.Agent, Site: m.Site, Cause: m.Cause, Seconds: m.Length, Detail: detail})
}

// NoteSealed writes down a recording that was sealed before there was an
// exchange: one that a crash had cut off. Recover, which comes after it and
// after a Commit of the number returned, gives the call's record its recording
// by that.
func NoteSealed(j Journal, boot string, m recording.Meta) (seq uint64, err error) {
	m.Chunks = nil
	detail, err := marshal(m)
	if err != nil {
		return 0, err
	}
	seq = j.Append(acd.Event{Kind: acd.RecordingSealed, Time: time.Now().UTC(), Boot: boot, Call: m.CallID, Client: m.Client,
		Queue: m.Queue, Agent: m.Agent, Site: m.Site, Cause: m.Cause, Seconds: m.Length, Detail: detail})
	if seq == 0 {
		return 0, journal.ErrRefused
	}
	return seq, nil
}
