package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/report"
)

// longest is how long a call lasts at most, for finding those that reach into
// a report's span; the longest part of an agent's state is shorter.
const longest = 48 * time.Hour

// Fill gives the builder all facts of its span, of one client or, for "", of
// all. now is how far what still lasts has come.
func (s *Store) Fill(ctx context.Context, b *report.Builder, client string, now time.Time) error {
	return s.snapshot(ctx, now, func(v *view) error {
		for _, f := range []func(context.Context, *report.Builder, string) error{v.calls, v.spells, v.returns} {
			if err := f(ctx, b, client); err != nil {
				return err
			}
		}
		return nil
	})
}

// view is one state of the tables together with what has no row yet.
type view struct {
	conn *sql.Conn
	tx   *sql.Tx
	d    *dialect
	next uint64
	live *report.Facts
	now  time.Time

	owners *owners // of calls that were read, for the spells; nil: nobody asks
}

// snapshot calls do with one state of everything.
func (s *Store) snapshot(ctx context.Context, now time.Time, do func(*view) error) error {
	s.fresh(ctx)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.askable(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Within)
	defer cancel()
	v, err := s.view(ctx, now, func(v *view) { v.live = s.live.facts(now) })
	if err != nil {
		return err
	}
	defer v.close()
	return do(v)
}

// beginWithin is how long a snapshot may hold up the fold.
const beginWithin = 5 * time.Second

// view takes a snapshot. with is called while nothing can be committed, and so
// sees what belongs to it. The connection is there before that: the fold does
// not wait for one that long reports have taken. Under mu.
func (s *Store) view(ctx context.Context, now time.Time, with func(*view)) (*view, error) {
	v := &view{d: s.db.dialect, now: now}
	var err error
	if v.conn, err = s.db.read.Conn(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	s.commits.Lock()
	if err = v.begin(ctx); err == nil {
		with(v)
	}
	s.commits.Unlock()
	if err != nil {
		v.close()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return v, nil
}

// begin takes the snapshot: it is that of the first statement.
func (v *view) begin(ctx context.Context) error {
	var err error
	if v.tx, err = v.conn.BeginTx(ctx, v.d.snapshot); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, beginWithin)
	defer cancel()
	var next int64
	if err := v.tx.QueryRowContext(ctx, `SELECT next FROM projection`).Scan(&next); err != nil {
		return err
	}
	v.next = uint64(next)
	return nil
}

func (v *view) close() {
	if v.tx != nil {
		v.tx.Rollback() // it has read only
	}
	v.conn.Close()
}

// each is a query on the snapshot.
func (v *view) each(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	if err := each(ctx, v.tx, v.d.text(text), args, scan); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// records calls take for each record of a call that touches the span.
func (v *view) records(ctx context.Context, from, to time.Time, client string, take func(*acd.CDR)) error {
	text := `SELECT cdr FROM cdrs WHERE ended >= ? AND ended < ? AND started < ?`
	args := []any{from.UnixMilli(), to.Add(longest).UnixMilli(), to.UnixMilli()}
	if client != "" {
		text += ` AND client = ?`
		args = append(args, client)
	}
	var raw sql.RawBytes
	return v.each(ctx, text, args, func(rows *sql.Rows) error {
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		c := &acd.CDR{}
		if err := acd.ParseCDR(raw, c); err != nil {
			return err
		}
		take(c)
		return nil
	})
}

// calls gives the builder what calls were part of, and who called whom.
func (v *view) calls(ctx context.Context, b *report.Builder, client string) error {
	from, to := b.Span()
	if client == "" && !b.CountsTime() {
		v.owners = newOwners()
	}
	returns := b.Returning() > 0
	var f report.Facts
	if err := v.records(ctx, from, to, client, func(c *acd.CDR) {
		f.Reset()
		f.AddRecord(c)
		b.Add(&f, client)
		if caller := strings.TrimPrefix(c.From, "+"); returns && caller != "" {
			b.Came(c.Client, caller, c.Started)
		}
		v.owners.add(c)
	}); err != nil {
		return err
	}
	b.Add(v.live, client)
	return nil
}

// spells gives the builder the agents' time. To whom after-call work belongs is
// told by the call: its row is asked only where that is what rows are for.
func (v *view) spells(ctx context.Context, b *report.Builder, client string) error {
	var err error
	switch {
	case client == "" && b.CountsTime():
		err = v.times(ctx, b)
	case v.owners.complete():
		err = v.wrapUps(ctx, b)
	default:
		err = v.joined(ctx, b, client)
	}
	if err != nil || client != "" { // whose call it is that lasts is not known yet
		return err
	}
	return v.each(ctx, `SELECT site, agent, state, start FROM states`, nil, func(rows *sql.Rows) error {
		p := report.Spell{Lasts: true}
		var start int64
		if err := rows.Scan(&p.Site, &p.Agent, &p.State, &start); err != nil {
			return err
		}
		p.Start = time.UnixMilli(start)
		p.Length = max(0, v.now.Sub(p.Start))
		b.Spell(p)
		return nil
	})
}

const timesText = `SELECT site, agent, state, start, length FROM spells WHERE start >= ? AND start < ?`

// times are all spells, whosever calls they were.
func (v *view) times(ctx context.Context, b *report.Builder) error {
	from, to := b.Span()
	return v.each(ctx, timesText,
		[]any{from.Add(-longest).UnixMilli(), to.UnixMilli()}, func(rows *sql.Rows) error {
			var p report.Spell
			var start, length int64
			if err := rows.Scan(&p.Site, &p.Agent, &p.State, &start, &length); err != nil {
				return err
			}
			p.Start, p.Length = time.UnixMilli(start), time.Duration(length)
			b.Spell(p)
			return nil
		})
}

// joined are spells with what the calls' rows say of them.
func (v *view) joined(ctx context.Context, b *report.Builder, client string) error {
	from, to := b.Span()
	text := `SELECT coalesce(c.queue, ''), coalesce(c.client, ''), coalesce(c.trunk, ''), p.site, p.agent, p.state, p.start, p.length
		FROM spells p LEFT JOIN cdrs c ON c.id = p.call WHERE p.start >= ? AND p.start < ?`
	args := []any{from.Add(-longest).UnixMilli(), to.UnixMilli()}
	if client != "" {
		text += ` AND c.client = ?`
		args = append(args, client)
	}
	if !b.CountsTime() {
		text += ` AND p.state = 'wrap-up'`
	}
	return v.each(ctx, text, args, func(rows *sql.Rows) error {
		var p report.Spell
		var start, length int64
		if err := rows.Scan(&p.Queue, &p.Client, &p.Trunk, &p.Site, &p.Agent, &p.State, &start, &length); err != nil {
			return err
		}
		p.Start, p.Length = time.UnixMilli(start), time.Duration(length)
		b.Spell(p)
		return nil
	})
}
