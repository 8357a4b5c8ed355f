package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"switchroom/acd"
)

// Recording is one recording as the index knows it. Its names are those of
// the metadata that the recording room writes.
type Recording struct {
	ID        string    `json:"id"`
	CallID    string    `json:"call_id"`
	Client    string    `json:"client"`
	Queue     string    `json:"queue"`
	Agent     string    `json:"agent"`
	AgentName string    `json:"agent_name"`
	Site      string    `json:"site"`
	From      string    `json:"from"`
	Number    string    `json:"number"`
	Trunk     string    `json:"trunk"`
	Started   time.Time `json:"started"`
	Length    float64   `json:"length"` // s
	Size      int64     `json:"size"`   // bytes
	SHA256    string    `json:"sha256"`
	Format    string    `json:"format"`
	Cause     string    `json:"cause"`
	Paused    float64   `json:"paused"` // s

	// Encryption says for whom the sound is encrypted; empty when it is not.
	Encryption json.RawMessage `json:"encryption,omitempty"`

	// Marks and Segments are passed on as they were written.
	Marks    json.RawMessage `json:"marks,omitempty"`
	Segments json.RawMessage `json:"segments,omitempty"`
}

// recording takes a sealed recording into the index; a later sealing of the
// same one, after a repair, takes its place.
func (f *fold) recording(ev *acd.Event) error {
	var r Recording
	if err := json.Unmarshal(ev.Detail, &r); err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	if r.ID == "" {
		return fmt.Errorf("%w: recording without id", errPoison)
	}
	row, err := r.row()
	if err != nil {
		return err
	}
	f.batch.last(recordingRows, row[0].(string), row...)
	return nil
}

// row is the recording as its table holds it.
func (r Recording) row() ([]any, error) {
	item, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPoison, err)
	}
	return []any{clean(r.ID), r.Started.UnixMilli(), clean(r.Client), clean(r.Queue), clean(r.Agent),
		bare(r.Number), bare(r.From), r.Length, string(item)}, nil
}

// scanRecording reads a recording's item.
func scanRecording(rows *sql.Rows, r *Recording) error {
	var text sql.RawBytes
	if err := rows.Scan(&text); err != nil {
		return err
	}
	return json.Unmarshal(text, r)
}
