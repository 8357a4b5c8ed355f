package report

import (
	"math"
	"time"
)

// Definitions says how each figure of a row is made, in the symbols of the
// counts: A answered, B abandoned, B_s short ones of those, F flowed out,
// O = A + B + F.
var Definitions = map[string]string{
	"offered":       "O = A + B + F",
	"level_events":  "O': answered, abandoned (short ones left out) or T passed, whichever came first",
	"service_level": "by the formula named in the row, calls within T = within",
	"asa":           "sum of wait over answered / A",
	"abandon_time":  "sum of wait over abandoned, short ones left out / (B - B_s)",
	"abandon_rate":  "B / O",
	"answer_rate":   "A / O",
	"rona":          "offers that rang out",
	"caller_gone":   "offers that ended because the caller hung up while ringing",
	"aht":           "(talk + hold + ACW) / handled",
	"att":           "talk / handled",
	"average_hold":  "hold / handled",
	"average_acw":   "ACW / handled",
	"occupancy":     "handle time / (handle time + ready time); not-ready time is in neither",
	"utilisation":   "(handle time + ready time) / logged-in time",
	"erlangs":       "a: time that calls took up lines / length of the interval",
	"blocking":      "Erlang B: B(channels, a)",
	"agents_needed": "Erlang C: the fewest N with 1 - C(N, a) e^(-(N - a) T / AHT) >= target, a = O x AHT / length of the interval",
	"fcr":           "answered calls after which the same number did not call the same client within N days / answered calls",
}

// Row is one interval of one queue, client, site, agent or trunk. Times are
// seconds, shares percent; a figure that nothing happened for is null.
type Row struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Key  string    `json:"key"`

	Counts
	OfferedCalls int `json:"offered"` // O

	Formula      string   `json:"formula" doc:"of this row's service_level"`
	Within       *float64 `json:"within" doc:"seconds: T; null when the queues' differ"`
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

	Busy         float64  `json:"busy"` // lines taken up
	Erlangs      *float64 `json:"erlangs"`
	Blocking     *float64 `json:"blocking"`
	AgentsNeeded *int     `json:"agents_needed"`

	Contacts int      `json:"contacts"` // answered calls of known callers
	Returned int      `json:"returned"` // of those, after which the caller called again
	FCR      *float64 `json:"fcr"`

	answerWait, abandonWait           time.Duration
	talk, hold, acw                   time.Duration
	ready, notReady, handling, logged time.Duration
	busy                              time.Duration
	channels, target                  int

	within time.Duration // T of the calls so far
	mixed  bool          // those differ
}

// judged notes by what the row's calls are judged.
func (r *Row) judged(l Level, formula string) {
	switch {
	case r.Formula == "":
		r.Formula, r.within = formula, l.Within
		return
	case r.Formula != formula:
		r.Formula = Ignore
	}
	r.mixed = r.mixed || r.within != l.Within
}

// outcome counts how a visit ended.
func (r *Row) outcome(v Visit, l Level) {
	r.Counts.ended(v, l)
	switch {
	case v.Outcome == WasServed:
		r.answerWait += v.Wait
	case v.Outcome == WasLost && v.Wait >= l.Short:
		r.abandonWait += v.Wait
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
func (r *Row) finish() {
	if r.Formula == "" {
		r.Formula = Ignore
	} else if !r.mixed {
		r.Within = rounded(r.within.Seconds(), 3)
	}
	r.OfferedCalls = r.Counts.Offered()
	if level, ok := r.Counts.ServiceLevel(r.Formula); ok {
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
	r.FCR = percent(float64(r.Contacts-r.Returned), float64(r.Contacts))
	r.traffic()
}

// traffic makes the figures of Erlang's formulas.
func (r *Row) traffic() {
	length := r.To.Sub(r.From)
	r.Busy = seconds(r.busy)
	if r.busy > 0 {
		a := float64(r.busy) / float64(length)
		r.Erlangs = rounded(a, 3)
		if r.channels > 0 {
			r.Blocking = rounded(100*ErlangB(r.channels, a), 3)
		}
	}
	if r.target > 0 && r.AHT != nil && *r.AHT > 0 {
		n := Agents(float64(r.OfferedCalls)*float64(time.Hour)/float64(length), *r.AHT, float64(r.target), r.within.Seconds())
		r.AgentsNeeded = &n
	}
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
