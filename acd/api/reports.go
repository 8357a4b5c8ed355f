package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"go.uber.org/zap"

	"switchroom/acd/report"
)

type reportRequest struct {
	By       string    `query:"by" enum:"queue,client,site,agent,trunk" default:"queue"`
	From     time.Time `query:"from" doc:"default: midnight"`
	To       time.Time `query:"to" doc:"default: now"`
	Interval string    `query:"interval" enum:"15,30,60,day" default:"day" doc:"minutes, or day"`
	Zone     string    `query:"zone" maxLength:"64" doc:"of days and intervals, such as Asia/Shanghai; default: the switch's"`
	Client   string    `query:"client" maxLength:"128"`
	Formula  string    `query:"formula" enum:"negative,ignore,positive,answered,offered" doc:"of the service level; default: the queue's"`
	Within   float64   `query:"within" minimum:"0" maximum:"86400" doc:"seconds: T of the service level; default: the queue's"`
	Short    float64   `query:"short" minimum:"0" maximum:"3600" default:"5" doc:"seconds: an abandon with less wait is a wrong number"`
	Return   int       `query:"return" minimum:"0" maximum:"31" default:"7" doc:"days within which a caller who calls again was not helped (fcr); 0: that is not counted"`
	Format   string    `query:"format" enum:"json,csv" default:"json"`
}

// ReportRow is report.Row with times as the interface writes them.
type ReportRow struct {
	report.Row
	From Moment `json:"from"`
	To   Moment `json:"to"`
}

// Report is a report as the interface gives it.
type Report struct {
	By         string            `json:"by"`
	Zone       string            `json:"zone" doc:"of days and intervals"`
	Formula    string            `json:"formula" doc:"of service_level"`
	Expression string            `json:"expression" doc:"the same in symbols"`
	Formulas   map[string]string `json:"formulas" doc:"how each figure is made"`
	Items      []ReportRow       `json:"items" doc:"in order of time, then key"`
	Total      ReportRow         `json:"total"`
}

var steps = map[string]time.Duration{"15": 15 * time.Minute, "30": 30 * time.Minute, "60": time.Hour, "day": 0}

// registerReports registers the reports. A client sees those by queue and by
// client; sites, agents and trunks are not its business.
func (s *Server) registerReports() {
	op := operation("get-report", http.MethodGet, "/api/v1/reports", "Figures by interval as JSON or CSV", everyone, 422, 503)
	schema := s.huma.OpenAPI().Components.Schemas.Schema(typeOf[Report](), true, "Report")
	op.Responses = map[string]*huma.Response{"200": {Description: "the report", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	huma.Register(s.huma, op, s.report)
}

func (s *Server) report(ctx context.Context, in *reportRequest) (*huma.StreamResponse, error) {
	who := callerOf(ctx)
	if who.role == Client && !slices.Contains([]string{"queue", "client"}, in.By) {
		return nil, huma.Error403Forbidden("a client's reports are by queue or by client")
	}
	client := in.Client
	if !who.sees(client) {
		client = who.client
		if in.Client != "" {
			return nil, notFound("client")
		}
	}
	zone, err := s.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	b, err := report.NewBuilder(s.reportQuery(in, zone, now))
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	if err := s.cfg.Records.Fill(ctx, b, client, now); err != nil {
		return nil, s.refusal(err, "report")
	}
	r := b.Report()
	return &huma.StreamResponse{Body: func(c huma.Context) {
		_, w := humago.Unwrap(c)
		if in.Format == "csv" {
			s.replyCSV(w, r)
			return
		}
		reply(w, http.StatusOK, reportOf(r))
	}}, nil
}

// reportQuery fills in what was not asked.
func (s *Server) reportQuery(in *reportRequest, zone *time.Location, now time.Time) report.Query {
	q := report.Query{By: report.By(in.By), From: in.From, To: in.To, Step: steps[in.Interval], Location: zone,
		Return: time.Duration(in.Return) * 24 * time.Hour, Channels: s.channels()}
	if q.From.IsZero() {
		q.From = report.StartOfDay(now.In(zone))
	}
	if q.To.IsZero() {
		q.To = now
	}
	q.Level = func(queue string) report.Level {
		l := s.cfg.Level(queue)
		if in.Within > 0 {
			l.Within = time.Duration(in.Within * float64(time.Second))
		}
		l.Short = time.Duration(in.Short * float64(time.Second))
		return l
	}
	q.Formula = func(queue string) string {
		if in.Formula != "" {
			return in.Formula
		}
		if v, ok := s.cfg.Switch.Queue(queue); ok && report.Known(v.Formula) {
			return v.Formula
		}
		return report.Ignore
	}
	return q
}

// zone is the location of a name of the IANA database; "": the switch's. Names
// of files and of the machine's own zone are none.
func (s *Server) zone(name string) (*time.Location, error) {
	if name == "" {
		return s.cfg.Location, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{
			Message: "no such time zone; one is wanted such as Asia/Shanghai or UTC", Location: "query.zone",
		})
	}
	return zone, nil
}

// channels gives how many each trunk has.
func (s *Server) channels() func(trunk string) int {
	all := map[string]int{}
	for _, c := range s.cfg.Switch.Status().Channels {
		all[c.Trunk] = c.Limit
	}
	return func(trunk string) int { return all[trunk] }
}

func reportOf(r report.Report) Report {
	out := Report{By: string(r.By), Zone: r.Zone, Formula: r.Formula, Expression: r.Expression, Formulas: r.Formulas, Items: []ReportRow{}, Total: rowOf(r.Total)}
	for _, row := range r.Rows {
		out.Items = append(out.Items, rowOf(row))
	}
	return out
}

func rowOf(r report.Row) ReportRow { return ReportRow{r, Moment(r.From), Moment(r.To)} }

func (s *Server) replyCSV(w http.ResponseWriter, r report.Report) {
	var text bytes.Buffer
	if err := r.WriteCSV(&text); err != nil {
		s.log.Error("report not written", zap.Error(err))
		problem(w, http.StatusInternalServerError, "a fault of ours; it is in the log")
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="report.csv"`)
	if _, err := w.Write(text.Bytes()); err != nil && !errors.Is(err, http.ErrHandlerTimeout) {
		s.log.Debug("report not taken", zap.Error(err))
	}
}
