package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/acd/journal"
)

const (
	beatEvery   = 15 * time.Second // a comment keeps an idle stream open
	eventWithin = 10 * time.Second // a reader that takes longer is cut off
)

// Event is one change as the stream tells it: the journal's entry without
// what is the machine's own.
type Event struct {
	Seq      uint64          `json:"seq"`
	Time     Moment          `json:"time"`
	Kind     acd.Kind        `json:"kind"`
	Call     string          `json:"call,omitempty"`
	Agent    string          `json:"agent,omitempty"`
	Queue    string          `json:"queue,omitempty"`
	Client   string          `json:"client,omitempty"`
	Site     string          `json:"site,omitempty"`
	Trunk    string          `json:"trunk,omitempty"`
	From     string          `json:"from,omitempty"`
	Number   string          `json:"number,omitempty"`
	State    string          `json:"state,omitempty"`
	Was      string          `json:"was,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Cause    string          `json:"cause,omitempty"`
	Side     string          `json:"side,omitempty"`
	Status   int             `json:"status,omitempty"`
	Seconds  float64         `json:"seconds,omitempty"`
	Version  string          `json:"version,omitempty"`
	Decision *acd.Decision   `json:"decision,omitempty"`
	CDR      *CDR            `json:"cdr,omitempty"`
	Detail   json.RawMessage `json:"detail,omitempty"`
}

func eventOf(ev *acd.Event) Event {
	out := Event{ev.Seq, Moment(ev.Time), ev.Kind, ev.Call, ev.Agent, ev.Queue, ev.Client, ev.Site, ev.Trunk,
		ev.From, ev.Number, ev.State, ev.Was, ev.Reason, ev.Cause, ev.Side, ev.Status, ev.Seconds, ev.Version,
		ev.Decision, nil, ev.Detail}
	if ev.CDR != nil {
		c := cdrOf(*ev.CDR)
		out.CDR = &c
	}
	if ev.Kind == acd.RecordingSealed {
		out.Detail = recordingDetail(ev.Detail)
	}
	return out
}

// recordingDetail is a recording's metadata in the shape of the lists.
func recordingDetail(detail json.RawMessage) json.RawMessage {
	var r Recording
	if json.Unmarshal(detail, &r) != nil {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return text
}

type eventsRequest struct {
	LastHeader string   `header:"Last-Event-ID" maxLength:"20" doc:"go on after the event of this id"`
	LastQuery  string   `query:"last_event_id" maxLength:"20" doc:"the same for those who can't set the header"`
	Kinds      []string `query:"kinds" maxItems:"32" doc:"only kinds that begin so: call, agent.state, ..."`
	Client     string   `query:"client" maxLength:"128"`
	Queue      string   `query:"queue" maxLength:"128"`
}

func (s *Server) registerEvents() {
	op := operation("stream-events", http.MethodGet, "/api/v1/events",
		"Changes of calls, agents, queues and recordings as server-sent events; resume with Last-Event-ID", everyone, 503)
	schema := s.huma.OpenAPI().Components.Schemas.Schema(typeOf[Event](), true, "Event")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "a stream without end; the event's name is its kind, its id its number, its data this object",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: schema}},
	}}
	huma.Register(s.huma, op, s.events)
}

func (s *Server) events(ctx context.Context, in *eventsRequest) (*huma.StreamResponse, error) {
	from, err := s.firstEvent(in)
	if err != nil {
		return nil, err
	}
	if s.streams.Add(1) > streamsMax {
		s.streams.Add(-1)
		return nil, huma.Error503ServiceUnavailable("there are too many event streams")
	}
	want := eventFilter{who: callerOf(ctx), kinds: in.Kinds, client: in.Client, queue: in.Queue}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer s.streams.Add(-1)
		r, w := humago.Unwrap(c)
		if err := s.stream(r.Context(), w, r.Method == http.MethodHead, from, want); err != nil {
			s.log.Debug("event stream ended", zap.Error(err))
		}
	}}, nil
}

// firstEvent is the number to begin with: the one after what the reader has,
// or, without, the next one to happen.
func (s *Server) firstEvent(in *eventsRequest) (uint64, error) {
	last, where := in.LastHeader, "header.Last-Event-ID"
	if last == "" {
		last, where = in.LastQuery, "query.last_event_id"
	}
	now := s.cfg.Journal.Synced() + 1
	if last == "" {
		return now, nil
	}
	seq, err := strconv.ParseUint(last, 10, 63)
	if err != nil {
		return 0, huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{
			Message: "not the id of an event", Location: where, Value: last,
		})
	}
	return min(seq+1, now), nil // an id from the future is another journal's
}

// stream writes events until the reader is gone or the switch ends; head:
// only what stands before them.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, head bool, from uint64, want eventFilter) error {
	patient(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(format string, args ...any) error {
		deadline(w, eventWithin)
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return err
		}
		return nil
	}
	if head {
		return nil
	}
	if err := send("retry: 2000\n\n"); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	r := s.cfg.Journal.Read(from)
	defer r.Close()
	told := from // the reader knows where it stands up to here
	for {
		ev, err := r.Next()
		if err == io.EOF {
			if err := out.Flush(); err != nil {
				return err
			}
			if err := s.idle(ctx, r, &told, send); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !want.wants(&ev) {
			continue
		}
		data, err := json.Marshal(eventOf(&ev))
		if err != nil {
			return err
		}
		if err := send("id: %d\nevent: %s\ndata: %s\n\n", ev.Seq, oneLine(string(ev.Kind)), data); err != nil {
			return err
		}
		told = ev.Seq + 1
	}
}

// idle waits for the next event; meanwhile it keeps the stream alive, and
// moves the reader's place past events that it did not want, so that resuming
// need not read those again.
func (s *Server) idle(ctx context.Context, r *journal.Reader, told *uint64, send func(string, ...any) error) error {
	wait, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	err := r.Wait(wait)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return err
	}
	if p := r.Position(); p > *told {
		*told = p
		return send("id: %d\n: still here\n\n", p-1)
	}
	return send(": still here\n\n")
}

// oneLine keeps a kind from a newer version from breaking the stream's form.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}

// eventFilter is what one stream shows.
type eventFilter struct {
	who    caller
	kinds  []string
	client string
	queue  string
}

// shown are the beginnings of kinds that concern people; who looked at what
// and how the machine fares is the administrator's.
var (
	shown     = []string{"call.", "agent.", "queue.", "recording.", "trunk.", "supervise."}
	adminOnly = []string{"config.", "switch.", "clock.", "journal.", "audit."}
	clientToo = []string{"call.", "queue.", "recording."}
	houseOnly = []string{"recording.held", "recording.released"} // why is between the house and its lawyers
)

func (f eventFilter) wants(ev *acd.Event) bool {
	kind := string(ev.Kind)
	begins := func(p string) bool { return strings.HasPrefix(kind, p) }
	switch {
	case f.who.role == Client:
		if ev.Client != f.who.client || !slices.ContainsFunc(clientToo, begins) || slices.ContainsFunc(houseOnly, begins) {
			return false
		}
	case ev.Client != "" && !f.who.sees(ev.Client):
		return false // a leader of one client's calls
	case slices.ContainsFunc(adminOnly, begins):
		if f.who.role != Admin {
			return false
		}
	case !slices.ContainsFunc(shown, begins):
		return false
	}
	if len(f.kinds) > 0 && !slices.ContainsFunc(f.kinds, begins) {
		return false
	}
	return (f.client == "" || f.client == ev.Client) && (f.queue == "" || f.queue == ev.Queue)
}
