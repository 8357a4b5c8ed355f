package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"switchroom/acd"
)

// batch is what one transaction writes: rows for each table, as their values
// one after the other.
type batch struct {
	values map[*table][]any
	latest map[*table]map[string][]any // rows of which the last one of a key counts
	others []statement                 // carried out when all rows are in

	from, next uint64 // numbers folded: from from on, below next
	poison     uint64
	records    []acd.CDR // of the calls in it
	runs       []string  // of the switch that its events are of
}

// statement is one that is rare. Its text is a constant.
type statement struct {
	text string
	args []any
}

func newBatch(from uint64) *batch {
	return &batch{values: map[*table][]any{}, latest: map[*table]map[string][]any{}, from: from, next: from}
}

// add puts a row in; row has the table's columns.
func (b *batch) add(t *table, row ...any) { b.values[t] = append(b.values[t], row...) }

// last puts a row in that takes the place of what has the same key.
func (b *batch) last(t *table, key string, row ...any) {
	if b.latest[t] == nil {
		b.latest[t] = map[string][]any{}
	}
	b.latest[t][key] = row
}

// then carries out a statement when all rows are in.
func (b *batch) then(text string, args ...any) {
	b.others = append(b.others, statement{text, args})
}

// commit writes the batch and the position it has reached; last is given the
// step that makes all of it seen. errMoved when the position is not the one
// that the batch begins at.
func (b *batch) commit(ctx context.Context, d *database, last func(commit func() error) error) error {
	ctx = d.context(ctx)
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer tx.Rollback()
	moved, err := tx.ExecContext(ctx, d.text(`UPDATE projection SET next = ? WHERE next = ?`), int64(b.next), int64(b.from))
	if err != nil {
		return fmt.Errorf("store: position: %w", err)
	}
	if n, err := moved.RowsAffected(); err != nil {
		return fmt.Errorf("store: position: %w", err)
	} else if n != 1 {
		return errMoved
	}
	for _, t := range allRows {
		if err := b.insert(ctx, d, tx, t); err != nil {
			return err
		}
	}
	for _, o := range b.others {
		if _, err := tx.ExecContext(ctx, d.text(o.text), o.args...); err != nil {
			return fmt.Errorf("store: fold: %w", err)
		}
	}
	if err := last(tx.Commit); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// insert writes the rows of one table, as many with one statement as there are
// statements for.
func (b *batch) insert(ctx context.Context, d *database, tx *sql.Tx, t *table) error {
	values := b.values[t]
	for _, key := range slices.Sorted(maps.Keys(b.latest[t])) {
		values = append(values, b.latest[t][key]...)
	}
	for _, n := range insertSizes {
		width := n * len(t.columns)
		if len(values) < width {
			continue
		}
		st := tx.StmtContext(ctx, d.inserts[insertKey{t, n}])
		for len(values) >= width {
			if _, err := st.ExecContext(ctx, values[:width]...); err != nil {
				return fmt.Errorf("store: fold into %s: %w", t.name, err)
			}
			values = values[width:]
		}
	}
	return nil
}
