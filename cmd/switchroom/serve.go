package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"switchroom/cmd/switchroom/cli"
	"switchroom/cmd/switchroom/internal/server"
	"switchroom/configs"

	"go.uber.org/zap"
)

// serve runs the switch: SIGHUP reloads, the end of ctx drains, and a SIGTERM
// during the drain ends its patience.
func serve(ctx context.Context, args cli.ServeArgs) error {
	load := func() (*configs.Config, error) {
		if args.Config != "" {
			return configs.Load(args.Config)
		}
		return configs.Parse("(built-in)", configs.Default())
	}
	s, err := server.Open(ctx, server.Args{Load: load, Version: cli.ReadBuild().Version, Log: args.Log})
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(signals)
	done := make(chan struct{})
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		ends := 0
		for {
			select {
			case <-done:
				return
			case sig := <-signals:
				if sig != syscall.SIGHUP {
					ends++
				}
				hear(ctx, s, sig, ends, args.Log)
			}
		}
	}()
	err = s.Run(ctx)
	close(done)
	<-heard
	return err
}

// hear takes a signal; ends counts those that ask for the end. The first is
// that of ctx.
func hear(ctx context.Context, s *server.Server, sig os.Signal, ends int, log *zap.Logger) {
	if sig == syscall.SIGHUP {
		if _, err := s.Exchange().Reload(ctx); err != nil {
			log.Error("configuration refused, the old one stays", zap.Error(err))
		}
		return
	}
	if ends > 1 {
		log.Info("second signal: running calls are released")
		s.Exchange().HurryUp()
	}
}
