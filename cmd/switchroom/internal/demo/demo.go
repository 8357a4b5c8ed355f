package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/sip"
)

// Options are what a demonstration is given.
type Options struct {
	// Dir is where its configuration and the switch's data go; both stay.
	// "": a new directory for temporary files.
	Dir string
	// Start starts a switch with a configuration and returns once its sockets
	// are bound, with what ends it: stop returns after all of it has ended. The
	// switch must not outlive ctx. Required.
	Start func(ctx context.Context, config []byte) (stop func() error, err error)
	// Terminal is whether somebody watches out on a terminal.
	Terminal bool
	// Program is how the reader starts this program; "": as it was started.
	Program string
	// Log gets what goes wrong with the parties; nil: nothing.
	Log *zap.Logger
}

// Bounds of a demonstration. It takes some 35 s when all is well.
const (
	endWithin   = 55 * time.Second
	sealsWithin = 8 * time.Second
)

// Run gives a demonstration and writes its account to out. Its error says that
// something didn't happen as it should: a call that failed, a recording that
// is missing or lacks a voice. It ends by itself within a minute, or soon
// after ctx, and leaves nothing behind but the recordings and what belongs to
// them.
func Run(ctx context.Context, out io.Writer, opts Options) error {
	return give(ctx, newCast(), out, opts)
}

// give is Run with a cast.
func give(ctx context.Context, c cast, out io.Writer, opts Options) error {
	if opts.Log == nil {
		opts.Log = zap.NewNop()
	}
	opts.Log = opts.Log.Named("demo")
	if opts.Program == "" {
		opts.Program = program()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, endWithin, errors.New("the demonstration took too long"))
	defer cancel()
	d := &demo{opts: opts, cast: c, printer: newPrinter(out, opts.Terminal)}
	err := d.run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // the rest follows from it
	}
	return errors.Join(err, d.err)
}

// demo is a demonstration under way.
type demo struct {
	opts Options
	cast
	*printer
	place  *place
	plan   plan
	data   string
	file   string // the configuration's
	client *client
}

func (d *demo) run(ctx context.Context) (err error) {
	stop, err := d.start(ctx)
	if err != nil {
		return err
	}
	defer func() {
		d.client.close()
		err = errors.Join(err, stop(), d.place.close())
	}()
	if err := d.client.waitReady(ctx); err != nil {
		return err
	}
	d.began = time.Now()
	d.prologue()
	told, played := d.play(ctx)
	var proofs []proof
	if played == nil {
		proofs, played = d.check(ctx, told)
	}
	if played != nil {
		d.line("What there is of it stays below %s", d.data)
		return played
	}
	d.epilogue(told, proofs)
	return nil
}

// start starts the switch. A port that was free may be taken by another
// program before the switch binds it: then others are looked for.
func (d *demo) start(ctx context.Context) (stop func() error, err error) {
	dir, err := d.dir()
	if err != nil {
		return nil, fmt.Errorf("directory of the demonstration: %w", err)
	}
	for range 3 {
		if err = d.prepare(dir); err != nil {
			return nil, err
		}
		if stop, err = d.opts.Start(ctx, d.plan.text); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start the switch: %w", err)
	}
	return stop, nil
}

// dir makes the directory for everything that stays.
func (d *demo) dir() (string, error) {
	if d.opts.Dir == "" {
		return os.MkdirTemp("", "switchroom-demo-")
	}
	if err := os.MkdirAll(d.opts.Dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Abs(d.opts.Dir)
}

// prepare finds a place and writes the configuration.
func (d *demo) prepare(dir string) (err error) {
	if d.place, err = settle(); err != nil {
		return err
	}
	d.data, d.file = filepath.Join(dir, "data"), filepath.Join(dir, "demo.yaml")
	d.plan = newPlan(d.cast, d.place, d.data)
	d.client = newClient("http://"+d.place.api.String(), d.plan.token)
	if err := os.WriteFile(d.file, d.plan.text, 0o600); err != nil {
		return fmt.Errorf("configuration of the demonstration: %w", err)
	}
	return nil
}

// play lets everybody do what they do and tells of it. It returns when all
// calls are over and their recordings complete, or with what went wrong.
func (d *demo) play(ctx context.Context) (*account, error) {
	ctx, cancel := context.WithCancel(ctx)
	stage := sync.WaitGroup{}
	defer stage.Wait()
	defer cancel()

	events := make(chan acd.Event, 256)
	opened, broken := make(chan struct{}), make(chan error, 1)
	stage.Go(func() {
		broken <- d.client.events(ctx, func() { close(opened) }, func(e acd.Event) {
			select {
			case events <- e:
			case <-ctx.Done():
			}
		})
	})
	calls := make(chan error, 1)
	stage.Go(func() {
		select {
		case <-opened:
			calls <- d.everybody(ctx)
		case <-ctx.Done():
		}
	})
	told := newAccount(d.cast, d.printer, d.client.decision)
	var patience <-chan time.Time
	for calls != nil || !told.complete(len(d.callers)) {
		select {
		case e := <-events:
			told.tell(ctx, e)
		case err := <-broken:
			return told, err
		case err := <-calls:
			if err != nil {
				return told, err
			}
			calls, patience = nil, time.After(sealsWithin)
		case <-patience:
			return told, fmt.Errorf("of %d calls %d are over, of %d recordings %d are complete",
				len(d.callers), len(told.over), len(told.talked), len(told.sealed))
		case <-ctx.Done():
			return told, ctx.Err()
		}
	}
	return told, nil
}

// everybody registers the phones and places the calls; it returns when the
// last call is over and the phones have been put away.
func (d *demo) everybody(ctx context.Context) (err error) {
	stop, err := d.phones(ctx)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	return d.calls(ctx)
}

// phones starts the agents' telephones, one after the other, so that the first
// has been free for longest.
func (d *demo) phones(ctx context.Context) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	house := &house{}
	stop = func() error {
		cancel()
		return house.close()
	}
	for _, a := range d.agents {
		at := d.place.sites[a.site]
		engine, err := d.place.engine(at, d.opts.Log)
		if err != nil {
			return stop, err
		}
		p, err := newPhone(ctx, a, at, d.place.theSwitch, engine, d.opts.Log)
		if err != nil {
			return stop, err
		}
		house.open(p.ua, &p.work)
		err = p.ua.Register(ctx, sip.RegisterRequest{
			Registrar: "sip:" + d.place.sip.String(), Account: a.id, Password: d.plan.passwords[a.id],
		})
		if err != nil {
			return stop, fmt.Errorf("phone of agent %s: %w", a.id, err)
		}
	}
	return stop, nil
}

// calls lets the carrier place the callers' calls.
func (d *demo) calls(ctx context.Context) (err error) {
	engine, err := d.place.engine(d.place.carrier, d.opts.Log)
	if err != nil {
		return err
	}
	c, err := newCarrier("udp:"+d.place.trunk.String(), d.place.sip, engine, d.opts.Log)
	if err != nil {
		return err
	}
	house := &house{}
	house.open(c.ua, &c.work)
	defer func() { err = errors.Join(err, house.close()) }()
	results := make(chan error, len(d.callers))
	for _, who := range d.callers {
		c.work.begin(func() {
			select {
			case <-time.After(who.at):
				results <- c.place(ctx, who)
			case <-ctx.Done():
				results <- ctx.Err()
			}
		})
	}
	for range d.callers {
		err = errors.Join(err, <-results)
	}
	return err
}
