package api

import (
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd"
)

// Kinds of the journal's entries on who looked at what.
const (
	auditSearch acd.Kind = "audit.search" // Detail: who, from where, with what filter
	auditRead   acd.Kind = "audit.read"   // Call: the recording; Detail: who, from where, what of it
)

// audit writes down who reads recordings, before anything of them is given.
// What can't be written down is not given.
func (s *Server) audit(who caller, kind acd.Kind, recording, client string, detail map[string]string) error {
	detail["who"], detail["remote"] = who.name, who.remote
	text, err := json.Marshal(detail)
	if err != nil {
		return huma.Error500InternalServerError("this can't be written down")
	}
	ev := acd.Event{Kind: kind, Call: recording, Client: client, Detail: text}
	s.cfg.Stamp(&ev)
	if s.cfg.Journal.Append(ev) == 0 {
		return huma.Error503ServiceUnavailable("the journal takes no entries, and recordings are not read without one")
	}
	return nil
}

// searchDetail is the filter as it was asked.
func searchDetail(in *recordingFilter) map[string]string {
	d := map[string]string{}
	for name, value := range map[string]string{
		"client": in.Client, "queue": in.Queue, "agent": in.Agent, "number": in.Number,
	} {
		if value != "" {
			d[name] = value
		}
	}
	for name, t := range map[string]time.Time{"from": in.From, "to": in.To} {
		if !t.IsZero() {
			d[name] = t.UTC().Format(momentLayout)
		}
	}
	return d
}
