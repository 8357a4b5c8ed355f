package api

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"go.uber.org/zap"
)

// forms are how a recording's file may lie on the disk: its content type and
// the ending of its name.
var forms = map[string]struct{ media, ending string }{
	"wav":       {"audio/wav", ".wav"},
	"flac":      {"audio/flac", ".flac"},
	"encrypted": {"application/vnd.switchroom.recording", ".swr"},
}

// registerFile registers the file as it lies on the disk; get-audio is always
// the WAV.
func (s *Server) registerFile() {
	op := operation("get-recording-file", http.MethodGet, "/api/v1/recordings/{id}/file",
		"The file as it is kept: WAV, FLAC or encrypted; whole or a range of it", everyone, 404, 410, 416, 503)
	content := map[string]*huma.MediaType{}
	for _, f := range forms {
		content[f.media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "the whole file", Content: content},
		"206": {Description: "a part of it", Content: content},
	}
	huma.Register(s.huma, op, s.file)
}

func (s *Server) file(ctx context.Context, in *audioRequest) (*huma.StreamResponse, error) {
	client, _, began, err := s.soundOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	if !who.sees(client) {
		return nil, notFound("recording")
	}
	f, kept, err := s.cfg.Custody.File(in.ID)
	if err != nil {
		return nil, s.refusal(err, "recording")
	}
	if err := s.audit(who, auditRead, in.ID, client, map[string]string{"what": "file", "range": in.Range}); err != nil {
		f.Close()
		return nil, err
	}
	form := forms[kept.Form]
	return s.send(in.ID, form.media, form.ending, strings.Map(hexOnly, kept.SHA256), began, f), nil
}

// send answers with the octets of f, whole or in part, and closes it.
func (s *Server) send(id, media, ending, tag string, began time.Time, f io.ReadSeekCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer func() {
			if err := f.Close(); err != nil {
				s.log.Warn("recording not closed", zap.String("recording", id), zap.Error(err))
			}
		}()
		r, w := humago.Unwrap(c)
		patient(w)
		deadline(w, audioWithin)
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Disposition", `attachment; filename="`+id+ending+`"`)
		if tag != "" {
			h.Set("ETag", `"`+tag+`"`)
		}
		http.ServeContent(w, r, "", began, f)
	}}
}
