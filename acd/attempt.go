package acd

import "time"

// Attempt is one try of a call out on one trunk.
type Attempt struct {
	Trunk  string    `json:"trunk"`
	Number string    `json:"number"` // as the trunk was asked for it
	Cause  string    `json:"cause"`  // taken, refused, silent, unreached, unavailable, occupied, abandoned
	Status int       `json:"status"` // the final response, or the one that stands for its absence
	Q850   int       `json:"q850"`
	Text   string    `json:"text,omitempty"` // the peer's words, or ours
	Began  time.Time `json:"began"`
	Took   float64   `json:"took"`              // s
	Addr   string    `json:"address,omitempty"` // where the INVITE went; none when none was sent
	CallID string    `json:"call_id,omitempty"` // the SIP Call-ID
}
