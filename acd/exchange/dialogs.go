package exchange

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/sip"

	"go.uber.org/zap"
)

// Dialog is a SIP dialog and the run of the process that had it; in a
// checkpoint "" is the run that wrote that.
type Dialog struct {
	sip.Standing
	Boot string `json:"boot,omitempty"`
}

// dialogName tells dialogs apart: the names of legs are of one run each.
type dialogName struct{ boot, leg string }

func (d *Dialog) name() dialogName { return dialogName{d.Boot, d.Leg} }

// DialogStands writes down what a BYE in the dialog needs, before anything is
// done with the answer that confirmed it.
func (x *Exchange) DialogStands(d sip.Standing) {
	detail, err := json.Marshal(d)
	if err != nil {
		x.log.Error("dialog cannot be written down", zap.String("leg", d.Leg), zap.Error(err))
		return
	}
	x.note(x.clock.now(), acd.Event{Kind: acd.DialogUp, Dialog: d.Leg, Trunk: d.Trunk, Agent: d.Account, Detail: detail})
}

// DialogOver writes down that nothing is left of a dialog.
func (x *Exchange) DialogOver(leg string) {
	x.note(x.clock.now(), acd.Event{Kind: acd.DialogOver, Dialog: leg})
}

// releasesAtOnce is how many BYEs are sent in one go; after it the others get a
// breath, so that neither our sockets nor a peer's drop what comes in a burst.
const (
	releasesAtOnce = 50
	releasePause   = 10 * time.Millisecond
)

// releaseCutOff says BYE in the dialogs that a crash left up at their peers, so
// that no carrier bills a call that nobody has and no phone shows one. What a
// peer answers, 481 included, and that it does not answer at all, is the end
// of it; if this run is killed before, the next one asks again.
func (x *Exchange) releaseCutOff(ctx context.Context) {
	all := x.unreleased()
	if len(all) == 0 {
		return
	}
	x.log.Warn("releasing dialogs that the last run left up", zap.Int("dialogs", len(all)))
	for i, d := range all {
		x.ua.Release(d.Standing, sip.Cause{Q850: 41, Text: string(acd.System), Side: sip.SystemSide}, func(status int, err error) {
			x.released(d, status, err)
		})
		if (i+1)%releasesAtOnce == 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(releasePause):
			}
		}
	}
}

// unreleased lists, by age, the dialogs of earlier runs that are not over yet.
func (x *Exchange) unreleased() []Dialog {
	x.mu.Lock()
	all := slices.Collect(maps.Values(x.cutOff))
	x.mu.Unlock()
	slices.SortFunc(all, func(a, b Dialog) int { return strings.Compare(a.Leg, b.Leg) })
	return all
}

func (x *Exchange) released(d Dialog, status int, err error) {
	x.mu.Lock()
	delete(x.cutOff, d.name())
	x.mu.Unlock()
	e := acd.Event{Kind: acd.DialogOver, Dialog: d.Leg, Was: d.Boot, Trunk: d.Trunk, Agent: d.Account, Cause: string(acd.System), Status: status}
	if err != nil {
		e.Cause, e.Reason = string(acd.SignalLost), err.Error()
		x.log.Info("peer of a dialog that the last run left up does not answer", zap.String("leg", d.Leg), zap.Error(err))
	}
	x.note(x.clock.now(), e)
}

var _ sip.DialogWatcher = (*Exchange)(nil)
