package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/acd/report"
)

// errPoison marks an event that can never be folded.
var errPoison = errors.New("store: event makes no sense")

// fold puts events into the tables of one transaction. Each of its steps
// gives the same tables when it is done again.
type fold struct {
	ctx    context.Context
	tx     *sql.Tx
	stmts  map[string]*sql.Stmt
	poison uint64

	boot   string // of the last event
	bootAt int64
	mono   int64
}

func newFold(ctx context.Context, tx *sql.Tx) *fold {
	return &fold{ctx: ctx, tx: tx, stmts: map[string]*sql.Stmt{}}
}

func (f *fold) close() {
	for _, st := range f.stmts {
		st.Close()
	}
}

// exec runs one of the constant statements of this package, prepared once.
func (f *fold) exec(text string, args ...any) error {
	st := f.stmts[text]
	if st == nil {
		var err error
		if st, err = f.tx.PrepareContext(f.ctx, text); err != nil {
			return fmt.Errorf("store: prepare: %w", err)
		}
		f.stmts[text] = st
	}
	if _, err := st.ExecContext(f.ctx, args...); err != nil {
		return fmt.Errorf("store: fold: %w", err)
	}
	return nil
}

// event folds one event.
func (f *fold) event(ev *acd.Event) error {
	if ev.Boot != "" && ev.Boot != f.boot {
		if err := f.noteBoot(); err != nil {
			return err
		}
		f.boot = ev.Boot
	}
	if ev.Boot != "" {
		f.bootAt, f.mono = ev.Time.UnixMilli(), ev.Mono
	}
	switch ev.Kind {
	case acd.SwitchStarted:
		return f.started(ev)
	case acd.CallArrived:
		return f.exec(`INSERT OR REPLACE INTO arrivals (call, trunk) VALUES (?, ?)`, ev.Call, ev.Trunk)
	case acd.CallQueued:
		return f.exec(`INSERT OR REPLACE INTO visits (seq, call, queue, client, trunk, entered)
			VALUES (?, ?, ?, ?, coalesce((SELECT trunk FROM arrivals WHERE call = ?), ''), ?)`,
			ev.Seq, ev.Call, ev.Queue, ev.Client, ev.Call, ev.Time.UnixMilli())
	case acd.CallConnected:
		return f.connected(ev)
	case acd.CallLeft:
		return f.left(ev)
	case acd.CallOffered:
		return f.offered(ev)
	case acd.CallDeclined:
		return f.endOffer(ev, ev.Cause)
	case acd.CallRecord:
		return f.record(ev)
	case acd.CallFiled:
		return f.filed(ev)
	case acd.RecordingSealed:
		return f.recording(ev)
	case acd.RecordingDeleted:
		return f.deletion(ev)
	case acd.AgentChanged:
		return f.agent(ev)
	}
	return nil
}

// finish writes down how far the transaction has come.
func (f *fold) finish(next uint64) error {
	if err := f.noteBoot(); err != nil {
		return err
	}
	return f.exec(`UPDATE position SET next = ?`, next)
}

func (f *fold) connected(ev *acd.Event) error {
	err := f.exec(`UPDATE visits SET outcome = ?, wait = ?, agent = ?, site = ?
		WHERE seq = (SELECT max(seq) FROM visits WHERE call = ? AND seq < ?) AND outcome = 'waiting'`,
		string(report.WasServed), nanos(ev.Seconds), ev.Agent, ev.Site, ev.Call, ev.Seq)
	if err != nil {
		return err
	}
	return f.endOffer(ev, "connected")
}

func (f *fold) left(ev *acd.Event) error {
	outcome := report.FlowedOut
	if ev.Cause == string(acd.Abandoned) {
		outcome = report.WasLost
	}
	return f.exec(`UPDATE visits SET outcome = ?, wait = ?, cause = ?
		WHERE seq = (SELECT max(seq) FROM visits WHERE call = ? AND seq < ?) AND outcome = 'waiting'`,
		string(outcome), nanos(ev.Seconds), ev.Cause, ev.Call, ev.Seq)
}

func (f *fold) offered(ev *acd.Event) error {
	decision, err := json.Marshal(ev.Decision)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	return f.exec(`INSERT OR REPLACE INTO offers (seq, call, agent, site, queue, client, trunk, at, decision)
		VALUES (?, ?, ?, ?, ?, ?, coalesce((SELECT trunk FROM arrivals WHERE call = ?), ''), ?, ?)`,
		ev.Seq, ev.Call, ev.Agent, ev.Site, ev.Queue, ev.Client, ev.Call, ev.Time.UnixMilli(), string(decision))
}

// endOffer closes the call's last offer to the event's agent.
func (f *fold) endOffer(ev *acd.Event, outcome string) error {
	return f.exec(`UPDATE offers SET outcome = ?, ended = ?
		WHERE seq = (SELECT max(seq) FROM offers WHERE call = ? AND agent = ? AND seq < ?) AND outcome = ''`,
		outcome, ev.Time.UnixMilli(), ev.Call, ev.Agent, ev.Seq)
}

// record takes in a finished call, and closes what a crash left open of it.
func (f *fold) record(ev *acd.Event) error {
	c := ev.CDR
	if c == nil || c.ID == "" {
		return fmt.Errorf("%w: record without a call", errPoison)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	// The first record of a call is the one that counts.
	err = f.exec(`INSERT INTO cdrs (id, started, ended, client, queue, agent, number, caller, cdr)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.ID, c.Started.UnixMilli(), c.Ended.UnixMilli(), c.Client, c.Queue, c.Agent, c.Number, c.From, string(text))
	if err != nil {
		return err
	}
	if err := f.fileRecord(c.ID); err != nil {
		return err
	}
	if err := f.handles(c); err != nil {
		return err
	}
	err = f.exec(`UPDATE visits SET outcome = ?, cause = ?, wait = max(0, ? - entered) * 1000000
		WHERE call = ? AND outcome = 'waiting'`,
		string(report.FlowedOut), c.Cause, c.Ended.UnixMilli(), c.ID)
	if err != nil {
		return err
	}
	err = f.exec(`UPDATE offers SET outcome = ?, ended = ? WHERE call = ? AND outcome = ''`,
		c.Cause, c.Ended.UnixMilli(), c.ID)
	if err != nil {
		return err
	}
	return f.exec(`DELETE FROM arrivals WHERE call = ?`, c.ID)
}

// handles notes who handled the call for how long: one row a stretch of talk,
// with the holds that lie inside it.
func (f *fold) handles(c *acd.CDR) error {
	for n, s := range c.Segments {
		if s.Kind != "talk" {
			continue
		}
		talk, hold := nanos(s.Length), int64(0)
		for _, h := range c.Segments {
			if h.Kind == "hold" && h.Start >= s.Start && h.Start <= s.Start+s.Length {
				hold += nanos(h.Length)
			}
		}
		hold = min(hold, talk)
		queue := s.Queue
		if queue == "" {
			queue = c.Queue
		}
		err := f.exec(`INSERT INTO handles (call, n, agent, site, queue, client, trunk, at, talk, hold)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			c.ID, n, s.Agent, s.Site, queue, c.Client, c.Trunk,
			c.Started.UnixMilli()+nanos(s.Start+s.Length)/1e6, talk-hold, hold)
		if err != nil {
			return err
		}
	}
	return nil
}

func nanos(seconds float64) int64 { return int64(seconds * float64(time.Second)) }
