package server

import (
	"encoding/json"
	"fmt"

	"switchroom/acd/store"
	"switchroom/recording"
)

// onDisk walks over the finished recordings for an index that is made anew.
func onDisk(recordings *recording.Store) func(func(store.Recording) error) error {
	return func(yield func(store.Recording) error) error {
		return recordings.Walk(func(m recording.Meta) error {
			if !m.Sealed {
				return nil // the journal will tell
			}
			r := store.Recording{ID: m.ID, CallID: m.CallID, Client: m.Client, Queue: m.Queue, Agent: m.Agent, AgentName: m.AgentName,
				Site: m.Site, From: m.From, Number: m.Number, Trunk: m.Trunk, Started: m.Started, Length: m.Length, Size: m.Size,
				SHA256: m.SHA256, Format: m.Format, Cause: m.Cause, Paused: m.Paused}
			var err error
			if r.Marks, err = json.Marshal(m.Marks); err != nil {
				return fmt.Errorf("server: marks of recording %s: %w", m.ID, err)
			}
			if r.Segments, err = json.Marshal(m.Segments); err != nil {
				return fmt.Errorf("server: segments of recording %s: %w", m.ID, err)
			}
			if m.Encryption != nil {
				if r.Encryption, err = json.Marshal(m.Encryption); err != nil {
					return fmt.Errorf("server: encryption of recording %s: %w", m.ID, err)
				}
			}
			return yield(r)
		})
	}
}
