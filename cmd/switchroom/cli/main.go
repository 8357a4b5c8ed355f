package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
	"go.uber.org/zap"

	"switchroom/configs"
)

// Exit codes of the program.
const (
	Done   = 0 // the work is done
	Failed = 1 // the work failed
	Usage  = 2 // the command line is wrong
)

// Main is the program without its process: the streams it writes, the
// environment it reads and the work that is not the command line's own.
type Main struct {
	Stdout io.Writer               // results
	Stderr io.Writer               // logs and errors
	Getenv func(key string) string // nil: an empty environment
	Commands
}

// Commands are what the program does besides asking a running switch.
type Commands struct {
	// Serve runs the switch until ctx is cancelled, then drains it and
	// returns. Nil when all calls ended by themselves.
	Serve func(ctx context.Context, args ServeArgs) error

	// Demo shows the main job on loopback and ends by itself.
	Demo func(ctx context.Context, args DemoArgs) error

	// Rebuild makes the index of a switch that is down anew.
	Rebuild func(ctx context.Context, args RebuildArgs) (Rebuilt, error)
}

// ErrRunning is Rebuild's when the switch is not down.
var ErrRunning = errors.New("a switch runs on this data folder")

// RebuildArgs is what the command line says to Rebuild.
type RebuildArgs struct {
	Config   *configs.Config
	Force    bool              // also when the journal does not hold everything any more
	Progress func(left uint64) // told now and then how many events are to go
	Log      *zap.Logger
}

// Rebuilt says how an index was made anew.
type Rebuilt struct {
	Events  uint64  `json:"events"`
	Seconds float64 `json:"seconds"`
}

// ServeArgs is what the command line says to Serve.
type ServeArgs struct {
	Config string // the configuration's file; "": the built-in one
	Log    *zap.Logger
}

// DemoArgs is what the command line says to Demo.
type DemoArgs struct {
	Out      io.Writer
	Terminal bool // Out is a terminal of somebody who watches
	Log      *zap.Logger
}

// Run does what args, the command line without the program's name, ask for and
// returns the exit code.
func (m Main) Run(ctx context.Context, args []string) int {
	if m.Getenv == nil {
		m.Getenv = func(string) string { return "" }
	}
	var line grammar
	exited := -1
	parser, err := kong.New(&line,
		kong.Name("switchroom"),
		kong.Description("Call distribution, softswitch and recording in one program."),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
	)
	if err != nil {
		return m.fail(err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(m.Stderr, "switchroom: %v\n", err)
		fmt.Fprintln(m.Stderr, "switchroom: `switchroom --help` shows the commands")
		return Usage
	}
	s := &session{Main: m, ctx: ctx, global: line.global}
	if err := parsed.Run(s); err != nil {
		return m.fail(err)
	}
	return Done
}

// fail says why the work failed and picks the exit code.
func (m Main) fail(err error) int {
	var faults configs.Faults
	switch {
	case errors.Is(err, errSaid):
	case errors.As(err, &faults):
		for _, f := range faults {
			fmt.Fprintln(m.Stderr, printable(f.String()))
		}
	default:
		fmt.Fprintf(m.Stderr, "switchroom: %s\n", printable(err.Error()))
	}
	var usage usageError
	if errors.As(err, &usage) {
		return Usage
	}
	return Failed
}

// errSaid is the error of a command that failed and has shown why in its
// result.
var errSaid = errors.New("cli: the result says why")

// usageError is a mistake in the command line that the grammar can't see.
type usageError struct{ error }

// session is one run of one command.
type session struct {
	Main
	ctx context.Context
	global
}
