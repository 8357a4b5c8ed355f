package store

import (
	"context"
	"database/sql"
	"fmt"
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

// calls gives the builder what calls were part of.
func (v *view) calls(ctx context.Context, b *report.Builder, client string) error {
	from, to := b.Span()
	var f report.Facts
	if err := v.records(ctx, from, to, client, func(c *acd.CDR) {
		f.Reset()
		f.AddRecord(c)
		b.Add(&f, client)
	}); err != nil {
		return err
	}
	b.Add(v.live, client)
	return nil
}

// spells gives the builder the agents' time. To whom the after-call work
// belongs is told by the call's row.
func (v *view) spells(ctx context.Context, b *report.Builder, client string) error {
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
	err := v.each(ctx, text, args, func(rows *sql.Rows) error {
		var p report.Spell
		var start, length int64
		if err := rows.Scan(&p.Queue, &p.Client, &p.Trunk, &p.Site, &p.Agent, &p.State, &start, &length); err != nil {
			return err
		}
		p.Start, p.Length = time.UnixMilli(start), time.Duration(length)
		b.Spell(p)
		return nil
	})
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

// returns gives the builder who called whom, for as long after its span as it
// looks for calls that came back.
func (v *view) returns(ctx context.Context, b *report.Builder, client string) error {
	within := b.Returning()
	if within <= 0 {
		return nil
	}
	from, to := b.Span()
	text := `SELECT client, caller, started FROM cdrs WHERE caller <> '' AND started >= ? AND started < ?`
	args := []any{from.UnixMilli(), to.Add(within).UnixMilli()}
	if client != "" {
		text += ` AND client = ?`
		args = append(args, client)
	}
	return v.each(ctx, text, args, func(rows *sql.Rows) error {
		var of, caller string
		var started int64
		if err := rows.Scan(&of, &caller, &started); err != nil {
			return err
		}
		b.Came(of, caller, time.UnixMilli(started))
		return nil
	})
}
