package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type reportCmd struct {
	Show     reportShowCmd `cmd:"" default:"withargs" help:"Figures by interval (default)."`
	Staffing staffingCmd   `cmd:"" help:"How many agents so many calls need, by Erlang C."`
}

type reportShowCmd struct {
	By       string   `enum:"queue,client,site,agent,trunk" default:"queue" help:"What rows are for: ${enum}."`
	From     when     `placeholder:"TIME" help:"From the interval with this time on: 2026-01-31, 2026-01-31T15:04, today (default), or 90m for 90 minutes ago."`
	To       when     `placeholder:"TIME" help:"Up to this time; now if none is named."`
	Interval string   `enum:"15,30,60,day" default:"day" help:"Minutes, or day: ${enum}."`
	Zone     string   `placeholder:"ZONE" help:"Time zone of days and intervals, such as Asia/Shanghai; the switch's if none is named."`
	Client   string   `help:"Only this client's calls."`
	Formula  string   `enum:",negative,ignore,positive,answered,offered" default:"" placeholder:"NAME" help:"Of the service level: negative, ignore, positive, answered, offered; each queue's own if none is named."`
	Within   duration `placeholder:"DURATION" help:"T of the service level; each queue's own if none is named."`
	Short    duration `default:"5s" help:"An abandon with less wait is a wrong number."`
	Return   int      `default:"7" help:"Days within which a caller who calls again was not helped; 0: that is not counted."`
	CSV      bool     `name:"csv" help:"Print every figure as CSV for a spreadsheet."`
	Formulas bool     `help:"Print how each figure is made, too."`
}

// duration is one on the command line, which is never negative.
type duration struct{ time.Duration }

// UnmarshalText reads it as Go writes it: 20s, 1m30s.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no duration: write 20s or 1m30s", text)
	}
	d.Duration = v
	return nil
}

// reported is a report as the switch gives it.
type reported struct {
	By         string            `json:"by"`
	Zone       string            `json:"zone"`
	Formula    string            `json:"formula"`
	Expression string            `json:"expression"`
	Formulas   map[string]string `json:"formulas"`
	Items      []figures         `json:"items"`
	Total      figures           `json:"total"`
}

// figures is one row: every figure by its name, null for one that nothing
// happened for.
type figures map[string]any

func (c *reportShowCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	if c.CSV {
		return c.csv(s, api)
	}
	var r reported
	text, err := api.get(s.ctx, "/api/v1/reports", c.query(), &r)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return c.print(s.Stdout, r)
}

func (c *reportShowCmd) query() url.Values {
	q := url.Values{"by": {c.By}, "interval": {c.Interval}, "return": {strconv.Itoa(c.Return)},
		"short": {strconv.FormatFloat(c.Short.Seconds(), 'f', -1, 64)}}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("from", stamp(c.From.Time))
	set("to", stamp(c.To.Time))
	set("zone", c.Zone)
	set("client", c.Client)
	set("formula", c.Formula)
	if c.Within.Duration > 0 {
		q.Set("within", strconv.FormatFloat(c.Within.Seconds(), 'f', -1, 64))
	}
	return q
}

