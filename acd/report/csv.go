package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteCSV writes the report as RFC 4180 with a line of names first and the
// total last. Text that a spreadsheet would take for a formula begins with an
// apostrophe.
func (r Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	if err := out.Write(names); err != nil {
		return err
	}
	for _, row := range append(r.Rows[:len(r.Rows):len(r.Rows)], r.Total) {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.cell(&row)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// column is one column of the CSV.
type column struct {
	name string
	cell func(*Row) string
}

var columns = []column{
	{"from", func(r *Row) string { return stamp(r.From) }},
	{"to", func(r *Row) string { return stamp(r.To) }},
	{"key", func(r *Row) string { return SafeCell(r.Key) }},
	{"offered", func(r *Row) string { return strconv.Itoa(r.OfferedCalls) }},
	{"answered", func(r *Row) string { return strconv.Itoa(r.Answered) }},
	{"answered_within", func(r *Row) string { return strconv.Itoa(r.AnsweredWithin) }},
	{"abandoned", func(r *Row) string { return strconv.Itoa(r.Abandoned) }},
	{"abandon_within", func(r *Row) string { return strconv.Itoa(r.AbandonWithin) }},
	{"short_abandons", func(r *Row) string { return strconv.Itoa(r.ShortAbandons) }},
	{"flow_out", func(r *Row) string { return strconv.Itoa(r.FlowOut) }},
	{"level_events", func(r *Row) string { return strconv.Itoa(r.LevelEvents) }},
	{"formula", func(r *Row) string { return r.Formula }},
	{"within", func(r *Row) string { return optional(r.Within) }},
	{"service_level", func(r *Row) string { return optional(r.ServiceLevel) }},
	{"asa", func(r *Row) string { return optional(r.ASA) }},
	{"abandon_time", func(r *Row) string { return optional(r.AbandonTime) }},
	{"abandon_rate", func(r *Row) string { return optional(r.AbandonRate) }},
	{"answer_rate", func(r *Row) string { return optional(r.AnswerRate) }},
	{"offers", func(r *Row) string { return strconv.Itoa(r.Offers) }},
	{"rona", func(r *Row) string { return strconv.Itoa(r.RONA) }},
	{"caller_gone", func(r *Row) string { return strconv.Itoa(r.CallerGone) }},
	{"other_declines", func(r *Row) string { return strconv.Itoa(r.OtherDeclines) }},
	{"handled", func(r *Row) string { return strconv.Itoa(r.Handled) }},
	{"talk", func(r *Row) string { return decimal(r.Talk) }},
	{"hold", func(r *Row) string { return decimal(r.Hold) }},
	{"acw", func(r *Row) string { return decimal(r.ACW) }},
	{"aht", func(r *Row) string { return optional(r.AHT) }},
	{"att", func(r *Row) string { return optional(r.ATT) }},
	{"average_hold", func(r *Row) string { return optional(r.AverageHold) }},
	{"average_acw", func(r *Row) string { return optional(r.AverageACW) }},
	{"logged_in", func(r *Row) string { return decimal(r.LoggedIn) }},
	{"ready", func(r *Row) string { return decimal(r.Ready) }},
	{"not_ready", func(r *Row) string { return decimal(r.NotReady) }},
	{"handling", func(r *Row) string { return decimal(r.Handling) }},
	{"occupancy", func(r *Row) string { return optional(r.Occupancy) }},
	{"utilisation", func(r *Row) string { return optional(r.Utilisation) }},
	{"busy", func(r *Row) string { return decimal(r.Busy) }},
	{"erlangs", func(r *Row) string { return optional(r.Erlangs) }},
	{"blocking", func(r *Row) string { return optional(r.Blocking) }},
	{"agents_needed", func(r *Row) string { return whole(r.AgentsNeeded) }},
	{"contacts", func(r *Row) string { return strconv.Itoa(r.Contacts) }},
	{"returned", func(r *Row) string { return strconv.Itoa(r.Returned) }},
	{"fcr", func(r *Row) string { return optional(r.FCR) }},
}

func whole(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05Z07:00") }

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func optional(f *float64) string {
	if f == nil {
		return ""
	}
	return decimal(*f)
}

// SafeCell makes text that a spreadsheet shows and does not carry out (OWASP
// ASVS 1.2.10), on one line.
func SafeCell(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, s)
	if trimmed := strings.TrimLeft(s, " "); trimmed != "" && strings.ContainsRune("=+-@\t|%＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}
