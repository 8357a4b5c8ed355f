package cli

import (
	"errors"
	"fmt"
	"net/http"

	"switchroom/configs"
)

type checkCmd struct {
	File string `arg:"" optional:"" help:"The configuration file, as with -c."`
}

// faultJSON is a fault or warning for programs.
type faultJSON struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Text string `json:"text"`
}

// verdict is what check found, for programs.
type verdict struct {
	OK       bool        `json:"ok"`
	Version  string      `json:"version,omitempty"`
	Faults   []faultJSON `json:"faults"`
	Warnings []faultJSON `json:"warnings"`
}

// Run prints the faults as results: finding them is what was asked for.
func (c *checkCmd) Run(s *session) error {
	if c.File != "" {
		if s.Config != "" {
			return usageError{errors.New("one configuration at a time")}
		}
		s.Config = c.File
	}
	config, err := s.configuration()
	var faults configs.Faults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if s.JSON {
		err = s.printValue(verdictOf(config, faults))
	} else {
		err = s.printVerdict(config, faults)
	}
	if err == nil && len(faults) > 0 {
		return errSaid
	}
	return err
}

func verdictOf(c *configs.Config, faults configs.Faults) verdict {
	v := verdict{OK: c != nil, Faults: []faultJSON{}, Warnings: []faultJSON{}}
	for _, f := range faults {
		v.Faults = append(v.Faults, faultJSON(f))
	}
	if c != nil {
		v.Version = c.Version
		for _, w := range c.Warnings {
			v.Warnings = append(v.Warnings, faultJSON(w))
		}
	}
	return v
}

func (s *session) printVerdict(c *configs.Config, faults configs.Faults) error {
	for _, f := range faults {
		if _, err := fmt.Fprintln(s.Stdout, printable(f.String())); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	for _, w := range c.Warnings {
		w.Text = "warning: " + w.Text
		if _, err := fmt.Fprintln(s.Stdout, printable(w.String())); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Stdout, "%s: in order: %s, %s, %s, %s; version %s\n",
		printable(first(s.Config, builtIn)), counted(len(c.Trunks), "trunk"), counted(len(c.Numbers), "number"),
		counted(len(c.Queues), "queue"), counted(len(c.Agents), "agent"), c.Version)
	return err
}

type reloadCmd struct{}

// reloaded is what the switch answers to a reload.
type reloaded struct {
	Version string   `json:"version"`
	Changes []string `json:"changes"`
}

func (c *reloadCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var got reloaded
	text, err := api.call(s.ctx, http.MethodPost, "/api/v1/config/reload", nil, nil, &got)
	var refused *problem
	if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity {
		for _, f := range refused.Errors {
			fmt.Fprintln(s.Stdout, printable(f.Message))
		}
		return fmt.Errorf("not reloaded, the configuration before still runs: %w", err)
	}
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	if len(got.Changes) == 0 {
		_, err = fmt.Fprintln(s.Stdout, "reloaded: nothing changed")
		return err
	}
	for _, line := range got.Changes {
		fmt.Fprintln(s.Stdout, printable(line))
	}
	_, err = fmt.Fprintf(s.Stdout, "reloaded: version %s\n", printable(got.Version))
	return err
}
