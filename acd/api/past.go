package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd/store"
)

// Filter is what finished calls and recordings are chosen by.
type Filter struct {
	From   time.Time `query:"from" doc:"started at or after"`
	To     time.Time `query:"to" doc:"started before"`
	Client string    `query:"client" maxLength:"128"`
	Queue  string    `query:"queue" maxLength:"128"`
	Agent  string    `query:"agent" maxLength:"128"`
	Number string    `query:"number" maxLength:"128" doc:"the caller's or the dialled one, with or without +"`
	Sort   string    `query:"sort" enum:"-started,started" default:"-started" doc:"newest or oldest first"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string    `query:"cursor" maxLength:"64" doc:"next of the page before"`
}

type recordingFilter struct {
	Filter
	MinLength float64 `query:"min_length" minimum:"0" doc:"seconds"`
}

// registerPast registers what asks the index.
func (s *Server) registerPast() {
	huma.Register(s.huma, operation("list-cdrs", http.MethodGet, "/api/v1/cdrs", "Finished calls, newest first", everyone, 503), s.cdrs)
	huma.Register(s.huma, operation("get-cdr", http.MethodGet, "/api/v1/cdrs/{id}", "One finished call", everyone, 404, 503), s.cdr)
	huma.Register(s.huma, operation("list-recordings", http.MethodGet, "/api/v1/recordings", "Recordings, newest first", everyone, 503), s.recordings)
	huma.Register(s.huma, operation("get-recording", http.MethodGet, "/api/v1/recordings/{id}", "One recording", everyone, 404, 410, 503), s.recording)
}

// store narrows the filter to what the caller may see. ok is false when that
// is nothing.
func (f Filter) store(who caller) (q store.Filter, ok bool) {
	q = store.Filter{From: f.From, To: f.To, Client: f.Client, Queue: f.Queue, Agent: f.Agent,
		Number: f.Number, Order: f.Sort, Limit: f.Limit, Cursor: f.Cursor}
	if who.client == "" {
		return q, true
	}
	if q.Client != "" && q.Client != who.client {
		return q, false
	}
	q.Client = who.client
	return q, true
}

func (s *Server) cdrs(ctx context.Context, in *Filter) (*of[Page[CDR]], error) {
	out := Page[CDR]{Items: []CDR{}}
	q, ok := in.store(callerOf(ctx))
	if !ok {
		return &of[Page[CDR]]{out}, nil
	}
	page, err := s.cfg.Records.CDRs(ctx, q)
	if err != nil {
		return nil, s.listRefusal(err)
	}
	for _, c := range page.Items {
		out.Items = append(out.Items, cdrOf(c))
	}
	out.Next = page.Next
	return &of[Page[CDR]]{out}, nil
}

func (s *Server) cdr(ctx context.Context, in *byID) (*of[CDR], error) {
	c, err := s.cfg.Records.CDR(ctx, in.ID)
	if err != nil {
		return nil, s.refusal(err, "call")
	}
	if !callerOf(ctx).sees(c.Client) {
		return nil, notFound("call")
	}
	return &of[CDR]{cdrOf(c)}, nil
}

func (s *Server) recordings(ctx context.Context, in *recordingFilter) (*of[Page[Recording]], error) {
	who := callerOf(ctx)
	out := Page[Recording]{Items: []Recording{}}
	q, ok := in.store(who)
	if !ok {
		return &of[Page[Recording]]{out}, nil
	}
	if err := s.audit(who, auditSearch, "", q.Client, searchDetail(in)); err != nil {
		return nil, err
	}
	q.MinLength = in.MinLength
	page, err := s.cfg.Records.Recordings(ctx, q)
	if err != nil {
		return nil, s.listRefusal(err)
	}
	for _, r := range page.Items {
		out.Items = append(out.Items, recordingOf(r))
	}
	out.Next = page.Next
	return &of[Page[Recording]]{out}, nil
}

func (s *Server) recording(ctx context.Context, in *byID) (*of[Recording], error) {
	who := callerOf(ctx)
	r, err := s.cfg.Records.Recording(ctx, in.ID)
	if err != nil {
		return nil, s.gone(ctx, in.ID, err)
	}
	if !who.sees(r.Client) {
		return nil, notFound("recording")
	}
	if err := s.audit(who, auditRead, r.ID, r.Client, map[string]string{"what": "metadata"}); err != nil {
		return nil, err
	}
	out := recordingOf(r)
	if s.cfg.Custody != nil {
		if k, err := s.cfg.Custody.Kept(r.ID); err == nil {
			if who.role == Client {
				k.Hold = nil // between the house and its lawyers
			}
			out.File = &k
		}
	}
	return &of[Recording]{out}, nil
}

// listRefusal is refusal for lists: what isn't found there is an odd cursor.
func (s *Server) listRefusal(err error) error {
	if errors.Is(err, store.ErrCursor) {
		return huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{
			Message: "not the next of a page", Location: "query.cursor",
		})
	}
	return s.refusal(err, "list")
}

func isNotFound(err error) bool    { return errors.Is(err, store.ErrNotFound) }
func isUnavailable(err error) bool { return errors.Is(err, store.ErrUnavailable) }
