package cli

import (
	"errors"
)

type serveCmd struct{ logging }

func (c *serveCmd) Run(s *session) error {
	if s.Serve == nil {
		return errors.New("serve: there is no switch in this program")
	}
	log := c.logger(s.Stderr)
	defer log.Sync() //nolint:errcheck // a terminal can't be synced
	return s.Serve(s.ctx, ServeArgs{Config: s.Config, Log: log})
}

type demoCmd struct{ logging }

func (c *demoCmd) Run(s *session) error {
	if s.Demo == nil {
		return errors.New("demo: there is no switch in this program")
	}
	log := c.logger(s.Stderr)
	defer log.Sync() //nolint:errcheck // a terminal can't be synced
	return s.Demo(s.ctx, DemoArgs{Out: s.Stdout, Terminal: isTerminal(s.Stdout), Log: log})
}
