package exchange

import (
	"encoding/json"

	"switchroom/acd"
	"switchroom/acd/journal"

	"go.uber.org/zap"
)

// checkpoint is the Detail of a Checkpoint. One that would be too long for an
// entry comes in parts, which follow each other and have Since in common; it
// counts once the last of them is there.
type checkpoint struct {
	Since   uint64         `json:"since"`
	Part    int            `json:"part,omitempty"` // from 0
	Parts   int            `json:"parts,omitempty"`
	Calls   []acd.CallView `json:"calls"`
	Dialogs []Dialog       `json:"dialogs,omitempty"`

	boot string // the run that wrote it
}

// partMax is how many calls or dialogs one part lists: some 300 KB of them.
const partMax = 500

// checkpoint writes down which calls are live and which dialogs stand. Both are
// looked at after Since: what is not in the list came after Since, or is over.
func (x *Exchange) checkpoint(now acd.Instant) {
	since := x.note(now, acd.Event{Kind: Alive})
	calls := []acd.CallView{}
	for _, c := range x.live() {
		if v := c.view.Load(); v != nil && !c.settled.Load() {
			calls = append(calls, v.CallView)
		}
	}
	dialogs := x.unreleased()
	for _, d := range x.ua.Standing() {
		dialogs = append(dialogs, Dialog{Standing: d})
	}
	parts := max(1, (len(calls)+partMax-1)/partMax, (len(dialogs)+partMax-1)/partMax)
	for i := range parts {
		cp := checkpoint{Since: since, Part: i, Parts: parts, Calls: part(calls, i), Dialogs: part(dialogs, i)}
		detail, err := json.Marshal(cp)
		if err != nil {
			x.log.Error("checkpoint cannot be written", zap.Error(err))
			return
		}
		x.note(now, acd.Event{Kind: Checkpoint, Detail: detail})
	}
}

// part is the i-th stretch of a list.
func part[T any](all []T, i int) []T {
	return all[min(i*partMax, len(all)):min((i+1)*partMax, len(all))]
}

// lastCheckpoint looks back from the journal's end, further each time. Without
// one it is the journal's beginning.
func lastCheckpoint(j *journal.Journal) (checkpoint, error) {
	end := j.Synced()
	oldest := j.Status().Oldest
	for back := uint64(1 << 13); ; back *= 8 {
		from := oldest
		if end > back && end-back > oldest {
			from = end - back
		}
		var g gathered
		if err := each(j, from, isCheckpoint, func(acd.EventHead) {}, g.take); err != nil {
			return checkpoint{}, err
		}
		if g.whole != nil {
			return *g.whole, nil
		}
		if from == oldest {
			return checkpoint{Since: oldest}, nil
		}
	}
}

func isCheckpoint(kind []byte) bool { return string(kind) == string(Checkpoint) }

// gathered puts checkpoints together from their parts.
type gathered struct {
	whole *checkpoint // the last one of which all parts were there
	next  checkpoint  // being put together; Part: how many are
}

func (g *gathered) take(e acd.Event) {
	if e.Kind != Checkpoint {
		return
	}
	var cp checkpoint
	if json.Unmarshal(e.Detail, &cp) != nil || cp.Since == 0 {
		return
	}
	cp.boot = e.Boot
	switch n := &g.next; {
	case cp.Part == 0:
		*n = cp
	case n.Since != cp.Since || n.boot != cp.boot || cp.Part != n.Part+1:
		*n = checkpoint{}
		return
	default:
		n.Part = cp.Part
		n.Calls = append(n.Calls, cp.Calls...)
		n.Dialogs = append(n.Dialogs, cp.Dialogs...)
	}
	if g.next.Part+1 >= g.next.Parts {
		whole := g.next
		g.whole = &whole
	}
}
