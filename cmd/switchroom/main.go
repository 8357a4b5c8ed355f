// Command switchroom is the switch, its demonstration and the shell to a
// running one. This package starts the process; the command line is package
// cli's.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"switchroom/cmd/switchroom/cli"
)

// commands is the work behind `serve` and `demo`.
var commands = cli.Commands{Serve: serve, Demo: showDemo, Rebuild: rebuild}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	program := cli.Main{
		Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Commands: commands,
	}
	code := program.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
