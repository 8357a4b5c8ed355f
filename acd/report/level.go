package report

import "slices"

// Service level formulas, by the names used in configuration and reports.
const (
	Negative = "negative" // A_T / O': an abandoned call is a failure
	Ignore   = "ignore"   // A_T / (O' - B_T): one within T counts for nothing
	Positive = "positive" // (A_T + B_T) / O': one within T is a success
	Answered = "answered" // A_T / A
	Offered  = "offered"  // A_T / (A + B + F)
)

// Formulas are all names of service level formulas.
var Formulas = []string{Negative, Ignore, Positive, Answered, Offered}

// Expressions says in symbols what each formula divides.
var Expressions = map[string]string{
	Negative: "A_T / O'",
	Ignore:   "A_T / (O' - B_T)",
	Positive: "(A_T + B_T) / O'",
	Answered: "A_T / A",
	Offered:  "A_T / (A + B + F)",
}

// Counts are what happened to calls in one queue and time.
type Counts struct {
	Answered       int `json:"answered"`        // A
	AnsweredWithin int `json:"answered_within"` // A_T
	Abandoned      int `json:"abandoned"`       // B, short ones among them
	AbandonWithin  int `json:"abandon_within"`  // B_T, short ones left out
	ShortAbandons  int `json:"short_abandons"`  // B_s
	FlowOut        int `json:"flow_out"`        // F
	LevelEvents    int `json:"level_events"`    // O'
}

// Offered is O = A + B + F.
func (c Counts) Offered() int { return c.Answered + c.Abandoned + c.FlowOut }

// Add sums two counts.
func (c Counts) Add(d Counts) Counts {
	return Counts{
		c.Answered + d.Answered, c.AnsweredWithin + d.AnsweredWithin,
		c.Abandoned + d.Abandoned, c.AbandonWithin + d.AbandonWithin, c.ShortAbandons + d.ShortAbandons,
		c.FlowOut + d.FlowOut, c.LevelEvents + d.LevelEvents,
	}
}

// Known says whether there is a service level formula of that name.
func Known(formula string) bool { return slices.Contains(Formulas, formula) }

// ServiceLevel is the percentage by the named formula. ok is false when
// nothing happened that the formula could judge, and for an unknown name.
func (c Counts) ServiceLevel(formula string) (percent float64, ok bool) {
	switch formula {
	case Negative:
		return share(c.AnsweredWithin, c.LevelEvents)
	case Ignore:
		return share(c.AnsweredWithin, c.LevelEvents-c.AbandonWithin)
	case Positive:
		return share(c.AnsweredWithin+c.AbandonWithin, c.LevelEvents)
	case Answered:
		return share(c.AnsweredWithin, c.Answered)
	case Offered:
		return share(c.AnsweredWithin, c.Offered())
	}
	return 0, false
}

// share is part of whole in percent.
func share(part, whole int) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return 100 * float64(part) / float64(whole), true
}
