package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
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

	Limit  int    // 1 to LimitMax; default LimitDefault
	Cursor string // Page.Next of the page before
}

// LimitMax is how many items a page holds at most, LimitDefault how many
// unless asked otherwise.
const (
	LimitMax     = 1000
	LimitDefault = 100
)

// Page is one page, newest first. Next is empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// CDRs gives finished calls.
func (s *Store) CDRs(ctx context.Context, f Filter) (Page[acd.CDR], error) {
	return list(ctx, s, "cdr", "cdrs", f, func(c *acd.CDR) string { return c.ID })
}

// CDR gives one finished call.
func (s *Store) CDR(ctx context.Context, id string) (acd.CDR, error) {
	return one[acd.CDR](ctx, s, `SELECT cdr FROM cdrs WHERE id = ?`, id)
}

// Recordings gives sealed recordings.
func (s *Store) Recordings(ctx context.Context, f Filter) (Page[Recording], error) {
	return list(ctx, s, "item", "recordings", f, func(r *Recording) string { return r.ID })
}

// Recording gives one sealed recording.
func (s *Store) Recording(ctx context.Context, id string) (Recording, error) {
	return one[Recording](ctx, s, `SELECT item FROM recordings WHERE id = ?`, id)
}

// ask runs a query on the present file; scan is called for each row.
func (s *Store) ask(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return ErrUnavailable
	}
	rows, err := s.db.read.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

func one[T any](ctx context.Context, s *Store, text, id string) (T, error) {
	var item T
	found := false
	err := s.ask(ctx, text, []any{id}, func(rows *sql.Rows) error {
		found = true
		return scanJSON(rows, &item)
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return item, err
}

func scanJSON(rows *sql.Rows, dst any) error {
	var text []byte
	if err := rows.Scan(&text); err != nil {
		return err
	}
	return json.Unmarshal(text, dst)
}

// idMargin: an id carries the time at which it was made, which is that of the
// start but for what a clock's step can lie between them.
const idMargin = 24 * time.Hour

// list pages through a table by id, which sorts by time. The text of the
// query is made of constants alone.
func list[T any](ctx context.Context, s *Store, column, table string, f Filter, id func(*T) string) (Page[T], error) {
	page := Page[T]{Items: []T{}}
	limit := f.Limit
	if limit <= 0 {
		limit = LimitDefault
	}
	limit = min(limit, LimitMax)

	where, args, err := f.where(table)
	if err != nil {
		return page, err
	}
	text := "SELECT " + column + " FROM " + table + where + " ORDER BY id DESC LIMIT ?"
	err = s.ask(ctx, text, append(args, limit+1), func(rows *sql.Rows) error {
		var item T
		if err := scanJSON(rows, &item); err != nil {
			return err
		}
		page.Items = append(page.Items, item)
		return nil
	})
	if err == nil && len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = id(&page.Items[limit-1])
	}
	return page, err
}

// where gives the conditions with their arguments.
func (f Filter) where(table string) (text string, args []any, err error) {
	var conds []string
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	if f.Cursor != "" {
		if id, err := uuid.Parse(f.Cursor); err != nil || id.String() != f.Cursor {
			return "", nil, ErrCursor
		}
		add("id < ?", f.Cursor)
	}
	if !f.From.IsZero() {
		add("started >= ?", ceilMilli(f.From))
		add("id >= ?", firstID(f.From.Add(-idMargin)))
	}
	if !f.To.IsZero() {
		add("started < ?", ceilMilli(f.To))
		add("id < ?", firstID(f.To.Add(idMargin)))
	}
	for _, eq := range []struct{ cond, value string }{
		{"client = ?", f.Client}, {"queue = ?", f.Queue}, {"agent = ?", f.Agent},
	} {
		if eq.value != "" {
			add(eq.cond, eq.value)
		}
	}
	if f.Number != "" {
		a, b := spellings(f.Number)
		add("(number IN (?, ?) OR caller IN (?, ?))", a, b, a, b)
	}
	if f.MinLength > 0 && table == "recordings" {
		add("length >= ?", f.MinLength)
	}
	if len(conds) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(conds, " AND "), args, nil
}

// spellings gives a number with and without its plus.
func spellings(number string) (with, without string) {
	without = strings.TrimPrefix(number, "+")
	return "+" + without, without
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

// firstID is the lowest UUIDv7 of that millisecond.
func firstID(t time.Time) string {
	ms := min(max(t.UnixMilli(), 0), 1<<48-1)
	var id uuid.UUID
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id.String()
}

// Offer is one offer of a call to an agent.
type Offer struct {
	Time     time.Time
	Agent    string
	Client   string
	Outcome  string
	Decision acd.Decision
}

// Offers gives the offers of a call, oldest first; ErrNotFound when the call
// was never offered nor is known.
func (s *Store) Offers(ctx context.Context, call string) ([]Offer, error) {
	offers := []Offer{}
	err := s.ask(ctx, `SELECT at, agent, client, outcome, decision FROM offers WHERE call = ? ORDER BY seq`, []any{call},
		func(rows *sql.Rows) error {
			var o Offer
			var at int64
			var text []byte
			if err := rows.Scan(&at, &o.Agent, &o.Client, &o.Outcome, &text); err != nil {
				return err
			}
			o.Time = time.UnixMilli(at).UTC()
			if err := json.Unmarshal(text, &o.Decision); err != nil {
				return err
			}
			offers = append(offers, o)
			return nil
		})
	if err != nil || len(offers) > 0 {
		return offers, err
	}
	if _, err := s.CDR(ctx, call); errors.Is(err, ErrNotFound) {
		return nil, ErrNotFound
	}
	return offers, nil
}
