package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"switchroom/acd/journal"
)

// database is an open one: a connection that folds, and some that ask.
type database struct {
	*dialect
	write *sql.DB // one connection
	read  *sql.DB
	next  uint64 // the lowest number not folded yet

	// shared: the tables lie where an administrator put them, perhaps beside
	// others.
	shared bool

	inserts map[insertKey]*sql.Stmt // of write

	there func() bool                 // whether it is still the one that was opened
	wipe  func(context.Context) error // takes the tables away; after it there is nothing to ask
}

type insertKey struct {
	table *table
	rows  int
}

// insertSizes are the numbers of rows that there are statements for.
var insertSizes = []int{64, 8, 1}

// readers is how many queries may run at once.
const readers = 4

// openDatabase opens the configured database and brings its tables to the
// present form. errForm, or what the dialect judges broken, when what is there
// can't be used.
func openDatabase(ctx context.Context, cfg *Config, id journal.ID, end uint64) (_ *database, err error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.Within)
	defer cancel()
	var d *database
	if cfg.URL != "" {
		d, err = openPostgres(ctx, cfg.URL)
	} else {
		d, err = openSQLite(ctx, cfg.Path)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	d.write.SetMaxOpenConns(1)
	d.write.SetConnMaxIdleTime(0)
	d.read.SetMaxOpenConns(readers)
	d.read.SetConnMaxIdleTime(time.Minute)
	if err := d.migrate(ctx, id, migrations); err != nil {
		return nil, err
	}
	if err := d.find(ctx, id, end); err != nil {
		return nil, err
	}
	return d, d.prepare(ctx)
}

// migrate takes the tables to the newest form, or makes them, in one
// transaction.
func (d *database) migrate(ctx context.Context, id journal.ID, all []migration) error {
	var tables, ours, now int
	if err := d.write.QueryRowContext(ctx, d.tables).Scan(&tables, &ours); err != nil {
		return err
	}
	switch {
	case ours == 1:
		if err := d.write.QueryRowContext(ctx, `SELECT form FROM projection`).Scan(&now); err != nil {
			return fmt.Errorf("%w: %w", errForm, err)
		}
		if newest := all[len(all)-1].form; now < firstForm || now > newest {
			return fmt.Errorf("%w: form %d, wanted %d", errForm, now, newest)
		}
	case tables > 0 && d.shared:
		return errOccupied
	case tables > 0:
		return fmt.Errorf("%w: it holds other tables", errForm)
	}
	return d.to(ctx, id, now, all)
}

// to carries out what comes after the form that the tables have; 0: none.
func (d *database) to(ctx context.Context, id journal.ID, now int, all []migration) error {
	newest := all[len(all)-1].form
	if now == newest {
		return nil
	}
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, m := range all {
		if m.form <= now {
			continue
		}
		for _, s := range m.statements {
			if _, err := tx.ExecContext(ctx, d.words.Replace(s)); err != nil {
				return fmt.Errorf("store: form %d: %w", m.form, err)
			}
		}
	}
	if now == 0 {
		_, err = tx.ExecContext(ctx, d.text(`INSERT INTO projection (one, form, journal, next) VALUES (1, ?, ?, 1)`), newest, id[:])
	} else {
		_, err = tx.ExecContext(ctx, d.text(`UPDATE projection SET form = ?`), newest)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// find reads how far the journal was folded.
func (d *database) find(ctx context.Context, id journal.ID, end uint64) error {
	var was []byte
	var next int64
	if err := d.write.QueryRowContext(ctx, `SELECT journal, next FROM projection`).Scan(&was, &next); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	foreign := string(was) != string(id[:])
	switch {
	case foreign && d.remote: // a server may have several users, and what lies there is not ours to throw away
		return errForeign
	case foreign:
		return fmt.Errorf("%w: it belongs to another", errForm)
	case next < 1 || uint64(next) > end+1:
		return fmt.Errorf("%w: it knows event %d, the journal ends with %d", errForm, next-1, end)
	}
	d.next = uint64(next)
	return nil
}

func (d *database) prepare(ctx context.Context) error {
	d.inserts = map[insertKey]*sql.Stmt{}
	for _, t := range allRows {
		for _, n := range insertSizes {
			st, err := d.write.PrepareContext(ctx, d.text(t.insert(n)))
			if err != nil {
				return fmt.Errorf("store: prepare: %w", err)
			}
			d.inserts[insertKey{t, n}] = st
		}
	}
	return nil
}

func (d *database) close() error {
	var errs []error
	for _, st := range d.inserts {
		errs = append(errs, st.Close())
	}
	if d.read != nil {
		errs = append(errs, d.read.Close())
	}
	return errors.Join(append(errs, d.write.Close())...)
}
