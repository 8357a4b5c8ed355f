package sip

import (
	"net/netip"
	"slices"
)

// Standing is a dialog that a 2xx has confirmed, in a form that can be kept:
// with it, a later run of the process ends by Release what this one had up.
type Standing struct {
	Leg    string   `json:"leg"`
	CallID string   `json:"call_id"`
	Local  string   `json:"local"`  // our side as From, with our tag
	Remote string   `json:"remote"` // theirs as To, with their tag
	Target string   `json:"target"` // the URI that requests go to
	Routes []string `json:"routes,omitempty"`
	Seq    uint32   `json:"seq"` // CSeq of our last request when this was told

	Transport string         `json:"transport"` // UDP, TCP, TLS
	Peer      netip.AddrPort `json:"peer"`
	Name      string         `json:"name,omitempty"`   // that the peer proves by TLS
	Socket    string         `json:"socket,omitempty"` // ours, for UDP

	Account string `json:"account,omitempty"`
	Trunk   string `json:"trunk,omitempty"`
}

// DialogWatcher may be implemented by a Core that keeps account of the dialogs
// that stand, whoever has their legs. Of one leg its methods are called in
// order and never concurrently, with no lock held; they must not block.
type DialogWatcher interface {
	// DialogStands: a 2xx confirmed the dialog, or the way to its peer changed.
	// It is told before the leg's own events.
	DialogStands(Standing)
	// DialogOver: a dialog that was told to stand is over.
	DialogOver(leg string)
}

// watch is what the watcher was told of a leg.
type watch struct {
	told   bool
	over   bool
	target string
	remote string // with the tag
	flow   flow
}

// stands tells whether the leg has a dialog that its peer takes to be up.
func (l *Leg) stands() bool { return l.state == answered || l.state == up || l.state == ending }

// dialogNews tells whether the watcher has something to hear. mu is held.
func (l *Leg) dialogNews() bool {
	w := &l.watch
	switch {
	case l.ua.watcher == nil || w.over:
		return false
	case l.state == over:
		return w.told
	case !l.stands() || l.dialog.remoteTag == "":
		return false
	}
	return !w.told || w.target != l.dialog.target || w.remote != l.dialog.remote || w.flow != l.flow
}

// tellDialog tells the watcher. mu is held, and given up meanwhile.
func (l *Leg) tellDialog() {
	w := &l.watch
	gone := l.state == over
	w.told, w.over = true, gone
	w.target, w.remote, w.flow = l.dialog.target, l.dialog.remote, l.flow
	d := l.standing()
	l.mu.Unlock()
	l.ua.guard(func() *Leg { return l }, func() {
		if gone {
			l.ua.watcher.DialogOver(l.id)
		} else {
			l.ua.watcher.DialogStands(d)
		}
	})
	l.mu.Lock()
}

// standing is the leg's dialog as it is now. mu is held.
func (l *Leg) standing() Standing {
	d := Standing{Leg: l.id, CallID: l.dialog.callID, Local: l.dialog.local, Remote: l.dialog.remote, Target: l.dialog.target,
		Routes: slices.Clone(l.dialog.routes), Seq: l.dialog.localSeq, Transport: l.flow.transport(), Peer: l.flow.remote,
		Account: l.account}
	if l.trunk != nil {
		d.Trunk = l.trunk.cfg.ID
	}
	switch {
	case l.flow.packet != nil:
		d.Socket = l.flow.packet.local.String()
	case l.flow.stream != nil:
		d.Name = l.flow.stream.name
	}
	return d
}

// Standing lists the dialogs that the watcher was told of and that are not over.
func (ua *UA) Standing() []Standing {
	var all []Standing
	for _, l := range ua.allLegs() {
		l.mu.Lock()
		if l.watch.told && l.state != over {
			all = append(all, l.standing())
		}
		l.mu.Unlock()
	}
	return all
}
