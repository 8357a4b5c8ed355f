package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd"
	"switchroom/acd/webhook"
)

// Told is an event as others are told it, in the form of the event stream:
// client "" is somebody of the house, without what is the machine's own.
// False: it is not for them.
func Told(ev *acd.Event, client string) ([]byte, bool) {
	who := caller{role: Supervisor}
	if client != "" {
		who = caller{role: Client, client: client}
	}
	if !(eventFilter{who: who}).wants(ev) {
		return nil, false
	}
	body, err := json.Marshal(eventOf(ev))
	return body, err == nil
}

// Webhook is how far a program that is told what happens has come.
type Webhook struct {
	ID        string  `json:"id"`
	Client    string  `json:"client" doc:"whose events; empty: everybody's"`
	State     string  `json:"state" doc:"waiting, sending, retrying or stopped"`
	Next      uint64  `json:"next" doc:"the lowest event that it is not done with"`
	Lag       uint64  `json:"lag" doc:"events of the journal that it is not done with"`
	Oldest    float64 `json:"oldest" doc:"age of the event that waits longest, in seconds; 0: none"`
	Delivered uint64  `json:"delivered" doc:"since the start"`
	Failed    uint64  `json:"failed" doc:"tries since the start"`
	Passed    uint64  `json:"passed" doc:"events given up since the start"`
	Fault     string  `json:"fault" doc:"of the last try; empty when it went well"`
}

func webhookOf(w webhook.Status) Webhook {
	out := Webhook{w.ID, w.Client, w.State, w.Next, w.Lag, 0, w.Delivered, w.Failed, w.Passed, w.Fault}
	if !w.Oldest.IsZero() {
		out.Oldest = float64(max(time.Since(w.Oldest), 0).Milliseconds()) / 1000
	}
	return out
}

func (s *Server) registerWebhooks() {
	huma.Register(s.huma, operation("list-webhooks", http.MethodGet, "/api/v1/webhooks",
		"Programs that are told what happens, and how far each has come", leaders), s.webhooks)
}

func (s *Server) webhooks(context.Context, *none) (*of[List[Webhook]], error) {
	list := List[Webhook]{Items: []Webhook{}}
	for _, w := range s.cfg.Webhooks() {
		list.Items = append(list.Items, webhookOf(w))
	}
	return &of[List[Webhook]]{list}, nil
}

// webhookPatience is how long a receiver may be away before it is a fault: a
// program that is started anew is none.
const webhookPatience = 30 * time.Second

// webhookFaults says in words which receivers do not take what they are sent.
func (s *Server) webhookFaults() []string {
	var all []string
	for _, w := range s.cfg.Webhooks() {
		switch {
		case w.State == "stopped":
			all = append(all, fmt.Sprintf("webhook %s cannot begin: %s", w.ID, w.Fault))
		case w.Fault != "" && time.Since(w.Since) > webhookPatience:
			all = append(all, fmt.Sprintf("webhook %s is %d events behind: %s", w.ID, w.Lag, w.Fault))
		}
	}
	return all
}
