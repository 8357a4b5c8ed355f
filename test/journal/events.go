package main

import (
	"encoding/json"
	"time"

	"switchroom/acd"
)

// callEvents are what the exchange writes of one call that is answered by the
// first agent it is offered to, and recorded.
func callEvents(id string, now time.Time) []acd.Event {
	queued, answered := now, now.Add(3*time.Second)
	dialog := json.RawMessage(`{"leg":"01900000-0000-7000-8000-0000000000aa","call_id":"ABCDEFGHIJKLMNOPQRSTUVWXYZ","local":"<sip:4008001234@192.0.2.1>;tag=ABCDEFGHIJKLMNOP",` +
		`"remote":"\"Caller\" <sip:13800001234@203.0.113.7:5060>;tag=1234567890abcdef","target":"sip:13800001234@203.0.113.7:5060","seq":1,"transport":"UDP","peer":"203.0.113.7:5060","socket":"192.0.2.1:5060","trunk":"telecom"}`)
	base := acd.Event{Time: now, Mono: 123456789012, Boot: "01900000-0000-7000-8000-0000000000ff", Call: id, Client: "courier"}
	with := func(kind acd.Kind, set func(*acd.Event)) acd.Event {
		e := base
		e.Kind = kind
		set(&e)
		return e
	}
	agent := func(state, was string) acd.Event {
		return with(acd.AgentChanged, func(e *acd.Event) {
			e.Client, e.Agent, e.Site, e.State, e.Was, e.Cause, e.Seconds = "", "8001", "chengdu", state, was, "phase", 12.345
		})
	}
	up := with(acd.DialogUp, func(e *acd.Event) {
		e.Call, e.Client, e.Dialog, e.Detail = "", "", "01900000-0000-7000-8000-0000000000aa", dialog
	})
	over := with(acd.DialogOver, func(e *acd.Event) { e.Call, e.Client, e.Dialog = "", "", "01900000-0000-7000-8000-0000000000aa" })
	return []acd.Event{
		with(acd.CallArrived, func(e *acd.Event) {
			e.From, e.Number, e.Trunk, e.Queue, e.Version = "13800001234", "4008001234", "telecom", "parcels", "0123456789ab"
		}),
		up,
		with(acd.CallAnswered, func(*acd.Event) {}),
		with(acd.CallQueued, func(e *acd.Event) { e.Queue, e.Arrival = "parcels", 123456789012 }),
		with(acd.CallOffered, func(e *acd.Event) {
			e.Agent, e.Site, e.Queue = "8001", "chengdu", "parcels"
			e.Decision = &acd.Decision{Seq: 12345, Trigger: "arrival", Strategy: "longest-idle", Considered: 120, NotReady: 80, NoSite: 60, NoSkill: 12, Waiting: 1, Idle: 34.567, SkillSum: 12, Version: "0123456789ab"}
		}),
		agent("reserved", "ready"),
		with(acd.CallRinging, func(e *acd.Event) { e.Agent, e.Site = "8001", "chengdu" }),
		agent("ringing", "reserved"),
		up,
		with(acd.RecordingStarted, func(e *acd.Event) { e.Queue, e.Agent, e.Site = "parcels", "8001", "chengdu" }),
		with(acd.CallConnected, func(e *acd.Event) { e.Agent, e.Site, e.Queue, e.Seconds = "8001", "chengdu", "parcels", 3.012 }),
		agent("talking", "ringing"),
		over, over,
		agent("wrap-up", "talking"),
		agent("ready", "wrap-up"),
		with(acd.CallEnded, func(e *acd.Event) { e.Agent, e.Queue, e.Cause, e.Side = "8001", "parcels", "caller-hangup", "caller" }),
		with(acd.RecordingSealed, func(e *acd.Event) {
			e.Queue, e.Agent, e.Site, e.Detail = "parcels", "8001", "chengdu", json.RawMessage(`{"id":"`+id+`","length":63.2,"size":1011200,"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}`)
		}),
		with(acd.CallRecord, func(e *acd.Event) {
			e.Queue, e.Agent, e.Site, e.Trunk, e.Cause = "parcels", "8001", "chengdu", "telecom", "caller-hangup"
			e.CDR = &acd.CDR{ID: id, Client: "courier", Queue: "parcels", From: "13800001234", Number: "4008001234", Trunk: "telecom", Agent: "8001", Site: "chengdu",
				Started: now, Queued: &queued, Answered: &answered, Ended: now.Add(66 * time.Second), Waited: 3.012, Talked: 63.2, Duration: 66.212, Cause: "caller-hangup", Side: "caller", Q850: 16,
				Recording: id, Version: "0123456789ab", Segments: []acd.Segment{{Kind: "ring", Agent: "8001", Site: "chengdu", Queue: "parcels", Start: 0.1, Length: 2.9, Cause: "answered"},
					{Kind: "queue", Queue: "parcels", Length: 3.012, Cause: "answered"}, {Kind: "talk", Agent: "8001", Site: "chengdu", Queue: "parcels", Start: 3.012, Length: 63.2, Cause: "caller-hangup"}},
				Quality: []acd.Quality{{Side: "caller", Codec: "PCMU", Packets: 3300, Jitter: 0.001, MOS: 4.41}, {Side: "agent", Codec: "PCMU", Packets: 3160, Jitter: 0.001, MOS: 4.41}}}
		}),
	}
}
