package sip

import "fmt"

// Whether signalling is encrypted counts for who puts keys into a body: SDES
// (RFC 4568) is as secret as the way its description takes.

// Secure tells whether the leg's signalling to and from the peer is over TLS. It
// says nothing of the hops beyond it.
func (l *Leg) Secure() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flow.secure()
}

func (f flow) secure() bool { return f.stream != nil && f.stream.secure }

// over settles the body for the way that was found.
func (d *Dial) over(f flow) error {
	switch {
	case f.secure() && d.SecureSDP != nil:
		d.SDP = d.SecureSDP
	case d.Secure && !f.secure():
		return fmt.Errorf("%w: the way is %s", ErrInsecure, f.transport())
	}
	return nil
}
