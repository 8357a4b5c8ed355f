package api

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"
)

// Handler is the whole interface. What a request meets, in this order:
// recovery from our own faults, headers, the count for metrics, who is asking,
// whether there is such a route, whether the role may take it.
func (s *Server) Handler() http.Handler {
	return s.recovered(s.measured(s.identified(http.HandlerFunc(s.route))))
}

// recovered keeps a fault in one request from ending the process, and sets
// what every answer carries.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(fault)
			}
			s.log.Error("fault in a request", zap.String("method", r.Method), zap.String("path", r.URL.Path),
				zap.Any("fault", fault), zap.ByteString("stack", debug.Stack()))
			problem(w, http.StatusInternalServerError, "a fault of ours; it is in the log")
		}()
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		deadline(w, answerWithin)
		next.ServeHTTP(w, r)
	})
}

// deadline sets how long the answer may take from now.
func deadline(w http.ResponseWriter, d time.Duration) {
	// A writer without deadlines is a test's.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
}

// patient lifts the limit on how long a request may take to come in: after
// it, net/http would take the other side for gone.
func patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}

// identified finds out who is asking, where that matters.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !guarded(r) {
			next.ServeHTTP(w, r)
			return
		}
		who, status := s.identify(r)
		switch status {
		case 0:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
		case http.StatusTooManyRequests:
			w.Header().Set("Retry-After", "1")
			problem(w, status, "too many bad tokens from this address")
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="switchroom"`)
			problem(w, status, "a valid bearer token is needed")
		}
	})
}

// guarded says whether the path needs a token: all but the signs of life and
// the description, and the series when they are asked for from this machine.
func guarded(r *http.Request) bool {
	path := r.URL.Path
	if path == "/metrics" {
		return !local(r)
	}
	return strings.HasPrefix(path, "/api/v1/") || path == "/api/v1" || strings.HasPrefix(path, "/debug/")
}

// local says whether the request was made on this machine, and not handed on
// by a proxy on it.
func local(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	return remoteAddr(r).IsLoopback()
}

// route finds the operation; a path that is none, or a method that the path
// does not have, is a problem like any other.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern != "" {
		takeForJSON(r)
		s.mux.ServeHTTP(w, r)
		return
	}
	var allowed []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		problem(w, http.StatusNotFound, "there is nothing at this path")
		return
	}
	if slices.Contains(allowed, "GET") {
		allowed = append(allowed, "HEAD")
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	problem(w, http.StatusMethodNotAllowed, "this path takes "+strings.Join(allowed, ", "))
}

// takeForJSON reads a body as JSON that says nothing of its type, or what curl
// and others say for want of a better word. No page of another site can make
// use of that: what it sends carries no bearer token.
func takeForJSON(r *http.Request) {
	switch t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t {
	case "", "application/x-www-form-urlencoded":
		r.Header.Set("Content-Type", "application/json")
	}
}

// problem writes an RFC 9457 answer outside of huma.
func problem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail})
	if err != nil {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
