package main

import (
	"context"

	"switchroom/cmd/switchroom/cli"
	"switchroom/cmd/switchroom/internal/demo"
	"switchroom/cmd/switchroom/internal/server"
	"switchroom/configs"

	"go.uber.org/zap"
)

// showDemo gives the demonstration on a switch of its own. What the switch
// logs below a warning would only drown the account.
func showDemo(ctx context.Context, args cli.DemoArgs) error {
	log := args.Log.WithOptions(zap.IncreaseLevel(zap.WarnLevel))
	return demo.Run(ctx, args.Out, demo.Options{
		Terminal: args.Terminal,
		Log:      log,
		Start: func(ctx context.Context, text []byte) (func() error, error) {
			load := func() (*configs.Config, error) { return configs.Parse("demo.yaml", text) }
			s, err := server.Open(ctx, server.Args{Load: load, Version: cli.ReadBuild().Version, Log: log})
			if err != nil {
				return nil, err
			}
			serving, stop := context.WithCancel(ctx)
			ended := make(chan error, 1)
			go func() { ended <- s.Run(serving) }()
			return func() error { stop(); return <-ended }, nil
		},
	})
}
