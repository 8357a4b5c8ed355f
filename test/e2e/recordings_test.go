package e2e

import "time"

// recordingView is what the API gives of a recording.
type recordingView struct {
	ID, Client, Queue, Agent, Site, From, Number, Trunk, SHA256, Format, Cause string
	CallID                                                                     string `json:"call_id"`
	Started                                                                    time.Time
	Length                                                                     float64
	Size                                                                       int64
}
