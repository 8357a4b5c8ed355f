package report

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// By is what a report's rows are for.
type By string

// What rows may be for.
const (
	ByQueue  By = "queue"
	ByClient By = "client"
	BySite   By = "site"
	ByAgent  By = "agent"
	ByTrunk  By = "trunk"
)

// ErrQuery says that a report of that kind can't be made; the text says why.
var ErrQuery = errors.New("report: bad query")

// intervalsMax bounds a report's length; 15 minutes over three months.
const intervalsMax = 10000

// Query says what report is wanted.
type Query struct {
	From, To time.Time
	By       By
	Step     time.Duration // 15, 30 or 60 minutes; 0: days of Location
	Location *time.Location

	// Level judges a visit to a queue, Formula names that queue's formula.
	Level   func(queue string) Level
	Formula func(queue string) string
}

// Offer is one offer of a call to an agent that has ended.
type Offer struct {
	Queue, Client, Site, Agent, Trunk string
	Ended                             time.Time
	Outcome                           string // connected, no-answer, caller-gone, busy ...
}

// Handle is one stretch in which an agent talked with a caller.
type Handle struct {
	Queue, Client, Site, Agent, Trunk string
	Ended                             time.Time
	Talk, Hold                        time.Duration // Talk without Hold
}

// Spell is one stretch of an agent's state. Lasts: it has not ended, and
// Length is what it has lasted until now.
type Spell struct {
	Queue, Client string // of the call it belongs to
	Site, Agent   string
	State         string
	Start         time.Time
	Length        time.Duration
	Lasts         bool
}

// Builder takes in facts, in any order, and makes a report of them.
type Builder struct {
	q     Query
	edges []time.Time // the beginnings of the intervals, and the end of the last
	rows  map[rowKey]*Row
	total Row
	names map[string]bool // formulas of the queues met
}

type rowKey struct {
	interval int
	key      string
}

// NewBuilder begins a report; ErrQuery.
func NewBuilder(q Query) (*Builder, error) {
	if q.Location == nil {
		q.Location = time.UTC
	}
	if !slices.Contains([]By{ByQueue, ByClient, BySite, ByAgent, ByTrunk}, q.By) {
		return nil, fmt.Errorf("%w: rows by %q", ErrQuery, q.By)
	}
	if !q.From.Before(q.To) {
		return nil, fmt.Errorf("%w: it ends before it begins", ErrQuery)
	}
	edges, err := q.split()
	if err != nil {
		return nil, err
	}
	b := &Builder{q: q, edges: edges, rows: map[rowKey]*Row{}, names: map[string]bool{}}
	b.total = Row{From: edges[0], To: edges[len(edges)-1], Key: "total"}
	return b, nil
}

// split gives the edges of the intervals: whole ones, so that the report
// begins at or before From and ends at or after To.
func (q Query) split() ([]time.Time, error) {
	at := q.From.In(q.Location)
	next := func(t time.Time) time.Time { return t.Add(q.Step) }
	switch q.Step {
	case 15 * time.Minute, 30 * time.Minute, time.Hour:
		at = at.Truncate(q.Step)
	case 0:
		at = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, q.Location)
		next = func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, q.Location) }
	default:
		return nil, fmt.Errorf("%w: intervals of %s", ErrQuery, q.Step)
	}
	edges := []time.Time{at}
	for at.Before(q.To) {
		at = next(at)
		if edges = append(edges, at); len(edges) > intervalsMax {
			return nil, fmt.Errorf("%w: more than %d intervals", ErrQuery, intervalsMax)
		}
	}
	return edges, nil
}

// Span is the time that the report's intervals cover.
func (b *Builder) Span() (from, to time.Time) { return b.edges[0], b.edges[len(b.edges)-1] }

// interval is the one that t lies in; -1: none.
func (b *Builder) interval(t time.Time) int {
	return sort.Search(len(b.edges), func(i int) bool { return b.edges[i].After(t) }) - 1
}

