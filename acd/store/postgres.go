package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgresDialect = &dialect{
	name: "postgres",
	words: strings.NewReplacer("{int}", "BIGINT", "{real}", "DOUBLE PRECISION", "{text}", `TEXT COLLATE "C"`,
		"{blob}", "BYTEA", "{rows}", "", "{keyed}", ""),
	tables: `SELECT count(*), count(*) FILTER (WHERE table_name = 'projection')
		FROM information_schema.tables WHERE table_schema = current_schema()`,
	numbered: true,
	remote:   true,
	snapshot: &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
	judge:    judgePostgres,
}

// postgresSchema is where the tables lie, unless the URL names a search_path.
const postgresSchema = "switchroom"

// judgePostgres goes by the classes of SQLSTATE. Tables that somebody damaged
// are broken; a server that is down, starting or full is not.
func judgePostgres(err error) flaw {
	if errors.Is(err, errForm) {
		return broken
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) || len(e.Code) != 5 {
		return passing
	}
	switch e.Code {
	case "42P01", "42703": // no such table, no such column
		return broken
	}
	switch e.Code[:2] {
	case "22", "23", "54": // data exception, integrity violation, limit exceeded
		return refused
	}
	return passing
}

// openPostgres connects; the server may be elsewhere, and down.
func openPostgres(ctx context.Context, url string) (*database, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: database: %w", redacted{err})
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "switchroom"
	}
	schema := ""
	if cfg.RuntimeParams["search_path"] == "" {
		schema = postgresSchema
		cfg.RuntimeParams["search_path"] = schema
	}
	reading := cfg.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	cfg.RuntimeParams["synchronous_commit"] = "off" // what a crash takes is folded again

	db := &database{dialect: postgresDialect, write: stdlib.OpenDB(*cfg), read: stdlib.OpenDB(*reading), shared: schema == ""}
	db.there = func() bool { return true }
	db.wipe = func(ctx context.Context) error { return dropTables(ctx, db.write) }
	if schema != "" {
		if _, err := db.write.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil && !hasSchema(ctx, db.write, schema) {
			return nil, errors.Join(fmt.Errorf("store: make the schema: %w", redacted{err}), db.close())
		}
	}
	return db, nil
}

// hasSchema: an administrator may have made the schema for a user who may not.
func hasSchema(ctx context.Context, db *sql.DB, name string) bool {
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.schemata WHERE schema_name = $1`, name).Scan(&n)
	return err == nil && n == 1
}

func dropTables(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+strings.Join(tableNames, ", "))
	return err
}

// redacted is an error of the driver in which no password can stand: what it
// says of a connection string that can't be parsed may quote it.
type redacted struct{ error }

func (r redacted) Error() string {
	var bad *pgconn.ParseConfigError
	if errors.As(r.error, &bad) {
		return "the connection string can't be read"
	}
	return r.error.Error()
}

func (r redacted) Unwrap() error { return r.error }
