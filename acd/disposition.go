package acd

import (
	"errors"
	"fmt"
)

// ErrNotNow says that the agent is in no state in which that can be done.
var ErrNotNow = errors.New("acd: not now")

// ErrNoCode says that the call's client has no such disposition.
var ErrNoCode = errors.New("acd: no such disposition")

// Disposition is what a call came to, in the words of its client.
type Disposition struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Note string `json:"note,omitempty"` // free text of the agent's
}

// NoteMax bounds a note, in bytes.
const NoteMax = 2000

// MayFile says why the agent cannot file a call under a code; nil: it can. An
// empty call is the one it has or had last. A client without a list takes any
// code.
func (a *Agent) MayFile(call, code string) error {
	w := &a.worked
	switch {
	case w.id == "":
		return fmt.Errorf("%w: there is no call to file", ErrNotNow)
	case call != "" && call != w.id:
		return fmt.Errorf("%w: call %q is not the agent's last one", ErrNotNow, call)
	case w.after == nil || len(w.after.Codes) == 0:
		return nil
	}
	if _, ok := w.after.code(code); !ok {
		return fmt.Errorf("%w: %q", ErrNoCode, code)
	}
	return nil
}

// file notes what the call came to. It may be said anew until the next call:
// the last word counts.
func (a *Agent) file(d Disposition, by Cause, out []AgentAction) []AgentAction {
	w := &a.worked
	if known, ok := w.after.code(d.Code); ok {
		d.Name = known.Name
	}
	was := w.filed
	w.filed, w.owes = d.Code, false
	return append(out, AgentAction{Do: AgentNote, Note: &Event{Kind: CallFiled, Agent: a.ID, Call: w.id, Client: w.client,
		Queue: w.queue, Reason: d.Code, Was: was, Cause: string(by), Disposition: &d}})
}

// fileDefault settles a disposition that is owed and that nobody gave.
func (a *Agent) fileDefault(out []AgentAction) []AgentAction {
	if !a.worked.owes {
		return out
	}
	return a.file(Disposition{Code: a.worked.after.Default}, "default", out)
}

// Owes reports whether the agent has still to file its last call.
func (a *Agent) Owes() bool { return a.worked.owes }

// Filed is the code that the agent's last call was filed under, or "".
func (a *Agent) Filed() string { return a.worked.filed }
