package api

import (
	"context"
	"time"
)

// SIPMessage is one message of a call as it went over the wire, but for what
// is secret. Its text is a peer's: whoever shows it makes it safe first.
type SIPMessage struct {
	Time      time.Time `json:"time"`
	Direction string    `json:"direction" enum:"in,out" doc:"out: sent by the switch"`
	Transport string    `json:"transport"`
	Local     string    `json:"local" doc:"the switch's address; empty where its socket is bound to any"`
	Peer      string    `json:"peer"`
	CallID    string    `json:"call_id"`
	Summary   string    `json:"summary" doc:"method or status, and SDP where there is a description"`
	Text      string    `json:"text" doc:"as on the wire; credentials, media keys and digits are struck out"`
	Cut       int       `json:"cut,omitempty" doc:"bytes of the text that are not kept"`
}

func (s *Server) ladder(_ context.Context, in *byID) (*of[List[SIPMessage]], error) {
	messages := s.cfg.Switch.Ladder(in.ID)
	if messages == nil {
		return nil, notFound("call of which messages are kept")
	}
	return &of[List[SIPMessage]]{List[SIPMessage]{Items: messages}}, nil
}
