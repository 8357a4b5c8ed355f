package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"switchroom/acd"
)

// Deletion is the certificate of a recording that was deleted. Its names are
// those that the recording room writes.
type Deletion struct {
	ID     string    `json:"id"`
	Client string    `json:"client"`
	Root   string    `json:"root"` // of the hash chain over what was deleted
	Rule   string    `json:"rule"` // by which, or why
	Who    string    `json:"who,omitempty"`
	At     time.Time `json:"at"`
}

// deletion takes a recording out of the index and keeps its certificate.
func (f *fold) deletion(ev *acd.Event) error {
	var d Deletion
	if err := json.Unmarshal(ev.Detail, &d); err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	if d.ID == "" {
		return fmt.Errorf("%w: deletion without id", errPoison)
	}
	id := clean(d.ID)
	f.batch.then(`INSERT INTO deletions (id, client, item) VALUES (?,
		coalesce(nullif(?, ''), (SELECT client FROM recordings WHERE id = ?), (SELECT client FROM deletions WHERE id = ?), ''), ?)
		ON CONFLICT (id) DO UPDATE SET client = excluded.client, item = excluded.item`,
		id, clean(d.Client), id, id, string(ev.Detail))
	f.batch.then(`DELETE FROM recordings WHERE id = ?`, id)
	return nil
}

// Deletion gives the certificate of a deleted recording.
func (s *Store) Deletion(ctx context.Context, id string) (Deletion, error) {
	var d Deletion
	found := false
	err := s.ask(ctx, `SELECT item, client FROM deletions WHERE id = ?`, []any{clean(id)}, func(rows *sql.Rows) error {
		found = true
		var text []byte
		var client string
		if err := rows.Scan(&text, &client); err != nil {
			return err
		}
		err := json.Unmarshal(text, &d)
		d.Client = client
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return d, err
}
