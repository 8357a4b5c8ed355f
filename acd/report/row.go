package report

import (
	"math"
	"time"
)

// Definitions says how each figure of a row is made, in the symbols of the
// counts: A answered, B abandoned, B_s short ones of those, F flowed out,
// O = A + B + F.
var Definitions = map[string]string{
	"asa":           "sum of wait over answered / A",
	"abandon_time":  "sum of wait over abandoned, short ones left out / (B - B_s)",
	"abandon_rate":  "B / O",
	"answer_rate":   "A / O",
	"aht":           "(talk + hold + ACW) / handled",
	"att":           "talk / handled",
	"average_hold":  "hold / handled",
	"average_acw":   "ACW / handled",
	"occupancy":     "handle time / (handle time + ready time)",
	"utilisation":   "(handle time + ready time) / logged-in time",
	"level_events":  "O': answered, abandoned (short ones left out) or T passed, whichever came first",
	"service_level": "see formula",
}

// Row is one interval of one queue, client, site, agent or trunk. Times are
// seconds, shares percent; a figure that nothing happened for is null.
type Row struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Key  string    `json:"key"`

	Counts
	OfferedCalls int `json:"offered"` // O

	ServiceLevel *float64 `json:"service_level"`
	ASA          *float64 `json:"asa"`
	AbandonTime  *float64 `json:"abandon_time"`
	AbandonRate  *float64 `json:"abandon_rate"`
	AnswerRate   *float64 `json:"answer_rate"`

	Offers        int `json:"offers"` // to agents
	RONA          int `json:"rona"`
	CallerGone    int `json:"caller_gone"`
	OtherDeclines int `json:"other_declines"`

	Handled     int      `json:"handled"`
	Talk        float64  `json:"talk"` // hold left out
	Hold        float64  `json:"hold"`
	ACW         float64  `json:"acw"`
	AHT         *float64 `json:"aht"`
	ATT         *float64 `json:"att"`
	AverageHold *float64 `json:"average_hold"`
	AverageACW  *float64 `json:"average_acw"`

	LoggedIn    float64  `json:"logged_in"`
	Ready       float64  `json:"ready"`
	NotReady    float64  `json:"not_ready"`
	Handling    float64  `json:"handling"` // reserved, ringing, in a call, wrap-up
	Occupancy   *float64 `json:"occupancy"`
	Utilisation *float64 `json:"utilisation"`

	answerWait, abandonWait           time.Duration
	talk, hold, acw                   time.Duration
	ready, notReady, handling, logged time.Duration
}

// outcome counts how a visit ended.
func (r *Row) outcome(v Visit, l Level) {
	switch v.Outcome {
	case WasServed:
		r.Answered++
		r.answerWait += v.Wait
		if v.Wait <= l.Within {
			r.AnsweredWithin++
		}
	case WasLost:
		r.Abandoned++
		switch {
		case v.Wait < l.Short:
			r.ShortAbandons++
		case v.Wait <= l.Within:
			r.AbandonWithin++
			fallthrough
		default:
			r.abandonWait += v.Wait
		}
	default:
		r.FlowOut++
	}
}

// spend counts an agent's time.
func (r *Row) spend(state string, d time.Duration) {
	switch state {
	case "offline":
		return
	case "ready":
		r.ready += d
	case "not-ready":
		r.notReady += d
	default:
		r.handling += d
	}
	r.logged += d
}

// finish makes the figures from the sums.
func (r *Row) finish(formula string) {
	r.OfferedCalls = r.Counts.Offered()
	if level, ok := r.Counts.ServiceLevel(formula); ok {
		r.ServiceLevel = rounded(level, 2)
	}
	r.ASA = average(r.answerWait, r.Answered)
	r.AbandonTime = average(r.abandonWait, r.Abandoned-r.ShortAbandons)
	r.AbandonRate = percent(float64(r.Abandoned), float64(r.OfferedCalls))
	r.AnswerRate = percent(float64(r.Answered), float64(r.OfferedCalls))
	r.Talk, r.Hold, r.ACW = seconds(r.talk), seconds(r.hold), seconds(r.acw)
	r.AHT = average(r.talk+r.hold+r.acw, r.Handled)
	r.ATT = average(r.talk, r.Handled)
	r.AverageHold = average(r.hold, r.Handled)
	r.AverageACW = average(r.acw, r.Handled)
	r.LoggedIn, r.Ready, r.NotReady, r.Handling = seconds(r.logged), seconds(r.ready), seconds(r.notReady), seconds(r.handling)
	r.Occupancy = percent(float64(r.handling), float64(r.handling+r.ready))
	r.Utilisation = percent(float64(r.handling+r.ready), float64(r.logged))
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

func average(sum time.Duration, n int) *float64 {
	if n <= 0 {
		return nil
	}
	return rounded(sum.Seconds()/float64(n), 3)
}

func percent(part, whole float64) *float64 {
	if whole <= 0 {
		return nil
	}
	return rounded(100*part/whole, 2)
}

func rounded(f float64, digits int) *float64 {
	p := math.Pow10(digits)
	f = math.Round(f*p) / p
	return &f
}
