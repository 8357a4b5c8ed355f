package store

import (
	"context"
	"database/sql"
	"time"

	"switchroom/acd/report"
)

// Counts counts what happened in a queue from from on and before to, for the
// given service level. It gives the same as report.Counts over the same
// visits, without carrying them here.
func (s *Store) Counts(ctx context.Context, queue string, l report.Level, from, to time.Time) (report.Counts, error) {
	var c report.Counts
	// A visit of the time before may end in it; none lasts a week.
	args := []any{
		sql.Named("queue", queue), sql.Named("t", int64(l.Within)), sql.Named("s", int64(l.Short)),
		sql.Named("from", from.UnixMilli()), sql.Named("to", to.UnixMilli()),
		sql.Named("early", from.Add(-7*24*time.Hour).UnixMilli()),
		sql.Named("served", string(report.WasServed)), sql.Named("lost", string(report.WasLost)),
		sql.Named("out", string(report.FlowedOut)),
	}
	err := s.ask(ctx, countsQuery, args, func(rows *sql.Rows) error {
		return rows.Scan(&c.Answered, &c.AnsweredWithin, &c.Abandoned, &c.AbandonWithin, &c.ShortAbandons,
			&c.FlowOut, &c.LevelEvents)
	})
	return c, err
}

// countsQuery: w is the wait, up to now for a call that still waits; at is
// when the outcome was, or now.
const countsQuery = `
WITH v AS (
	SELECT outcome, entered,
		CASE outcome WHEN 'waiting' THEN (:to - entered) * 1000000 ELSE wait END AS w
	FROM visits WHERE queue = :queue AND entered >= :early AND entered < :to
), d AS (
	SELECT outcome, w, entered + w / 1000000 AS at, entered + min(w, :t) / 1000000 AS level FROM v
)
SELECT
	count(*) FILTER (WHERE outcome = :served AND at >= :from AND at < :to),
	count(*) FILTER (WHERE outcome = :served AND at >= :from AND at < :to AND w <= :t),
	count(*) FILTER (WHERE outcome = :lost   AND at >= :from AND at < :to),
	count(*) FILTER (WHERE outcome = :lost   AND at >= :from AND at < :to AND w >= :s AND w <= :t),
	count(*) FILTER (WHERE outcome = :lost   AND at >= :from AND at < :to AND w < :s),
	count(*) FILTER (WHERE outcome = :out    AND at >= :from AND at < :to),
	count(*) FILTER (WHERE level >= :from AND level < :to
		AND NOT (outcome = :lost AND w < :s)
		AND (w > :t OR outcome IN (:served, :lost)))
FROM d`
