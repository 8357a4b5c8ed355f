package api

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// audioWithin is how long a download may take; at the pace of listening a
// player asks for parts.
const audioWithin = 10 * time.Minute

type audioRequest struct {
	ID    string `path:"id" maxLength:"64"`
	Range string `header:"Range" maxLength:"256"`
}

func (s *Server) registerAudio() {
	op := operation("get-audio", http.MethodGet, "/api/v1/recordings/{id}/audio", "The sound as WAV, whole or a range of it",
		everyone, 404, 409, 410, 416, 503)
	wav := map[string]*huma.MediaType{"audio/wav": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "the whole recording", Content: wav},
		"206": {Description: "a part of it", Content: wav},
	}
	huma.Register(s.huma, op, s.audio)
}

func (s *Server) audio(ctx context.Context, in *audioRequest) (*huma.StreamResponse, error) {
	if id, err := uuid.Parse(in.ID); err != nil || id.String() != in.ID {
		return nil, notFound("recording")
	}
	client, tag, began, err := s.soundOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	if !who.sees(client) {
		return nil, notFound("recording")
	}
	sound, err := s.cfg.Audio(in.ID)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotFound) {
		return nil, notFound("recording")
	}
	if err != nil {
		return nil, s.refusal(err, "recording")
	}
	if err := s.audit(who, auditRead, in.ID, client, map[string]string{"what": "audio", "range": in.Range}); err != nil {
		sound.Close()
		return nil, err
	}
	return s.send(in.ID, "audio/wav", ".wav", tag, began, sound), nil
}

// soundOf finds whose recording it is: a finished one by the index, one that
// still runs by its call, whose id it has. The tag is of the WAV.
func (s *Server) soundOf(ctx context.Context, id string) (client, tag string, began time.Time, err error) {
	if v, ok := s.cfg.Switch.Call(id); ok {
		return v.Client, "", time.Time{}, nil // it grows: no tag, no time
	}
	r, err := s.cfg.Records.Recording(ctx, id)
	if err != nil {
		return "", "", time.Time{}, s.gone(ctx, id, err)
	}
	return r.Client, strings.Map(hexOnly, r.SHA256), r.Started, nil
}

func hexOnly(c rune) rune {
	if c >= '0' && c <= '9' || c >= 'a' && c <= 'f' {
		return c
	}
	return -1
}
