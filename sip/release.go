package sip

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// releaseJump is how far behind the CSeq that was kept a BYE's lies: further
// than a leg gets with requests that Standing was not told anew for. A higher
// number than expected is no error (RFC 3261 12.2.2).
const releaseJump = 1 << 12

// Release says BYE in a dialog that an earlier run of the process had up. done
// hears once, on whatever goroutine: the status that the peer answered with, or
// an error when it cannot be reached or did not answer within 64*T1. It may be
// called before Run, which is what takes the answer.
func (ua *UA) Release(d Standing, cause Cause, done func(status int, err error)) {
	l, f, err := ua.revive(&d)
	if err != nil {
		done(0, fmt.Errorf("release dialog %s: %w", d.CallID, err))
		return
	}
	seq := l.dialog.localSeq
	if seq < 1<<31-2*releaseJump {
		l.dialog.localSeq += releaseJump
	}
	out := l.compose("BYE")
	var t text
	reasonLine(&t, cause)
	out.extra = t
	var creds *credentials
	if l.trunk != nil {
		creds = l.trunk.credentials()
	}
	// The peer may be no trunk and not registered yet: it may answer, though.
	ua.dialled.add(f.remote.Addr(), 1)
	end := sync.OnceFunc(func() { ua.dialled.add(f.remote.Addr(), -1) })
	ua.ask(time.Now(), nil, f, out, creds, func(_ *exchange, a answer) {
		switch {
		case a.res == nil:
			end()
			done(0, fmt.Errorf("release dialog %s: %w", d.CallID, a.err))
		case a.res.StatusCode >= 200:
			end()
			done(a.res.StatusCode, nil)
		}
	})
}

// revive makes of what was kept a leg that requests can be written for, and
// the way they take. Nobody else ever sees that leg.
func (ua *UA) revive(d *Standing) (*Leg, flow, error) {
	for _, s := range append([]string{d.CallID, d.Local, d.Remote, d.Target}, d.Routes...) {
		if s == "" || !clean(s) {
			return nil, flow{}, fmt.Errorf("%w: %q", ErrHeader, s)
		}
	}
	l := &Leg{ua: ua, id: d.Leg, account: d.Account, trunk: ua.plan.Load().trunks[d.Trunk],
		dialog: dialog{callID: d.CallID, local: d.Local, remote: d.Remote, target: d.Target, routes: d.Routes, localSeq: d.Seq}}
	l.flow.remote = d.Peer
	if d.Transport == "UDP" {
		f, err := ua.flowTo("UDP", d.Peer, "", ua.packetAt(d.Socket))
		if err != nil {
			return nil, flow{}, err
		}
		l.flow = f
		f, err = l.route(&l.dialog)
		return l, f, err
	}
	// The connection died with its process. A new one leads to where the peer
	// said it listens, if that is its own address, else to where it was.
	to := d.Peer
	if hop, err := parseTarget(l.dialog.hop()); err == nil && hop.addr.IsValid() && l.reaches(hop.addr) {
		to = netip.AddrPortFrom(hop.addr, hop.port)
	}
	f, err := ua.flowTo(d.Transport, to, d.Name, nil)
	return l, f, err
}

// packetAt is our UDP socket of an address; nil when there is none any more.
func (ua *UA) packetAt(local string) *packetSocket {
	for _, s := range ua.packets {
		if s.local.String() == local {
			return s
		}
	}
	return nil
}
