package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"switchroom/acd"
)

// Filter chooses among records. Zero fields choose everything.
type Filter struct {
	From, To time.Time // by start: From is in, To is not
	Client   string
	Queue    string
	Agent    string
	Number   string // the caller's or the dialled one

	MinLength float64 // s; of recordings only

	Order  string // one of Orders; default newest first
	Limit  int    // 1 to LimitMax; default LimitDefault
	Cursor string // Page.Next of the page before
}

// LimitMax is how many items a page holds at most, LimitDefault how many
// unless asked otherwise.
const (
	LimitMax     = 1000
	LimitDefault = 100
)

// Page is one page in the filter's order. Next is empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// Orders are what a list may be sorted by, with the text that does it.
var Orders = map[string]string{
	"":         "DESC",
	"-started": "DESC", // newest first
	"started":  "ASC",
}

// CDRs gives finished calls.
func (s *Store) CDRs(ctx context.Context, f Filter) (Page[acd.CDR], error) {
	return list(ctx, s, recordColumns, "cdrs", f, scanRecord, func(c *acd.CDR) string { return cursor(c.Started, c.ID) })
}

// CDR gives one finished call.
func (s *Store) CDR(ctx context.Context, id string) (acd.CDR, error) {
	return one(ctx, s, `SELECT `+recordColumns+` FROM cdrs WHERE id = ?`, id, scanRecord)
}

// Recordings gives sealed recordings.
func (s *Store) Recordings(ctx context.Context, f Filter) (Page[Recording], error) {
	return list(ctx, s, "item", "recordings", f, scanRecording, func(r *Recording) string { return cursor(r.Started, r.ID) })
}

// Recording gives one sealed recording.
func (s *Store) Recording(ctx context.Context, id string) (Recording, error) {
	return one(ctx, s, `SELECT item FROM recordings WHERE id = ?`, id, scanRecording)
}

// askable says whether there is something to ask. Under mu.
func (s *Store) askable() error {
	switch {
	case s.building.Load():
		return ErrBuilding
	case s.db == nil:
		return ErrUnavailable
	}
	return nil
}

// ask runs a query on the present database; scan is called for each row.
func (s *Store) ask(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	s.fresh(ctx)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.askable(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Within)
	defer cancel()
	if err := each(ctx, s.db.read, s.db.text(text), args, scan); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

func one[T any](ctx context.Context, s *Store, text, id string, scan func(*sql.Rows, *T) error) (T, error) {
	var item T
	found := false
	err := s.ask(ctx, text, []any{clean(id)}, func(rows *sql.Rows) error {
		found = true
		return scan(rows, &item)
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return item, err
}

// list pages through a table by when things began, and by id where two began
// at once.
func list[T any](ctx context.Context, s *Store, column, table string, f Filter, scan func(*sql.Rows, *T) error, last func(*T) string) (Page[T], error) {
	page := Page[T]{Items: []T{}}
	if f.Limit <= 0 {
		f.Limit = LimitDefault
	}
	f.Limit = min(f.Limit, LimitMax)
	text, args, err := f.query(column, table)
	if err != nil {
		return page, err
	}
	err = s.ask(ctx, text, args, func(rows *sql.Rows) error {
		var item T
		if err := scan(rows, &item); err != nil {
			return err
		}
		page.Items = append(page.Items, item)
		return nil
	})
	if err == nil && len(page.Items) > f.Limit {
		page.Items = page.Items[:f.Limit]
		page.Next = last(&page.Items[f.Limit-1])
	}
	return page, err
}

// query is the text of the list, which is made of constants alone, and its
// arguments. A number is looked for among callers and among dialled ones, by
// the index of each: neither way reads more than a page.
func (f Filter) query(columns, table string) (text string, args []any, err error) {
	order, ok := Orders[f.Order]
	if !ok {
		return "", nil, ErrOrder
	}
	where, values, err := f.where(table)
	if err != nil {
		return "", nil, err
	}
	sorted := " ORDER BY started " + order + ", id " + order + " LIMIT ?"
	limit := f.Limit + 1
	if f.Number == "" {
		return "SELECT " + columns + " FROM " + table + " WHERE " + where + sorted, append(values, limit), nil
	}
	arm := func(by string) string {
		args = append(append(append(args, bare(f.Number)), values...), limit)
		return "SELECT id FROM (SELECT id, started FROM " + table + " WHERE " + by + " = ? AND " + where + sorted + ") AS " + by
	}
	text = "SELECT " + columns + " FROM " + table + " WHERE id IN (" + arm("number") + " UNION " + arm("caller") + ")" + sorted
	return text, append(args, limit), nil
}

// where gives the conditions with their arguments.
func (f Filter) where(table string) (text string, args []any, err error) {
	conds := []string{"1 = 1"}
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	if f.Cursor != "" {
		started, id, err := position(f.Cursor)
		if err != nil {
			return "", nil, err
		}
		if Orders[f.Order] == "ASC" {
			add("(started, id) > (?, ?)", started, id)
		} else {
			add("(started, id) < (?, ?)", started, id)
		}
	}
	if !f.From.IsZero() {
		add("started >= ?", ceilMilli(f.From))
	}
	if !f.To.IsZero() {
		add("started < ?", ceilMilli(f.To))
	}
	for _, eq := range []struct{ cond, value string }{
		{"client = ?", f.Client}, {"queue = ?", f.Queue}, {"agent = ?", f.Agent},
	} {
		if eq.value != "" {
			add(eq.cond, clean(eq.value))
		}
	}
	if f.MinLength > 0 && table == "recordings" {
		add("length >= ?", f.MinLength)
	}
	return strings.Join(conds, " AND "), args, nil
}

// ceilMilli is the first whole millisecond not before t: moments are stored
// without what is below one.
func ceilMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

// cursor names the last item of a page.
func cursor(started time.Time, id string) string {
	return strconv.FormatInt(started.UnixMilli(), 10) + "." + id
}

// position reads a cursor.
func position(cursor string) (started int64, id string, err error) {
	ms, id, _ := strings.Cut(cursor, ".")
	started, err = strconv.ParseInt(ms, 10, 64)
	if known, bad := uuid.Parse(id); err != nil || bad != nil || known.String() != id {
		return 0, "", ErrCursor
	}
	return started, id, nil
}