// csv passes the switch's own CSV on.
func (c *reportShowCmd) csv(s *session, api *client) error {
	q := c.query()
	q.Set("format", "csv")
	answer, err := api.do(s.ctx, http.MethodGet, "/api/v1/reports", q, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(s.Stdout, io.LimitReader(answer.Body, answerMax))
	return err
}

// shownFigures are those that people look at first, for each kind of rows;
// --csv and --json have all of them.
var shownFigures = map[string][]string{
	"queue": {"offered", "answered", "abandoned", "short_abandons", "flow_out", "service_level", "formula", "within", "asa", "abandon_time",
		"abandon_rate", "rona", "handled", "aht", "average_acw", "agents_needed", "fcr"},
	"client": {"offered", "answered", "abandoned", "short_abandons", "flow_out", "service_level", "formula", "asa", "abandon_time",
		"abandon_rate", "handled", "aht", "erlangs", "fcr"},
	"site":  {"answered", "rona", "handled", "talk", "hold", "acw", "aht", "logged_in", "ready", "not_ready", "handling", "occupancy", "utilisation"},
	"agent": {"offers", "rona", "caller_gone", "handled", "talk", "hold", "acw", "aht", "logged_in", "ready", "not_ready", "handling", "occupancy", "utilisation"},
	"trunk": {"offered", "answered", "abandoned", "flow_out", "service_level", "formula", "asa", "handled", "busy", "erlangs", "blocking"},
}

// figureNames are headers for people; percent and seconds say how a figure is
// written.
var figureNames = map[string]string{
	"service_level": "SL", "formula": "FORMULA", "within": "T", "asa": "ASA", "abandon_time": "ABANDON TIME", "abandon_rate": "ABANDON RATE", "aht": "AHT",
	"average_acw": "AVG ACW", "agents_needed": "AGENTS NEEDED", "fcr": "FCR", "rona": "RONA", "acw": "ACW",
}

func header(name string) string {
	if h, ok := figureNames[name]; ok {
		return h
	}
	return strings.ToUpper(strings.ReplaceAll(name, "_", " "))
}

func (c *reportShowCmd) print(w io.Writer, r reported) error {
	names := shownFigures[r.By]
	t := newTable("FROM", strings.ToUpper(r.By))
	for _, n := range names {
		if n == "formula" {
			t.header = append(t.header, header(n))
			continue
		}
		t.header = append(t.header, ">"+header(n))
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.Local
	}
	for _, f := range append(r.Items[:len(r.Items):len(r.Items)], r.Total) {
		cells := []string{f.from(zone), f.text("key")}
		for _, n := range names {
			cells = append(cells, f.text(n))
		}
		t.row(cells...)
	}
	if err := t.write(w); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "\ntimes of %s; service level of the total: %s = %s\n", printable(r.Zone), printable(r.Formula), printable(r.Expression)); err != nil {
		return err
	}
	if !c.Formulas {
		return nil
	}
	for _, n := range names {
		if how := r.Formulas[n]; how != "" {
			if _, err := fmt.Fprintf(w, "%s = %s\n", header(n), printable(how)); err != nil {
				return err
			}
		}
	}
	return nil
}

// from is when the row's interval begins.
func (f figures) from(zone *time.Location) string {
	text, _ := f["from"].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return at.In(zone).Format("2006-01-02 15:04")
}

// lengths are the figures that are seconds, shares those that are percent.
var (
	lengths = map[string]bool{"asa": true, "abandon_time": true, "aht": true, "att": true, "average_hold": true, "average_acw": true,
		"talk": true, "hold": true, "acw": true, "logged_in": true, "ready": true, "not_ready": true, "handling": true, "busy": true, "within": true}
	shares = map[string]bool{"service_level": true, "abandon_rate": true, "answer_rate": true, "occupancy": true, "utilisation": true,
		"blocking": true, "fcr": true}
)

// text is a figure as people read it; "" for none.
func (f figures) text(name string) string {
	switch v := f[name].(type) {
	case string:
		return v
	case float64:
		switch {
		case lengths[name]:
			return span(v)
		case shares[name]:
			return strconv.FormatFloat(v, 'f', 1, 64) + "%"
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

type staffingCmd struct {
	Calls  float64  `required:"" help:"Calls offered in an hour."`
	AHT    duration `name:"aht" required:"" help:"Average handle time: 3m20s."`
	Target float64  `default:"80" help:"Percent of calls that are to be answered in time."`
	Within duration `default:"20s" help:"The time."`
}

// Run shows what numbers of agents would give.
func (c *staffingCmd) Run(s *session) error {
	ask, err := s.client()
	if err != nil {
		return err
	}
	number := func(f float64) []string { return []string{strconv.FormatFloat(f, 'f', -1, 64)} }
	q := url.Values{"calls": number(c.Calls), "aht": number(c.AHT.Seconds()), "target": number(c.Target), "within": number(c.Within.Seconds())}
	var v struct {
		Erlangs float64          `json:"erlangs"`
		Agents  int              `json:"agents"`
		Items   []map[string]any `json:"items"`
	}
	text, err := ask.get(s.ctx, "/api/v1/reports/staffing", q, &v)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	t := newTable(">AGENTS", ">WAIT", ">IN TIME", ">ASA", ">OCCUPANCY", "")
	for _, item := range v.Items {
		n, _ := item["agents"].(float64)
		mark := " "
		if int(n) == v.Agents {
			mark = "<- the fewest that reach the target"
		}
		cell := func(name, unit string) string {
			f, _ := item[name].(float64)
			return strconv.FormatFloat(f, 'f', 1, 64) + unit
		}
		t.row(strconv.Itoa(int(n)), cell("waits", "%"), cell("service_level", "%"), cell("asa", "s"), cell("occupancy", "%"), mark)
	}
	if err := t.write(s.Stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Stdout, "\n%g erlangs; by Erlang C, in which nobody hangs up\n", v.Erlangs)
	return err
}
