package configs

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Disposition is what a client files its calls under.
type Disposition struct{ Code, Name string }

// Rona is a queue's policy for agents who do not take an offer.
type Rona struct {
	NoAnswer, Rejected, Busy, Unreachable Miss
	Reset                                 string // one of Resets
}

// Miss is the treatment of one way of not taking an offer.
type Miss struct {
	Limit  int           // misses in a row that take the agent out; 0: none do
	Delay  time.Duration // rest before the next offer while it is not out
	Return time.Duration // how long it stays out; 0: until it says that it is ready
}

// WrapUpEnds says what ends after-call work, Resets what ends the count of
// missed offers besides an answered call.
var (
	WrapUpEnds = []string{"early", "fixed", "agent"}
	Resets     = []string{"ready", "answered"}
)

// forgottenAfter bounds after-call work that its agent alone ends.
const forgottenAfter = time.Hour

// defaultRona: a person has to say that it is back, a phone is tried again.
var defaultRona = Rona{NoAnswer: Miss{Limit: 1}, Rejected: Miss{Limit: 1},
	Busy: Miss{Delay: 15 * time.Second}, Unreachable: Miss{Delay: 30 * time.Second}, Reset: "ready"}

// wrapUp reads how long after-call work lasts and what ends it.
func (d *decoder) wrapUp(m *mapping, q *Queue) {
	m.choice("wrap_up_end", &q.WrapUpEnd, WrapUpEnds)
	if q.WrapUpEnd == "agent" {
		q.WrapUp = forgottenAfter
	}
	m.duration("wrap_up", &q.WrapUp, 0, 8*time.Hour)
	if q.WrapUpEnd == "agent" && q.WrapUp == 0 {
		d.fault(m.place("wrap_up"), "wrap_up is 0s, which is none, and wrap_up_end leaves its end to the agent: wrap_up is the longest it may take")
	}
}

func (d *decoder) rona(m *mapping, q *Queue) {
	section := m.section("rona")
	if section == nil {
		return
	}
	defer section.done()
	d.miss(section, "no_answer", &q.Rona.NoAnswer)
	d.miss(section, "rejected", &q.Rona.Rejected)
	d.miss(section, "busy", &q.Rona.Busy)
	d.miss(section, "unreachable", &q.Rona.Unreachable)
	section.choice("reset", &q.Rona.Reset, Resets)
}

func (d *decoder) miss(m *mapping, key string, v *Miss) {
	section := m.section(key)
	if section == nil {
		return
	}
	defer section.done()
	section.integer("limit", &v.Limit, 0, 100)
	section.duration("delay", &v.Delay, 0, time.Hour)
	section.never("return", &v.Return, time.Second, 24*time.Hour)
	if v.Limit == 0 && section.has("return") {
		d.fault(section.place("return"), "return without a limit: nobody is taken out, so nobody comes back")
	}
}

// never reads a duration for which the word never stands as 0.
func (m *mapping) never(key string, dst *time.Duration, low, high time.Duration) {
	if text, ok := m.word(key); ok && text == "never" {
		m.take(key)
		*dst = 0
		return
	}
	m.duration(key, dst, low, high)
}

// codePattern is what an agent dials behind *54.
var codePattern = regexp.MustCompile(`^[0-9]{1,4}$`)

// dispositions reads what a client files its calls under.
func (d *decoder) dispositions(m *mapping, c *Client) {
	seen := map[string]place{}
	c.Dispositions = each(m, "dispositions", "disposition", func(m *mapping) (v Disposition) {
		m.need("code", "it is what agents dial behind *54")
		read(m, "code", &v.Code, func(s string) (string, error) {
			if !codePattern.MatchString(s) {
				return "", errors.New("one to four digits are wanted, which agents dial behind *54")
			}
			return s, nil
		})
		v.Name = v.Code
		read(m, "name", &v.Name, printable)
		at := m.place("code")
		if first, twice := seen[v.Code]; twice && v.Code != "" {
			d.fault(at, "code %s stands already in line %d: codes are unique in a client", quote(v.Code), first.line)
		}
		seen[v.Code] = at
		return v
	})
	m.boolean("disposition_required", &c.DispositionRequired)
	read(m, "disposition_default", &c.DispositionDefault, func(s string) (string, error) { return s, nil })
	known := func(code string) bool {
		return slices.ContainsFunc(c.Dispositions, func(v Disposition) bool { return v.Code == code })
	}
	switch {
	case c.DispositionRequired && len(c.Dispositions) == 0:
		d.fault(m.place("disposition_required"), "a disposition is required and the client has none: list them under dispositions")
	case c.DispositionRequired && c.DispositionDefault == "":
		d.fault(m.place("disposition_required"), "a disposition is required, so disposition_default must say what a call gets that is not filed in time")
	case c.DispositionDefault != "" && !known(c.DispositionDefault):
		codes := make([]string, len(c.Dispositions))
		for i, v := range c.Dispositions {
			codes[i] = v.Code
		}
		d.fault(m.place("disposition_default"), "disposition_default is %s, which is none of the client's codes: %s",
			quote(c.DispositionDefault), strings.Join(codes, ", "))
	}
}
