package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // the driver "sqlite", in pure Go
)

var sqliteDialect = &dialect{
	name: "sqlite",
	words: strings.NewReplacer("{int}", "INTEGER", "{real}", "REAL", "{text}", "TEXT", "{blob}", "BLOB",
		"{rows}", " STRICT", "{keyed}", " STRICT, WITHOUT ROWID"),
	tables:     `SELECT count(*), count(*) FILTER (WHERE name = 'projection') FROM sqlite_schema WHERE type = 'table'`,
	snapshot:   &sql.TxOptions{ReadOnly: true},
	background: true,
	judge:      judgeSQLite,
}

// judgeSQLite goes by SQLite's primary result codes.
func judgeSQLite(err error) flaw {
	if errors.Is(err, errForm) {
		return broken
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return passing
	}
	switch e.Code() & 0xff {
	case 11, 26: // CORRUPT, NOTADB
		return broken
	case 18, 19, 20: // TOOBIG, CONSTRAINT, MISMATCH
		return refused
	}
	return passing
}

// openSQLite opens the file, or makes it.
func openSQLite(ctx context.Context, path string) (*database, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	db := &database{dialect: sqliteDialect}
	var err error
	if db.write, err = sql.Open("sqlite", sqliteSource(path, "rw")); err != nil {
		return nil, err
	}
	if err = db.write.PingContext(ctx); err == nil { // the file is there now
		db.read, err = sql.Open("sqlite", sqliteSource(path, "ro"))
	}
	if err != nil {
		return nil, errors.Join(err, db.close())
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, db.close())
	}
	db.there = func() bool {
		now, err := os.Stat(path)
		return err == nil && os.SameFile(now, file)
	}
	db.wipe = func(context.Context) error { return removeSQLite(path) }
	return db, nil
}

// sqliteSource is the connection string. The folding side takes its lock when
// a transaction begins; the asking side can't write.
func sqliteSource(path, mode string) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(2000)")
	q.Add("_pragma", "journal_mode(WAL)")
	q.Add("_pragma", "synchronous(NORMAL)") // what a power cut takes is folded again
	if mode == "rw" {
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "cache_size(-16000)")       // the right edges of all indexes
		q.Add("_pragma", "wal_autocheckpoint(4000)") // pages; one that many rows share is copied once
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// removeSQLite takes the file away with all that belongs to it.
func removeSQLite(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
