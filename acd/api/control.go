package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/configs"
)

// Reloaded is what a reload did.
type Reloaded struct {
	Version string   `json:"version" doc:"of the configuration now in force"`
	Changes []string `json:"changes" doc:"what is different, one line a change"`
}

// registerControl registers what an administrator needs.
func (s *Server) registerControl() {
	huma.Register(s.huma, operation("get-status", http.MethodGet, "/api/v1/status", "The switch in one glance", staff), s.status)
	huma.Register(s.huma, operation("reload-config", http.MethodPost, "/api/v1/config/reload",
		"Read the configuration again and put it in force, whole or not at all", admins, 422), s.reload)
	invariants := operation("get-invariants", http.MethodGet, "/debug/invariants",
		"What must be zero on an idle switch; for an administrator on this machine", admins)
	huma.Register(s.huma, invariants, s.invariants)
}

func (s *Server) status(context.Context, *none) (*of[State], error) {
	st := s.cfg.Switch.Status()
	if st.Faults == nil {
		st.Faults = []string{}
	}
	if st.Channels == nil {
		st.Channels = []Channel{}
	}
	j := s.cfg.Journal.Status()
	out := State{
		Status: st, Started: Moment(st.Started),
		Journal: JournalState{j.Next, j.Synced, j.Oldest, j.Pending, j.Refused, j.Bytes, j.Short, text(j.Fault)},
		Store:   s.storeState(),
	}
	out.Faults = append(out.Faults, s.faults(out)...)
	return &of[State]{out}, nil
}

// faults says in words what is wrong with what the interface itself sees.
func (s *Server) faults(st State) []string {
	var all []string
	switch {
	case st.Journal.Fault != "":
		all = append(all, "the journal can't write: "+st.Journal.Fault)
	case st.Journal.Short:
		all = append(all, "the disk is full: the journal keeps call records only")
	}
	if st.Store.Fault != "" {
		all = append(all, fmt.Sprintf("the index stands still, %d events behind: %s", st.Store.Behind, st.Store.Fault))
	}
	if st.Store.Building {
		all = append(all, fmt.Sprintf("the index is being made anew, %d events to go", st.Store.Behind))
	}
	return append(all, s.webhookFaults()...)
}

// sinceOf is a moment, nil for none.
func sinceOf(t time.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	return moment(&t)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (s *Server) reload(ctx context.Context, _ *none) (*of[Reloaded], error) {
	diff, err := s.cfg.Switch.Reload(ctx)
	var faults configs.Faults
	if errors.As(err, &faults) {
		details := make([]error, len(faults))
		for i, f := range faults {
			details[i] = &huma.ErrorDetail{Message: f.String(), Location: place(f)}
		}
		return nil, huma.Error422UnprocessableEntity("the configuration is at fault; the one before still runs", details...)
	}
	if err != nil {
		return nil, huma.Error422UnprocessableEntity("not reloaded; the configuration before still runs", err)
	}
	if diff == nil {
		diff = []string{}
	}
	return &of[Reloaded]{Reloaded{Version: s.cfg.Switch.Status().Config, Changes: diff}}, nil
}

// place is where a fault is, as a problem's location.
func place(f configs.Fault) string {
	if f.Line == 0 {
		return f.File
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Col)
}

func (s *Server) invariants(ctx context.Context, _ *none) (*of[Invariants], error) {
	if !callerOf(ctx).local {
		return nil, huma.Error403Forbidden("this is for an administrator on this machine")
	}
	v := s.cfg.Switch.Invariants()
	if v.Agents == nil {
		v.Agents = map[string]int{}
	}
	if v.Violations == nil {
		v.Violations = []string{}
	}
	return &of[Invariants]{v}, nil
}

// registerHealth registers what needs no token.
func (s *Server) registerHealth() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	s.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !s.cfg.Switch.Ready() {
			reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready: " + s.cfg.Switch.Status().State})
			return
		}
		reply(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	series := s.metrics.handler()
	s.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if callerOf(r.Context()).role == Client { // they name every company
			problem(w, http.StatusForbidden, "the role client may not do this")
			return
		}
		series.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The other side may be gone; nobody is left to be told.
	_ = json.NewEncoder(w).Encode(v)
}
