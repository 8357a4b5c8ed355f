package store

import (
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
	return f.index(r, replaceRecording)
}

const (
	replaceRecording = `INSERT OR REPLACE INTO recordings (id, started, client, queue, agent, number, caller, length, item)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	addRecording = `INSERT OR IGNORE INTO recordings (id, started, client, queue, agent, number, caller, length, item)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// index puts a recording into the table by one of the statements above.
func (f *fold) index(r Recording, statement string) error {
	item, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	return f.exec(statement, r.ID, r.Started.UnixMilli(), r.Client, r.Queue, r.Agent, r.Number, r.From, r.Length, string(item))
}
