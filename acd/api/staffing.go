package api

import (
	"context"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd/report"
)

type staffingRequest struct {
	Calls  float64 `query:"calls" required:"true" minimum:"0" maximum:"1000000" doc:"offered in an hour"`
	AHT    float64 `query:"aht" required:"true" minimum:"1" maximum:"86400" doc:"seconds"`
	Target float64 `query:"target" minimum:"1" maximum:"99.9" default:"80" doc:"percent answered within"`
	Within float64 `query:"within" minimum:"0" maximum:"86400" default:"20" doc:"seconds"`
}

// Staffing is what numbers of agents would give, by Erlang C.
type Staffing struct {
	Erlangs    float64     `json:"erlangs" doc:"a = calls x AHT"`
	Agents     int         `json:"agents" doc:"the fewest that reach the target"`
	Expression string      `json:"expression"`
	Items      []StaffedBy `json:"items" doc:"for some more and some fewer agents"`
}

// StaffedBy is what one number of agents would give.
type StaffedBy struct {
	Agents       int     `json:"agents"`
	Waits        float64 `json:"waits" doc:"percent of calls that wait: C(N, a)"`
	ServiceLevel float64 `json:"service_level" doc:"percent within"`
	ASA          float64 `json:"asa" doc:"seconds"`
	Occupancy    float64 `json:"occupancy" doc:"percent: a / N"`
}

const erlangC = "C(N, a) = [a^N/N! x N/(N-a)] / [sum over k<N of a^k/k! + a^N/N! x N/(N-a)]; SL = 1 - C e^(-(N-a) t/AHT); ASA = C AHT/(N-a)"

func (s *Server) registerStaffing() {
	huma.Register(s.huma, operation("get-staffing", http.MethodGet, "/api/v1/reports/staffing",
		"How many agents so many calls need, by Erlang C", staff, 422), s.staffing)
}

func (s *Server) staffing(_ context.Context, in *staffingRequest) (*of[Staffing], error) {
	a := in.Calls * in.AHT / 3600
	n := report.Agents(in.Calls, in.AHT, in.Target, in.Within)
	out := Staffing{Erlangs: round3(a), Agents: n, Expression: erlangC, Items: []StaffedBy{}}
	for k := max(int(a)+1, n-3); k <= n+5; k++ {
		level, asa := report.Forecast(k, in.Calls, in.AHT, in.Within)
		if math.IsInf(asa, 0) {
			continue
		}
		out.Items = append(out.Items, StaffedBy{k, round3(100 * report.ErlangC(k, a)), round3(level), round3(asa), round3(100 * a / float64(k))})
	}
	return &of[Staffing]{out}, nil
}

func round3(f float64) float64 { return math.Round(f*1000) / 1000 }
