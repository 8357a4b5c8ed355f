package store

import (
	"context"
	"database/sql"
	"fmt"

	"go.uber.org/zap"
)

// load reads what lasts: the states that agents are in, and the runs' last
// signs of life.
func (f *fold) load(ctx context.Context, d *database) error {
	err := each(ctx, d.write, `SELECT agent, seq, site, state, reason, call, boot, start, mono FROM states`, nil, func(rows *sql.Rows) error {
		s := &state{}
		err := rows.Scan(&s.agent, &s.seq, &s.site, &s.state, &s.reason, &s.call, &s.boot, &s.start, &s.mono)
		f.states[s.agent] = s
		return err
	})
	if err != nil {
		return fmt.Errorf("store: states: %w", err)
	}
	err = each(ctx, d.write, `SELECT boot, mono FROM boots`, nil, func(rows *sql.Rows) error {
		var boot string
		var mono int64
		err := rows.Scan(&boot, &mono)
		f.boots[boot] = mono
		return err
	})
	if err != nil {
		return fmt.Errorf("store: runs: %w", err)
	}
	return nil
}

// asker is what can run a query.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls scan for each row of a query.
func each(ctx context.Context, q asker, text string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			if ctx.Err() != nil { // which has closed the rows
				return ctx.Err()
			}
			return err
		}
	}
	return rows.Err()
}

// fillUp adds the recordings on disk that the journal has not told of.
func (s *Store) fillUp(ctx context.Context, db *database) error {
	b, added := newBatch(db.next), 0
	flush := func() error {
		ctx, cancel := context.WithTimeout(ctx, s.cfg.Within)
		defer cancel()
		if err := b.commit(ctx, db, func(commit func() error) error { return commit() }); err != nil {
			return err
		}
		b = newBatch(db.next)
		return nil
	}
	err := s.cfg.Recordings(func(r Recording) error {
		if r.ID == "" {
			return nil
		}
		row, err := r.row()
		if err != nil {
			return err
		}
		b.add(foundRows, row...)
		if added++; added%s.cfg.Batch == 0 {
			return flush()
		}
		return ctx.Err()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("store: recordings on disk: %w", err)
	}
	s.log.Info("recordings on disk compared with the journal's", zap.Int("recordings", added))
	return nil
}
