package demo

import "time"

// cast is everybody in the demonstration and what they do. It is made so that
// each run shows a call answered at once, one that rings out and keeps its
// place, a ring that opens to the other site, a caller who waits for an agent
// to become free, and one who gives up. Each caller's pitch is apart from each
// agent's, so that a recording with its channels swapped would be noticed.
type cast struct {
	agents  []agent
	callers []caller
}

// agent is somebody with a phone.
type agent struct {
	id, name, site string
	skills         string // as in the configuration
	voice          voice
	codec          string        // the only one of the phone; "": both
	answerAfter    time.Duration // 0: lets it ring
}

// caller is somebody who calls through the carrier.
type caller struct {
	name, from, number string
	voice              voice
	at                 time.Duration // when
	turns              int           // sentences, then this side hangs up; 0: the agent does
	patience           time.Duration // in the queue; 0: waits
}

// Numbers that callers dial, with their queues.
const (
	parcelsNumber  = "4008001234"
	bookingsNumber = "4008005678"
)

// agentTurns is after how many sentences an agent takes leave whose caller
// doesn't.
const agentTurns = 3

func newCast() cast {
	return cast{
		agents: []agent{
			{id: "8003", name: "Zhao Lei", site: "chengdu", skills: "{parcels: 5}", voice: voice{104, 0.96, 11}},
			{id: "8001", name: "Li Wei", site: "chengdu", skills: "{parcels: 7, mandarin: 4}", voice: voice{122, 1, 12}, answerAfter: 900 * time.Millisecond},
			{id: "8002", name: "Wang Fang", site: "chengdu", skills: "{parcels: 5, mandarin: 5}", voice: voice{214, 1.16, 13}, answerAfter: 1200 * time.Millisecond},
			{id: "8101", name: "Zhang Min", site: "beijing", skills: "{parcels: 3, bookings: 6, english: 5}", voice: voice{178, 1.12, 14}, codec: "PCMA", answerAfter: 800 * time.Millisecond},
			{id: "8102", name: "Chen Jie", site: "beijing", skills: "{parcels: 3, bookings: 4, english: 3}", voice: voice{146, 1.05, 15}, codec: "PCMA", answerAfter: 1100 * time.Millisecond},
		},
		callers: []caller{
			{name: "Mr Sun", from: "13800010001", number: parcelsNumber, voice: voice{92, 0.95, 21}, turns: 2},
			{name: "Ms He", from: "13900020002", number: parcelsNumber, voice: voice{236, 1.18, 22}, at: 1200 * time.Millisecond, turns: 2},
			{name: "Mr Gao", from: "13700030003", number: parcelsNumber, voice: voice{110, 1, 23}, at: 2200 * time.Millisecond},
			{name: "Ms Lin", from: "18600040004", number: bookingsNumber, voice: voice{195, 1.14, 24}, at: 3 * time.Second, turns: 2},
			{name: "Mr Fox", from: "+442079460000", number: bookingsNumber, voice: voice{133, 1.02, 25}, at: 6 * time.Second},
			{name: "Ms Tang", from: "13600050005", number: parcelsNumber, voice: voice{170, 1.1, 26}, at: 5 * time.Second, patience: 4 * time.Second},
			{name: "Mr Qiu", from: "15000060006", number: parcelsNumber, voice: voice{161, 1.04, 27}, at: 7 * time.Second, turns: 2},
			{name: "Ms Bai", from: "13500070007", number: parcelsNumber, voice: voice{258, 1.2, 28}, at: 9 * time.Second},
		},
	}
}

func (c cast) agent(id string) (agent, bool) {
	for _, a := range c.agents {
		if a.id == id {
			return a, true
		}
	}
	return agent{}, false
}

func (c cast) caller(from string) (caller, bool) {
	for _, a := range c.callers {
		if a.from == from {
			return a, true
		}
	}
	return caller{}, false
}
