package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
)

// prologue says who takes part and where.
func (d *demo) prologue() {
	d.line("%d callers, %d agents on %d sites, one switch. Everything goes over real sockets.", len(d.callers), len(d.agents), len(d.place.sites))
	d.line("  switch    %s (SIP by UDP and TCP), http://%s", d.place.sip, d.place.api)
	d.line("  carrier   %s, RTP from the same address", d.place.trunk)
	d.line("  phones    Chengdu on %s, Beijing on %s", d.place.sites["chengdu"], d.place.sites["beijing"])
	d.line("")
}

// check asks the switch for its records and listens to the recordings.
func (d *demo) check(ctx context.Context, told *account) ([]proof, error) {
	var errs []error
	for _, f := range told.failures {
		errs = append(errs, errors.New(f))
	}
	books, err := d.read(ctx, told)
	if err != nil {
		return nil, errors.Join(append(errs, err)...)
	}
	if n := len(books.records.Items); n != len(d.callers) {
		errs = append(errs, fmt.Errorf("%d calls were placed and %d are in the books", len(d.callers), n))
	}
	found := map[string]bool{}
	var proofs []proof
	for _, r := range books.recordings.Items {
		p := d.prove(d.data, r)
		found[r.CallID] = true
		proofs = append(proofs, p)
		errs = append(errs, p.err())
	}
	for call := range told.talked {
		if !found[call] {
			errs = append(errs, fmt.Errorf("the recording of the call of %s is missing", told.callers[call]))
		}
	}
	slices.SortFunc(proofs, func(a, b proof) int { return a.Started.Compare(b.Started) })
	return proofs, errors.Join(append(errs, told.judge())...)
}

// books are what the switch has of calls that are over.
type books struct {
	records    items[acd.CDR]
	recordings items[recording]
}

// read reads the books. They are written from the events that were told, and
// so may be a moment behind them.
func (d *demo) read(ctx context.Context, told *account) (b books, err error) {
	for patience := time.Now().Add(sealsWithin); ; {
		err = errors.Join(
			d.client.get(ctx, "/api/v1/cdrs", &b.records),
			d.client.get(ctx, "/api/v1/recordings", &b.recordings))
		whole := len(b.records.Items) >= len(d.callers) && len(b.recordings.Items) >= len(told.talked)
		if err != nil || whole || time.Now().After(patience) {
			return b, err
		}
		select {
		case <-ctx.Done():
			return b, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// judge is whether what was to be shown was seen.
func (a *account) judge() error {
	var errs []error
	for _, x := range []struct {
		seen int
		what string
	}{
		{len(a.talked), "a call was answered"}, {a.rangOut, "an agent let a call ring out"},
		{a.opened, "a ring opened"}, {a.abandoned, "a caller gave up"},
	} {
		if x.seen == 0 {
			errs = append(errs, fmt.Errorf("it was not seen that %s", x.what))
		}
	}
	return errors.Join(errs...)
}

// epilogue says what was made and what can be done with it.
func (d *demo) epilogue(told *account, proofs []proof) {
	d.title(fmt.Sprintf("%d calls: %d answered and recorded, %d given up. %d offer rang out.",
		len(told.over), len(told.talked), told.abandoned, told.rangOut))
	d.line("Each recording was read from the disk: the hash is right, the caller speaks on the left, the agent on the right.")
	d.line("")
	for _, p := range proofs {
		who, _ := d.caller(p.From)
		served, _ := d.agent(p.Agent)
		d.line("  %s  %5.1f s  left %s %3.0f Hz %4.0f dBm0   right %s %3.0f Hz %4.0f dBm0   %s", p.Started.Local().Format("15:04:05"), p.Length,
			pad(who.name, nameWidth), p.caller.pitch, p.caller.level, pad(served.name, nameWidth), p.agent.pitch, p.agent.level, p.Format)
		d.line("            %s", d.dim(p.path))
	}
	d.commands(proofs)
}

// commands prints what the reader may type next.
func (d *demo) commands(proofs []proof) {
	d.title("Play, verify, list")
	if len(proofs) > 0 {
		d.line("  %s", player(proofs[0].path))
	}
	file := quote(d.file)
	d.line("  %s recordings verify -c %s", d.opts.Program, file)
	d.line("  %s serve -c %s      # the same switch again, and beside it:", d.opts.Program, file)
	d.line("  %s recordings list -c %s", d.opts.Program, file)
	d.line("")
	d.line("The phones, the carrier and the switch are gone. The recordings stay below %s", d.data)
	d.line("until you remove them: rm -r %s", quote(filepath.Dir(d.file)))
}

// player is a command that plays a file on this machine, if one is there.
func player(path string) string {
	for _, p := range [][2]string{{"play", "play -q"}, {"ffplay", "ffplay -nodisp -autoexit"}, {"mpv", "mpv"}, {"afplay", "afplay"}, {"aplay", "aplay"}} {
		if _, err := exec.LookPath(p[0]); err == nil {
			return p[1] + " " + quote(path)
		}
	}
	return "play -q " + quote(path) + "      # or any other player; play comes with sox"
}

// program is how the reader starts this program again.
func program() string {
	file, err := os.Executable()
	if err != nil || strings.Contains(file, string(filepath.Separator)+"go-build") {
		return "go run ./cmd/switchroom"
	}
	return quote(os.Args[0])
}

// quote makes a path one word of a shell.
func quote(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-", r))
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
