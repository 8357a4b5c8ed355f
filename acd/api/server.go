package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"go.uber.org/zap"
	"golang.org/x/net/netutil"
)

// The bounds of what one may ask.
const (
	connectionsMax = 512
	streamsMax     = 200
	headerMax      = 16 << 10
	bodyMax        = 64 << 10
	answerWithin   = 30 * time.Second
)

// Server answers requests.
type Server struct {
	cfg     Config
	log     *zap.Logger
	mux     *http.ServeMux
	huma    huma.API
	metrics *metrics
	guesses guesses
	streams atomic.Int64 // open event streams
}

// New makes the interface; it listens nowhere by itself.
func New(cfg Config) (*Server, error) {
	if cfg.Switch == nil || cfg.Records == nil || cfg.Journal == nil || cfg.Tokens == nil {
		return nil, errors.New("api: a necessary part is missing")
	}
	s := &Server{cfg: cfg.withDefaults(), mux: http.NewServeMux()}
	s.log = s.cfg.Log
	var err error
	if s.metrics, err = newMetrics(s); err != nil {
		return nil, fmt.Errorf("api: metrics: %w", err)
	}
	s.huma = humago.New(s.mux, describe(s.cfg.Version))
	s.huma.UseMiddleware(s.allow)
	s.registerLive()
	s.registerFloor()
	s.registerSteer()
	s.registerPast()
	s.registerAudio()
	s.registerCustody()
	s.registerReports()
	s.registerStaffing()
	s.registerIndex()
	s.registerEvents()
	s.registerWebhooks()
	s.registerControl()
	s.registerHealth()
	return s, nil
}

// describe is the head of the OpenAPI document.
func describe(version string) huma.Config {
	c := huma.DefaultConfig("Switchroom", version)
	c.Info.Description = "Calls, agents, queues and recordings of a running switch. " +
		"Times are RFC 3339 in UTC with milliseconds, durations are seconds."
	c.OpenAPIPath = "/api/openapi"
	c.DocsPath, c.SchemasPath = "", ""
	c.CreateHooks = nil // no links to schemas inside answers
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer"},
	}
	return c
}

// operation is one route under /api/v1 that is open to some roles.
func operation(id, method, path, summary string, roles []Role, errs ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary,
		Errors:       append([]int{401, 403, 429}, errs...),
		Security:     []map[string][]string{{"token": {}}},
		Metadata:     map[string]any{rolesKey: roles},
		MaxBodyBytes: bodyMax,
	}
}

// Serve answers on the listener until ctx ends; streams end with it, other
// requests may take a few seconds more. It returns when all have ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    headerMax,
		ErrorLog:          zap.NewStdLog(s.log.Named("http").WithOptions(zap.IncreaseLevel(zap.ErrorLevel))),
		BaseContext:       func(net.Listener) context.Context { return serving },
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(netutil.LimitListener(l, connectionsMax)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("api: serve: %w", err)
	case <-ctx.Done():
	}
	stop() // event streams and long reads
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	if err != nil {
		err = srv.Close()
	}
	<-failed
	return err
}