// at gives the rows that a thing at t counts into: its interval's and the
// total. None when t is outside or the thing has nothing of what rows are for.
func (b *Builder) at(t time.Time, key string) []*Row {
	i := b.interval(t)
	if i < 0 || i >= len(b.edges)-1 || key == "" {
		return nil
	}
	k := rowKey{i, key}
	row := b.rows[k]
	if row == nil {
		row = &Row{From: b.edges[i], To: b.edges[i+1], Key: key}
		b.rows[k] = row
	}
	return []*Row{row, &b.total}
}

// key chooses what rows are for.
func (b *Builder) key(queue, client, site, agent, trunk string) string {
	switch b.q.By {
	case ByQueue:
		return queue
	case ByClient:
		return client
	case BySite:
		return site
	case ByAgent:
		return agent
	}
	return trunk
}

// Visit counts a visit. The service-level event and the outcome may belong to
// different intervals.
func (b *Builder) Visit(v Visit) {
	l := b.q.Level(v.Queue)
	b.names[b.q.Formula(v.Queue)] = true
	key := b.key(v.Queue, v.Client, v.Site, v.Agent, v.Trunk)
	if at, ok := v.levelEvent(l); ok {
		for _, row := range b.at(at, key) {
			row.Counts.LevelEvents++
		}
	}
	if v.Outcome == Waiting {
		return
	}
	for _, row := range b.at(v.Ended(), key) {
		row.outcome(v, l)
	}
}

// Offer counts an offer's end.
func (b *Builder) Offer(o Offer) {
	for _, row := range b.at(o.Ended, b.key(o.Queue, o.Client, o.Site, o.Agent, o.Trunk)) {
		switch o.Outcome {
		case "connected":
		case "no-answer":
			row.RONA++
		case "caller-gone", "abandoned":
			row.CallerGone++
		default:
			row.OtherDeclines++
		}
		row.Offers++
	}
}

// Handle counts a handled call.
func (b *Builder) Handle(h Handle) {
	for _, row := range b.at(h.Ended, b.key(h.Queue, h.Client, h.Site, h.Agent, h.Trunk)) {
		row.Handled++
		row.talk += h.Talk
		row.hold += h.Hold
	}
}

// Spell counts a stretch of an agent's state: as after-call work where it
// completes, and for those whose time it is, split at the intervals' edges.
func (b *Builder) Spell(s Spell) {
	key := b.key(s.Queue, s.Client, s.Site, s.Agent, "")
	if s.State == "wrap-up" && !s.Lasts {
		for _, row := range b.at(s.Start.Add(s.Length), key) {
			row.acw += s.Length
		}
	}
	if b.q.By != ByAgent && b.q.By != BySite {
		return
	}
	from, to := b.Span()
	begin, end := s.Start, s.Start.Add(s.Length)
	if begin.Before(from) {
		begin = from
	}
	if end.After(to) {
		end = to
	}
	for begin.Before(end) {
		part := b.edges[b.interval(begin)+1]
		if end.Before(part) {
			part = end
		}
		for _, row := range b.at(begin, key) {
			row.spend(s.State, part.Sub(begin))
		}
		begin = part
	}
}

// Report is a finished report.
type Report struct {
	By         By                `json:"by"`
	Formula    string            `json:"formula" doc:"of service_level"`
	Expression string            `json:"expression" doc:"the same in symbols"`
	Formulas   map[string]string `json:"formulas" doc:"how each other figure is made"`
	Rows       []Row             `json:"rows"`
	Total      Row               `json:"total"`
}

// Report finishes the figures. Rows are in order of time, then key. The
// formula is that of all queues met; where they differ, of the whole it is
// ignore.
func (b *Builder) Report() Report {
	formula := Ignore
	if len(b.names) == 1 {
		for name := range b.names {
			formula = name
		}
	}
	r := Report{By: b.q.By, Formula: formula, Expression: Expressions[formula], Formulas: Definitions, Rows: []Row{}}
	for _, row := range b.rows {
		row.finish(formula)
		r.Rows = append(r.Rows, *row)
	}
	slices.SortFunc(r.Rows, func(x, y Row) int {
		if c := x.From.Compare(y.From); c != 0 {
			return c
		}
		return strings.Compare(x.Key, y.Key)
	})
	b.total.finish(formula)
	r.Total = b.total
	return r
}
