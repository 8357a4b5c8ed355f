package sip

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// Admission says what sources may do that are no trunk's.
type Admission struct {
	// Deny gets nothing from us, whatever else it is.
	Deny []netip.Prefix
	// Phones are the networks that phones may register from; none: from anywhere.
	Phones []netip.Prefix
	// Refuse has requests of strangers answered with 403, without state and within
	// a budget; they are dropped without a word otherwise.
	Refuse bool
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// mayRegister tells whether a phone may register from an address.
func (p *plan) mayRegister(a netip.Addr) bool {
	return len(p.admission.Phones) == 0 || within(p.admission.Phones, a)
}

// standing is what a source address may do. It is judged before a message is
// parsed.
type standing uint8

const (
	// stranger: may register, within a budget, and gets nothing else.
	stranger standing = iota
	// acquaintance: somewhere we have sent a request to; it may answer, and
	// speak within its dialogs.
	acquaintance
	// phone: the address of a binding or a fixed contact.
	phone
	// carrier: a trunk's peer.
	carrier
)

// admit judges a source.
func (ua *UA) admit(source netip.AddrPort) standing {
	addr := source.Addr()
	switch {
	case ua.trunkAt(addr) != nil:
		return carrier
	case ua.bindings.at(addr), ua.spots.Load().names[addr] != nil:
		return phone
	case ua.dialled.has(addr):
		return acquaintance
	}
	return stranger
}

var registerStart = []byte("REGISTER ")

// admits judges one message of a source before it is parsed. Of strangers those
// go through that may begin something: a phone that is not yet registered, a trunk
// that is going to authenticate, and others where they are owed a refusal; each
// kind within a budget for each address.
func (ua *UA) admits(f flow, from standing, raw []byte) bool {
	p, addr, now := ua.plan.Load(), f.remote.Addr(), time.Now()
	switch {
	case within(p.admission.Deny, addr):
		ua.count(droppedDenied)
		return false
	case from == carrier:
		return true
	case from != stranger:
		if ua.crowd.allow(addr, now) || ongoing(raw) && ua.talk.allow(addr, now) {
			return true
		}
		ua.count(droppedThrottled)
		return false
	}
	budget := ua.introductions
	switch {
	case bytes.HasPrefix(raw, registerStart) && p.mayRegister(addr):
		budget = ua.strangers
	case !p.introduces(raw) && !(p.admission.Refuse && !bytes.HasPrefix(raw, responseStart)):
		ua.count(droppedStranger)
		return false
	}
	if !budget.allow(addr, now) {
		ua.count(droppedThrottled)
		return false
	}
	return true
}

var responseStart = []byte("SIP/2.0 ")

// goesOn are messages by which calls that are up go on and end. They have a budget
// of their own, so that nobody's calls hang on a source that has used up the other.
var goesOn = [][]byte{responseStart, []byte("ACK "), []byte("BYE "), []byte("CANCEL "), []byte("PRACK ")}

func ongoing(raw []byte) bool {
	return slices.ContainsFunc(goesOn, func(start []byte) bool { return bytes.HasPrefix(raw, start) })
}

// snub deals with a stranger's request as it is owed: with nothing, or a refusal.
func (ua *UA) snub(in *request) {
	ua.count(droppedStranger)
	if ua.plan.Load().admission.Refuse {
		in.decline(403)
	}
}

// takeStranger handles what a source may ask that nobody knows.
func (ua *UA) takeStranger(now time.Time, in *request, leg **Leg) *Leg {
	switch {
	case in.Method == sipgo.REGISTER && ua.plan.Load().mayRegister(in.flow.remote.Addr()):
		ua.takeRegister(now, in)
	case in.toTag() != "" || in.Method == sipgo.ACK:
		ua.count(droppedStray)
	case in.Method == sipgo.INVITE:
		return ua.takeInvite(now, in, leg)
	case in.Method == sipgo.OPTIONS:
		if ua.proven(now, in) != nil {
			ua.takeOptions(in)
		}
	default:
		ua.snub(in)
	}
	return nil
}

// caller tells who a source is when it calls. Trunks and phones may share an
// address: a phone that gives its name at exactly where it is known goes first,
// then a trunk, then whatever phone is known there, then one of that name that
// is known behind the address.
func (ua *UA) caller(in *request) (*trunk, string) {
	p, spots, remote := ua.plan.Load(), ua.spots.Load(), in.flow.remote
	id := unescape(in.From().Address.User)
	here := append(ua.bindings.accountsAt(in.flow), spots.contacts[remote]...)
	if slices.Contains(here, id) {
		return nil, id
	}
	if t := ua.trunkCalling(in); t != nil {
		return t, ""
	}
	if len(here) > 0 {
		return nil, here[0]
	}
	if p.accounts[id] != nil && (ua.bindings.has(id, remote.Addr()) || spots.names[remote.Addr()][id]) {
		return nil, id
	}
	return nil, ""
}

// acquaintances counts, per address, the legs and registrations of ours that
// lead there.
type acquaintances struct {
	mu    sync.Mutex
	count map[netip.Addr]int
}

func (q *acquaintances) has(a netip.Addr) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count[a] > 0
}

func (q *acquaintances) add(a netip.Addr, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.count[a] += n; q.count[a] <= 0 {
		delete(q.count, a)
	}
}
