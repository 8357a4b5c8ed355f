package cli

import (
	"fmt"
	"path/filepath"

	"switchroom/recording"
	"switchroom/recording/ledger"
)

type recordingsVerifyCmd struct {
	ID   []string `arg:"" optional:"" help:"Recordings' ids; none: all."`
	Data string   `placeholder:"FOLDER" help:"The switch's data folder; the configuration's if none is named."`
	Key  string   `placeholder:"FILE" help:"Public key that was handed out before; the one in the data folder if none is named."`
}

// Run looks at the files alone, so it works on a copy and on a switch that is
// down. Anything wrong makes it fail.
func (c *recordingsVerifyCmd) Run(s *session) error {
	data := c.Data
	if data == "" {
		config, err := s.configuration()
		if err != nil {
			return err
		}
		data = config.Data
	}
	what := recording.Verification{
		Dir:  filepath.Join(data, "recordings"),
		Keys: filepath.Join(data, "keys"),
		IDs:  c.ID,
	}
	if c.Key != "" {
		var err error
		if what.Key, err = ledger.LoadPublic(c.Key); err != nil {
			return fmt.Errorf("read the key: %w", err)
		}
	}
	report, err := recording.Verify(s.ctx, what)
	if err != nil {
		return err
	}
	if err := s.printReport(report); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return errSaid
	}
	return nil
}

func (s *session) printReport(r recording.Report) error {
	if s.JSON {
		if r.Findings == nil {
			r.Findings = []recording.Finding{}
		}
		return s.printValue(r)
	}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(s.Stdout, printable(f.String())); err != nil {
			return err
		}
	}
	signatures := "signatures checked"
	if !r.Signed {
		signatures = "signatures not checked: there is no public key"
	}
	_, err := fmt.Fprintf(s.Stdout, "verified %s, %s of sound: %s; %d still open, %d deleted with a certificate; %s\n",
		counted(r.Recordings, "recording"), bytesOf(r.Octets), counted(len(r.Findings), "finding"), r.Open, r.Deleted, signatures)
	return err
}
