package cli

import (
	"errors"
)

type recordingsVerifyCmd struct {
	ID   []string `arg:"" optional:"" help:"Recordings' ids; none: all."`
	Data string   `placeholder:"FOLDER" help:"The switch's data folder; the configuration's if none is named."`
}

func (c *recordingsVerifyCmd) Run(s *session) error {
	return errors.New("verify")
}
