package store

import (
	"context"
	"database/sql"
	"time"

	"switchroom/acd/report"
)

// Fill gives the builder all facts of its span, of one client or, for "", of
// all. now is how far stretches that still last have come.
func (s *Store) Fill(ctx context.Context, b *report.Builder, client string, now time.Time) error {
	for _, f := range []func(context.Context, *report.Builder, string, time.Time) error{
		s.fillVisits, s.fillOffers, s.fillHandles, s.fillSpells,
	} {
		if err := f(ctx, b, client, now); err != nil {
			return err
		}
	}
	return nil
}

// span gives the arguments that all the queries below have.
func span(b *report.Builder, client string) []any {
	from, to := b.Span()
	return []any{sql.Named("from", from.UnixMilli()), sql.Named("to", to.UnixMilli()), sql.Named("client", client)}
}

// longest is how long before a report's span something may begin that counts
// in it: no call waits and no state but being away lasts longer.
const longest = 7 * 24 * time.Hour

func (s *Store) fillVisits(ctx context.Context, b *report.Builder, client string, now time.Time) error {
	args := append(span(b, client), sql.Named("longest", longest.Milliseconds()))
	return s.ask(ctx, `SELECT call, queue, client, trunk, agent, site, cause, outcome, entered, wait FROM visits
		WHERE entered >= :from - :longest AND entered < :to AND (:client = '' OR client = :client)`, args,
		func(rows *sql.Rows) error {
			var v report.Visit
			var entered, wait int64
			if err := rows.Scan(&v.Call, &v.Queue, &v.Client, &v.Trunk, &v.Agent, &v.Site, &v.Cause, &v.Outcome, &entered, &wait); err != nil {
				return err
			}
			v.Entered, v.Wait = time.UnixMilli(entered), time.Duration(wait)
			if v.Outcome == report.Waiting {
				v.Wait = now.Sub(v.Entered)
			}
			b.Visit(v)
			return nil
		})
}

func (s *Store) fillOffers(ctx context.Context, b *report.Builder, client string, _ time.Time) error {
	args := append(span(b, client), sql.Named("longest", longest.Milliseconds()))
	return s.ask(ctx, `SELECT queue, client, site, agent, trunk, ended, outcome FROM offers
		WHERE at >= :from - :longest AND at < :to AND outcome <> '' AND (:client = '' OR client = :client)`, args,
		func(rows *sql.Rows) error {
			var o report.Offer
			var ended int64
			if err := rows.Scan(&o.Queue, &o.Client, &o.Site, &o.Agent, &o.Trunk, &ended, &o.Outcome); err != nil {
				return err
			}
			o.Ended = time.UnixMilli(ended)
			b.Offer(o)
			return nil
		})
}

func (s *Store) fillHandles(ctx context.Context, b *report.Builder, client string, _ time.Time) error {
	return s.ask(ctx, `SELECT queue, client, site, agent, trunk, at, talk, hold FROM handles
		WHERE at >= :from AND at < :to AND (:client = '' OR client = :client)`, span(b, client),
		func(rows *sql.Rows) error {
			var h report.Handle
			var at, talk, hold int64
			if err := rows.Scan(&h.Queue, &h.Client, &h.Site, &h.Agent, &h.Trunk, &at, &talk, &hold); err != nil {
				return err
			}
			h.Ended, h.Talk, h.Hold = time.UnixMilli(at), time.Duration(talk), time.Duration(hold)
			b.Handle(h)
			return nil
		})
}

// fillSpells: an agent may be away for longer than anything else lasts, but
// that counts for nothing. Of those that last the present run's are counted.
func (s *Store) fillSpells(ctx context.Context, b *report.Builder, client string, now time.Time) error {
	args := append(span(b, client), sql.Named("longest", longest.Milliseconds()))
	return s.ask(ctx, `SELECT queue, client, site, agent, state, start, length FROM spells
		WHERE start >= :from - :longest AND start < :to AND (:client = '' OR client = :client)`, args,
		func(rows *sql.Rows) error {
			var p report.Spell
			var start, length int64
			if err := rows.Scan(&p.Queue, &p.Client, &p.Site, &p.Agent, &p.State, &start, &length); err != nil {
				return err
			}
			p.Start, p.Length = time.UnixMilli(start), time.Duration(length)
			if length < 0 {
				p.Lasts, p.Length = true, max(0, now.Sub(p.Start))
			}
			b.Spell(p)
			return nil
		})
}
