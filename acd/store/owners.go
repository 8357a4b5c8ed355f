package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"switchroom/acd"
	"switchroom/acd/report"
)

// ownersMax bounds how many calls' owners are remembered for one report, some
// 40 bytes each; beyond it the database joins them.
var ownersMax = 1 << 20

// owners tells whose the after-call work of a call is, out of the records that
// a report has read anyway: asking the call's row for each is what a report
// would spend most of its time with.
type owners struct {
	of    map[uuid.UUID]int32
	all   []owner
	known map[owner]int32
	full  bool
}

type owner struct{ queue, client, trunk string }

func newOwners() *owners {
	return &owners{of: map[uuid.UUID]int32{}, known: map[owner]int32{}}
}

func (o *owners) complete() bool { return o != nil && !o.full }

func (o *owners) add(c *acd.CDR) {
	if !o.complete() {
		return
	}
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return // its row is asked
	}
	if len(o.of) >= ownersMax {
		*o = owners{full: true}
		return
	}
	who := owner{c.Queue, c.Client, c.Trunk}
	n, ok := o.known[who]
	if !ok {
		n = int32(len(o.all))
		o.known[who], o.all = n, append(o.all, who)
	}
	o.of[id] = n
}

func (o *owners) find(call string) (owner, bool) {
	id, err := uuid.Parse(call)
	if err != nil {
		return owner{}, false
	}
	n, ok := o.of[id]
	if !ok {
		return owner{}, false
	}
	return o.all[n], true
}

const worksText = `SELECT call, site, agent, start, length FROM spells WHERE start >= ? AND start < ? AND state = 'wrap-up'`

// wrapUps are the spells of after-call work, each with its call's owner. A call
// may have ended before the report's span, and so not be among those that were
// read: the rows of these few are asked.
func (v *view) wrapUps(ctx context.Context, b *report.Builder) error {
	from, to := b.Span()
	var others []report.Spell
	calls := map[string][]int{}
	err := v.each(ctx, worksText,
		[]any{from.Add(-longest).UnixMilli(), to.UnixMilli()}, func(rows *sql.Rows) error {
			p := report.Spell{State: "wrap-up"}
			var call string
			var start, length int64
			if err := rows.Scan(&call, &p.Site, &p.Agent, &start, &length); err != nil {
				return err
			}
			p.Start, p.Length = time.UnixMilli(start), time.Duration(length)
			if p.Start.Add(p.Length).Before(from) {
				return nil // completed before
			}
			who, ok := v.owners.find(call)
			if !ok && call != "" {
				calls[call] = append(calls[call], len(others))
				others = append(others, p)
				return nil
			}
			p.Queue, p.Client, p.Trunk = who.queue, who.client, who.trunk
			b.Spell(p)
			return nil
		})
	if err != nil {
		return err
	}
	err = v.among(ctx, `SELECT id, queue, client, trunk FROM cdrs WHERE id IN `, slices.Sorted(maps.Keys(calls)), nil, func(rows *sql.Rows) error {
		var id string
		var who owner
		err := rows.Scan(&id, &who.queue, &who.client, &who.trunk)
		for _, n := range calls[id] {
			others[n].Queue, others[n].Client, others[n].Trunk = who.queue, who.client, who.trunk
		}
		return err
	})
	for _, p := range others {
		b.Spell(p)
	}
	return err
}

// amongMax is how many values one statement asks for.
const amongMax = 500

// among asks for rows by a list of values, many at a time. text ends where the
// list begins; more are the arguments before it.
func (v *view) among(ctx context.Context, text string, values []string, more []any, scan func(*sql.Rows) error) error {
	for some := range slices.Chunk(values, amongMax) {
		args := slices.Clone(more)
		for _, value := range some {
			args = append(args, value)
		}
		if err := v.each(ctx, text+"("+strings.Repeat("?, ", len(some)-1)+"?)", args, scan); err != nil {
			return err
		}
	}
	return nil
}
