package main

import (
	"context"
	"errors"

	"switchroom/cmd/switchroom/cli"
	"switchroom/cmd/switchroom/internal/server"
)

// rebuild makes the index of a switch that is down anew.
func rebuild(ctx context.Context, args cli.RebuildArgs) (cli.Rebuilt, error) {
	r, err := server.RebuildIndex(ctx, args.Config, args.Force, args.Progress, args.Log)
	if errors.Is(err, server.ErrRunning) {
		err = cli.ErrRunning
	}
	return cli.Rebuilt{Events: r.Events, Seconds: r.Took.Seconds()}, err
}
