package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"switchroom/acd"
	"switchroom/acd/store"
)

// Custody is the recordings' own room, which keeps and deletes. Its methods
// write the journal's entries themselves. An id is a call's UUID. Errors:
// ErrNotFound, and what wraps ErrConflict: under hold, or still running.
type Custody interface {
	// Kept says how the file lies on the disk and what holds it there.
	Kept(id string) (Kept, error)
	// File opens it as it lies there.
	File(id string) (io.ReadSeekCloser, Kept, error)
	// Hold keeps a recording from being deleted until Release; who and why
	// are written down.
	Hold(ctx context.Context, id, client, who, why string) error
	Release(ctx context.Context, id, client, who, why string) error
	// Erase deletes at once what no hold keeps.
	Erase(ctx context.Context, id, who, why string) (store.Deletion, error)
	// TrustClock has recordings age by the wall clock as it stands: somebody
	// knows that it is right.
	TrustClock(ctx context.Context) (calendar time.Time, err error)
}

// Kept is how a recording lies on the disk.
type Kept struct {
	Form   string `json:"form" enum:"wav,flac,encrypted" doc:"of the file"`
	Size   int64  `json:"size" doc:"bytes of the file"`
	SHA256 string `json:"sha256" doc:"of the file; empty while it is being written"`
	Hold   *Hold  `json:"hold" doc:"the legal hold on it, or null"`
}

// Hold is a legal hold.
type Hold struct {
	Who string `json:"who"`
	Why string `json:"why"`
	At  Moment `json:"at"`
}

// Deletion is the certificate of a deleted recording.
type Deletion struct {
	ID   string `json:"id"`
	Root string `json:"root" doc:"of the hash chain over what was deleted"`
	Rule string `json:"rule" doc:"by which, or why"`
	Who  string `json:"who,omitempty"`
	At   Moment `json:"at"`
}

// Kinds of the journal's entries on who asked for what with a recording.
const (
	auditHold    acd.Kind = "audit.hold"
	auditRelease acd.Kind = "audit.release"
	auditDelete  acd.Kind = "audit.delete"
	auditClock   acd.Kind = "audit.clock"
)

type (
	holdWish struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Why string `json:"why" minLength:"1" maxLength:"256" doc:"the case, for whoever asks later"`
		}
	}
	clockWish struct {
		Body struct {
			Why string `json:"why" minLength:"1" maxLength:"256" doc:"how it is known, for whoever asks later"`
		}
	}
	because struct {
		ID  string `path:"id" maxLength:"64"`
		Why string `query:"why" minLength:"1" maxLength:"256" required:"true" doc:"for whoever asks later"`
	}
)

// registerCustody registers what keeps recordings and deletes them.
func (s *Server) registerCustody() {
	if s.cfg.Custody == nil {
		return
	}
	huma.Register(s.huma, operation("hold-recording", http.MethodPut, "/api/v1/recordings/{id}/hold",
		"Lay a legal hold on a recording: nothing deletes it until the hold is lifted", admins, 404, 410, 503), s.hold)
	huma.Register(s.huma, operation("release-recording", http.MethodDelete, "/api/v1/recordings/{id}/hold",
		"Lift a legal hold", admins, 404, 410, 503), s.release)
	huma.Register(s.huma, operation("delete-recording", http.MethodDelete, "/api/v1/recordings/{id}",
		"Delete a recording now, against a certificate", admins, 404, 409, 410, 503), s.erase)
	huma.Register(s.huma, operation("trust-clock", http.MethodPost, "/api/v1/retention/trust-clock",
		"Say that the wall clock is right, after an outage longer than the retention believes", admins, 503), s.trustClock)
	s.registerFile()
}

// Trusted is what the recordings' calendar says after it was set.
type Trusted struct {
	Calendar Moment `json:"calendar" doc:"the time by which recordings age"`
}

func (s *Server) trustClock(ctx context.Context, in *clockWish) (*of[Trusted], error) {
	if err := s.audit(callerOf(ctx), auditClock, "", "", map[string]string{"why": in.Body.Why}); err != nil {
		return nil, err
	}
	at, err := s.cfg.Custody.TrustClock(ctx)
	if err != nil {
		return nil, s.refusal(err, "clock")
	}
	return &of[Trusted]{Trusted{Moment(at)}}, nil
}

func (s *Server) hold(ctx context.Context, in *holdWish) (*of[Kept], error) {
	return s.custody(ctx, in.ID, in.Body.Why, auditHold, s.cfg.Custody.Hold)
}

func (s *Server) release(ctx context.Context, in *because) (*of[Kept], error) {
	return s.custody(ctx, in.ID, in.Why, auditRelease, s.cfg.Custody.Release)
}

// custody writes down who wants what, does it and shows what came of it.
func (s *Server) custody(ctx context.Context, id, why string, kind acd.Kind,
	do func(ctx context.Context, id, client, who, why string) error) (*of[Kept], error) {
	client, err := s.admit(ctx, id, why, kind)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, id, client, callerOf(ctx).name, why); err != nil {
		return nil, s.refusal(err, "recording")
	}
	k, err := s.cfg.Custody.Kept(id)
	if err != nil {
		return nil, s.refusal(err, "recording")
	}
	return &of[Kept]{k}, nil
}

func (s *Server) erase(ctx context.Context, in *because) (*of[Deletion], error) {
	if _, err := s.admit(ctx, in.ID, in.Why, auditDelete); err != nil {
		return nil, err
	}
	d, err := s.cfg.Custody.Erase(ctx, in.ID, callerOf(ctx).name, in.Why)
	if err != nil {
		return nil, s.refusal(err, "recording")
	}
	return &of[Deletion]{deletionOf(d)}, nil
}

// admit finds the recording and writes the wish down.
func (s *Server) admit(ctx context.Context, id, why string, kind acd.Kind) (client string, err error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return "", notFound("recording")
	}
	if client, _, _, err = s.soundOf(ctx, id); err != nil {
		return "", err
	}
	return client, s.audit(callerOf(ctx), kind, id, client, map[string]string{"why": why})
}

func deletionOf(d store.Deletion) Deletion {
	return Deletion{d.ID, d.Root, d.Rule, d.Who, Moment(d.At)}
}

// gone is the answer on a recording the index does not have: it was deleted,
// by which rule, for those who could have seen it; else it never was.
func (s *Server) gone(ctx context.Context, id string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return s.refusal(err, "recording")
	}
	d, err := s.cfg.Records.Deletion(ctx, id)
	if err != nil || !callerOf(ctx).sees(d.Client) {
		return s.refusal(store.ErrNotFound, "recording")
	}
	return huma.Error410Gone("the recording was deleted at " + d.At.UTC().Format(time.RFC3339) + ", by: " + d.Rule +
		"; the root of its hash chain was " + d.Root + ", and the signed certificate is in the ledger")
}
