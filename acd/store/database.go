package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite", in pure Go

	"switchroom/acd/journal"
)

// database is one open file: a connection that folds, and some that ask.
type database struct {
	path  string
	write *sql.DB // one connection
	read  *sql.DB
	next  uint64      // position found at opening
	file  os.FileInfo // to see when somebody took the file away
}

// errForm says that a file can't be gone on with.
var errForm = errors.New("store: not a projection of this journal")

// openDatabase opens the file, or makes it. errForm, or SQLite's error, when
// what is there can't be used.
func openDatabase(ctx context.Context, path string, id journal.ID, end uint64) (_ *database, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	d := &database{path: path}
	if d.write, err = sql.Open("sqlite", source(path, "rw")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	d.write.SetMaxOpenConns(1)
	if err := d.check(ctx, id, end); err != nil {
		return nil, err
	}
	if d.read, err = sql.Open("sqlite", source(path, "ro")); err != nil {
		return nil, err
	}
	d.read.SetMaxOpenConns(4)
	d.file, err = os.Stat(path)
	return d, err
}

// source is the connection string. The folding side takes its lock when a
// transaction begins; the asking side can't write.
func source(path, mode string) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(2000)")
	q.Add("_pragma", "journal_mode(WAL)")
	q.Add("_pragma", "synchronous(NORMAL)") // what a power cut takes is folded again
	if mode == "rw" {
		q.Set("_txlock", "immediate")
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// check finds the position, and makes the tables in an empty file.
func (d *database) check(ctx context.Context, id journal.ID, end uint64) error {
	var version, tables int
	if err := d.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := d.write.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if version == 0 && tables == 0 {
		return d.create(ctx, id)
	}
	if version != schemaVersion {
		return fmt.Errorf("%w: form %d, wanted %d", errForm, version, schemaVersion)
	}
	var was []byte
	var next int64
	if err := d.write.QueryRowContext(ctx, "SELECT journal, next FROM position").Scan(&was, &next); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if string(was) != string(id[:]) {
		return fmt.Errorf("%w: it belongs to another", errForm)
	}
	if next < 1 || uint64(next) > end+1 {
		return fmt.Errorf("%w: it knows event %d, the journal ends with %d", errForm, next-1, end)
	}
	d.next = uint64(next)
	return nil
}

func (d *database) create(ctx context.Context, id journal.ID) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO position (one, journal, next) VALUES (1, ?, 1)", id[:]); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	d.next = 1
	return tx.Commit()
}

// there says whether the file is still the one that was opened.
func (d *database) there() bool {
	now, err := os.Stat(d.path)
	return err == nil && os.SameFile(now, d.file)
}

func (d *database) close() {
	if d.read != nil {
		d.read.Close()
	}
	if d.write != nil {
		d.write.Close()
	}
}

// removeDatabase takes the file away with all that belongs to it.
func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
