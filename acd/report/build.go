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

// Query says what report is wanted.
type Query struct {
	From, To time.Time
	By       By
	Step     time.Duration // 15, 30 or 60 minutes; 0: days of Location
	Location *time.Location

	// Level judges a visit to a queue, Formula names that queue's formula.
	Level   func(queue string) Level
	Formula func(queue string) string

	// Channels are those that a trunk has, for its blocking; nil or 0: unknown.
	Channels func(trunk string) int

	// Return is how soon a call that comes back says that the one before did
	// not settle the matter; 0: that is not looked at.
	Return time.Duration
}

// Builder takes in facts, in any order, and makes a report of them.
type Builder struct {
	q     Query
	edges []time.Time // the beginnings of the intervals, and the end of the last
	rows  map[rowKey]*Row
	total Row

	contacts []contact
	came     map[party][]time.Time // when each caller called each client
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
	if q.Return < 0 || q.Return > returnMax {
		return nil, fmt.Errorf("%w: calls that come back within %s", ErrQuery, q.Return)
	}
	edges, err := q.split()
	if err != nil {
		return nil, err
	}
	b := &Builder{q: q, edges: edges, rows: map[rowKey]*Row{}, came: map[party][]time.Time{}}
	b.total = Row{From: edges[0], To: edges[len(edges)-1], Key: "total"}
	return b, nil
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

// Add takes in facts of one client or, for "", of all.
func (b *Builder) Add(f *Facts, client string) {
	of(client, f.Visits, func(v *Visit) string { return v.Client }, b.Visit)
	of(client, f.Offers, func(o *Offer) string { return o.Client }, b.Offer)
	of(client, f.Handles, func(h *Handle) string { return h.Client }, b.Handle)
	of(client, f.Uses, func(u *Use) string { return u.Client }, b.Use)
	of(client, f.Contacts, func(c *Contact) string { return c.Client }, b.Contact)
}

// of takes those of one client or, for "", all.
func of[T any](client string, all []T, whose func(*T) string, take func(T)) {
	for i := range all {
		if client == "" || whose(&all[i]) == client {
			take(all[i])
		}
	}
}

// Visit counts a visit. The service-level event and the outcome may belong to
// different intervals.
func (b *Builder) Visit(v Visit) {
	l, formula := b.q.Level(v.Queue), b.q.Formula(v.Queue)
	key := b.key(v.Queue, v.Client, v.Site, v.Agent, v.Trunk)
	if at, ok := v.levelEvent(l); ok {
		for _, row := range b.at(at, key) {
			row.Counts.LevelEvents++
			row.judged(l, formula)
		}
	}
	if v.Outcome == Waiting {
		return
	}
	for _, row := range b.at(v.Ended(), key) {
		row.judged(l, formula)
		row.outcome(v, l)
	}
}

// Offer counts an offer's end.
func (b *Builder) Offer(o Offer) {
	for _, row := range b.at(o.Ended, b.key(o.Queue, o.Client, o.Site, o.Agent, o.Trunk)) {
		switch o.Outcome {
		case Connected:
		case "no-answer":
			row.RONA++
		case "caller-gone", causeAbandoned:
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

// Use counts the time that a call took up a line, split at the intervals'
// edges.
func (b *Builder) Use(u Use) {
	key := b.key(u.Queue, u.Client, u.Site, u.Agent, u.Trunk)
	b.split(u.Start, u.Length, key, func(row *Row, d time.Duration) { row.busy += d })
}

// Spell counts a stretch of an agent's state: as after-call work where it
// completes, and for those whose time it is, split at the intervals' edges.
func (b *Builder) Spell(s Spell) {
	key := b.key(s.Queue, s.Client, s.Site, s.Agent, s.Trunk)
	if s.State == "wrap-up" && !s.Lasts {
		for _, row := range b.at(s.Start.Add(s.Length), key) {
			row.acw += s.Length
		}
	}
	if b.CountsTime() {
		b.split(s.Start, s.Length, key, func(row *Row, d time.Duration) { row.spend(s.State, d) })
	}
}

// CountsTime says whether rows have agents' time: those of agents and sites.
func (b *Builder) CountsTime() bool { return b.q.By == ByAgent || b.q.By == BySite }

// split deals a stretch of time out to the intervals that it touches.
func (b *Builder) split(start time.Time, length time.Duration, key string, give func(*Row, time.Duration)) {
	from, to := b.Span()
	begin, end := start, start.Add(length)
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
			give(row, part.Sub(begin))
		}
		begin = part
	}
}

// Report is a finished report.
type Report struct {
	By         By                `json:"by"`
	Zone       string            `json:"zone" doc:"of days and intervals"`
	Formula    string            `json:"formula" doc:"of service_level"`
	Expression string            `json:"expression" doc:"the same in symbols"`
	Formulas   map[string]string `json:"formulas" doc:"how each figure is made"`
	Rows       []Row             `json:"rows"`
	Total      Row               `json:"total"`
}

// Report finishes the figures. Rows are in order of time, then key. A row's
// formula is that of the queues whose calls it counts; where those differ, of
// the whole it is ignore.
func (b *Builder) Report() Report {
	b.settle()
	r := Report{By: b.q.By, Zone: b.q.Location.String(), Formulas: Definitions, Rows: []Row{}}
	for _, row := range b.rows {
		b.finish(row)
		r.Rows = append(r.Rows, *row)
	}
	slices.SortFunc(r.Rows, func(x, y Row) int {
		if c := x.From.Compare(y.From); c != 0 {
			return c
		}
		return strings.Compare(x.Key, y.Key)
	})
	b.finish(&b.total)
	r.Total, r.Formula = b.total, b.total.Formula
	r.Expression = Expressions[r.Formula]
	return r
}

// finish completes a row.
func (b *Builder) finish(row *Row) {
	if b.q.By == ByTrunk && b.q.Channels != nil && row != &b.total {
		row.channels = b.q.Channels(row.Key)
	}
	if b.q.By == ByQueue && row != &b.total {
		row.target = b.q.Level(row.Key).Target
	}
	row.finish()
}
