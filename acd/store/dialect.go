package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// dialect is what SQLite and PostgreSQL do differently.
type dialect struct {
	name  string
	words *strings.Replacer // of the schema

	// tables counts the tables that are there, and ours among them.
	tables string

	// numbered: arguments are $1, $2 ... instead of ?.
	numbered bool

	// snapshot is how a query sees one state of all tables.
	snapshot *sql.TxOptions

	// remote: the database is not a file of ours.
	remote bool

	// background: statements don't hear of the context's end. Watching it
	// costs more than most statements of a local file do.
	background bool

	judge func(error) flaw
}

// flaw is what is to be done about an error.
type flaw uint8

const (
	passing flaw = iota // try again later
	broken              // the tables can't be used: make them anew
	refused             // a row was not taken, and never will be
)

// text spells a statement the dialect's way. Statements hold no ? but for
// arguments.
func (d *dialect) text(s string) string {
	if !d.numbered {
		return s
	}
	var b strings.Builder
	n := 0
	for _, c := range []byte(s) {
		if c != '?' {
			b.WriteByte(c)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// context is the one for the fold's statements.
func (d *dialect) context(ctx context.Context) context.Context {
	if d.background {
		return context.Background()
	}
	return ctx
}

// insert is the statement that takes n rows.
func (t *table) insert(n int) string {
	row := "(" + strings.Repeat("?, ", len(t.columns)-1) + "?)"
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES " +
		strings.Repeat(row+", ", n-1) + row + " " + t.conflict
}

var (
	// errForm says that a database can't be gone on with and has to be made
	// anew.
	errForm = errors.New("store: not a projection of this journal")

	// errForeign says that a database is another switch's and not ours to make
	// anew, unless an administrator says so.
	errForeign = errors.New("store: the database holds another switch's projection; a rebuild takes it over")

	// errOccupied says that nobody's projection is there, and something else.
	errOccupied = errors.New("store: the schema holds other tables: give the projection one of its own, by search_path")

	// errMoved says that somebody else folds into the same database.
	errMoved = errors.New("store: another process writes to the database")
)

// clean is text that every database takes: valid UTF-8 without NUL, which
// PostgreSQL does not.
func clean(s string) string {
	for i := range len(s) {
		if c := s[i]; c == 0 || c >= 0x80 {
			return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return s
}
