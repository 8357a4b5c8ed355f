package cli

import (
	"fmt"
	"path/filepath"

	"switchroom/recording"
	"switchroom/recording/ledger"
)

type recordingsVerifyCmd struct {
	ID     []string `arg:"" optional:"" help:"Recordings' ids; none: all."`
	Data   string   `placeholder:"FOLDER" help:"The switch's data folder; the configuration's if none is named."`
	Decode bool     `help:"Decode archived recordings too, and compare what comes out; the signed hash of the file is enough otherwise."`
	Key    string   `placeholder:"FILE" help:"Public key that was handed out before; the one in the data folder if none is named."`
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
		IDs:  c.ID, Decode: c.Decode,
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
	if err := s.printReport(report, len(c.ID) > 0); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return errSaid
	}
	return nil
}

// printReport shows what was found; of what was deleted the certificates, when
// it was asked for by name.
func (s *session) printReport(r recording.Report, named bool) error {
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
	for _, c := range r.Certificates {
		if !named {
			break
		}
		by := "rule: " + c.Rule
		if c.Who != "" {
			by = "request of " + c.Who + ": " + c.Rule
		}
		if _, err := fmt.Fprintln(s.Stdout, printable(fmt.Sprintf("%s: deleted %s by %s; certificate %d, root %s", c.ID, moment(c.At), by, c.N, c.Root))); err != nil {
			return err
		}
	}
	signatures := "signatures checked"
	if !r.Signed {
		signatures = "signatures not checked: there is no public key"
	}
	_, err := fmt.Fprintf(s.Stdout, "verified %s, %s: %s; %d still open, %d deleted with a certificate; %s\n",
		counted(r.Recordings, "recording"), bytesOf(r.Octets), counted(len(r.Findings), "finding"), r.Open, r.Deleted, signatures)
	return err
}
