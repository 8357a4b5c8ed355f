package cli

import (
	"fmt"
	"runtime"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/replay"
)

type replayCmd struct {
	Path  string `arg:"" help:"A journal's folder (journal in the switch's data), or one of its segments; a running switch's too."`
	Limit int    `default:"10" help:"How many differences to show at most; they are all counted."`

	Overlap time.Duration `default:"100ms" help:"How long the machine may have taken over one input: of two that lie closer together either may have come first."`
}

// Run makes a journal's decisions again. It fails when one differs for no reason
// that the journal shows.
func (c *replayCmd) Run(s *session) error {
	var shown []replay.Difference
	began := time.Now()
	rep, err := replay.Run(journal.Scan(c.Path), replay.Options{Overlap: c.Overlap, Different: func(d replay.Difference) {
		if len(shown) < c.Limit {
			shown = append(shown, d)
		}
	}})
	if err != nil {
		return err
	}
	took := time.Since(began)
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	if s.JSON {
		err = s.printValue(map[string]any{"report": rep, "differences": shown, "seconds": took.Seconds(), "memory_bytes": mem.Sys})
	} else {
		err = s.printReplay(rep, shown, took, mem.Sys)
	}
	if err == nil && rep.Different > 0 {
		return errSaid
	}
	return err
}

func (s *session) printReplay(r replay.Report, shown []replay.Difference, took time.Duration, memory uint64) error {
	for _, d := range shown {
		if err := s.printDifference(d); err != nil {
			return err
		}
	}
	if n := r.Close + r.Following + r.Different - uint64(len(shown)); n > 0 {
		fmt.Fprintf(s.Stdout, "and %s not shown: see --limit\n\n", counted(int(n), "difference"))
	}
	return facts(s.Stdout,
		"events", fmt.Sprintf("%d of %s; %d before a start or behind a gap, and skipped", r.Events, counted(r.Runs, "run"), r.Skipped),
		"decisions", fmt.Sprintf("%d judged, %d made again the same (%d of them by other counts), %d cannot be judged", r.Decisions, r.Same, r.Recounted, r.Unjudged),
		"differences", fmt.Sprintf("%d of inputs that overlapped, %d that follow from one, %d others", r.Close, r.Following, r.Different),
		"open", fmt.Sprintf("%d decided where a run ends", r.Open),
		"hash", r.Hash,
		"took", fmt.Sprintf("%.1f s, %s of memory", took.Seconds(), bytesOf(int64(memory))))
}

// printDifference shows both explanations, one beside the other.
func (s *session) printDifference(d replay.Difference) error {
	var was, now acd.Decision
	if d.Recorded != nil {
		was = *d.Recorded
	}
	if d.Replayed != nil {
		now = *d.Replayed
	}
	fmt.Fprintf(s.Stdout, "event %d, %s: call %s of queue %s: %s%s\n", d.Seq, moment(d.Time), printable(d.Call), printable(d.Queue), d.Kind, note(d.Note))
	t := newTable("", "AGENT", ">RING", "TRIGGER", ">WAITED", ">IDLE", ">SITE", ">SKILLS", ">CONSIDERED", ">NOT READY", ">DECLINED", ">WAITING", "STRATEGY")
	row := func(what, agent string, e *acd.Decision) {
		if agent == "" {
			t.row(what, "nobody", "", "", "", "", "", "", "", "", "", "", "")
			return
		}
		t.row(what, agent, fmt.Sprint(e.Ring), e.Trigger, span(e.Waited), span(e.Idle), fmt.Sprint(e.SiteCost), fmt.Sprint(e.SkillSum),
			fmt.Sprint(e.Considered), fmt.Sprint(e.NotReady), fmt.Sprint(e.Declined), fmt.Sprint(e.Waiting), e.Strategy)
	}
	row("was", d.Was, &was)
	row("now", d.Now, &now)
	if err := t.write(s.Stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.Stdout)
	return err
}

func note(s string) string {
	if s == "" {
		return ""
	}
	return " (" + printable(s) + ")"
}
