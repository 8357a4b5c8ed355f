package sip

import "strings"

// replaces finds the leg that an INVITE is to take the place of (RFC 3891 3):
// one of ours that stands or that we ring, named by a phone with right tags. nil
// and 0 when the header names none; else the status of the refusal. Whether that
// phone may, the core decides.
func (ua *UA) replaces(in *request, account string) (replaced *Leg, status int) {
	value := in.header("replaces")
	if value == "" {
		return nil, 0
	}
	if account == "" {
		return nil, 481
	}
	name := dialogNamed(value)
	l := ua.named(name)
	if l == nil {
		return nil, 481
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.state {
	case up, answered:
		if name.earlyOnly {
			return nil, 486
		}
	case calling, proceeding: // early, and begun by us
	default: // early and begun by the peer, whose call is not to be picked up; or ending
		return nil, 481
	}
	return l, 0
}

// namedLeg is the leg that a Replaces value names, unless it is over.
func (ua *UA) namedLeg(value string) *Leg { return ua.named(dialogNamed(value)) }

// dialogName is what a Replaces value says, in our words.
type dialogName struct {
	callID, ours, theirs string
	earlyOnly            bool
}

func dialogNamed(value string) (d dialogName) {
	callID, params, _ := strings.Cut(value, ";")
	d.callID = strings.TrimSpace(callID)
	for p := range strings.SplitSeq(params, ";") {
		switch name, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.ToLower(name) {
		case "to-tag":
			d.ours = v
		case "from-tag":
			d.theirs = v
		case "early-only":
			d.earlyOnly = true
		}
	}
	return d
}

func (ua *UA) named(d dialogName) *Leg {
	l := ua.leg(legKey{d.callID, d.ours})
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == over {
		return nil
	}
	if l.dialog.remoteTag != d.theirs && (l.state != proceeding || l.uac.early[d.theirs] == nil) {
		return nil
	}
	return l
}
