package sip

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// contactsMax is how many contacts an account may have; a further one takes
// the place of the oldest.
const contactsMax = 5

// binding is one contact of an account, reached by the flow it registered on.
type binding struct {
	set     *bindings
	account string
	contact string // URI, the Request-URI of calls to it
	flow    flow
	callID  string
	seq     uint32
	updated time.Time
	expires time.Time
	nat     bool
	timer   timer
}

// bindings are all contacts of all accounts. turn is held over a change and
// its report, so that reports come in the order of the changes.
type bindings struct {
	ua   *UA
	turn sync.Mutex

	mu        sync.RWMutex
	byAccount map[string][]*binding // the newest last
	byRemote  map[netip.AddrPort][]*binding
	addrs     map[netip.Addr]int
}

func newBindings(ua *UA) *bindings {
	return &bindings{ua: ua, byAccount: map[string][]*binding{},
		byRemote: map[netip.AddrPort][]*binding{}, addrs: map[netip.Addr]int{}}
}

// newest is the contact that a call to account goes to; nil: none.
func (s *bindings) newest(account string) *binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if list := s.byAccount[account]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

func (s *bindings) of(account string) []*binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.byAccount[account])
}

// at tells whether some binding is at an address.
func (s *bindings) at(a netip.Addr) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.addrs[a] > 0
}

// has tells whether account has a binding at an address.
func (s *bindings) has(account string, a netip.Addr) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, b := range s.byAccount[account] {
		if b.flow.remote.Addr() == a {
			return true
		}
	}
	return false
}

// accountsAt are those whose phones have registered on a flow.
func (s *bindings) accountsAt(f flow) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var accounts []string
	for _, b := range s.byRemote[f.remote] {
		if b.flow.reliable() == f.reliable() && !slices.Contains(accounts, b.account) {
			accounts = append(accounts, b.account)
		}
	}
	return accounts
}

func (s *bindings) len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, list := range s.byAccount {
		n += len(list)
	}
	return n
}

// clear forgets all bindings and reports nothing: the UA has stopped.
func (s *bindings) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byAccount)
	clear(s.byRemote)
	clear(s.addrs)
}

// put adds or refreshes a contact and drops the oldest beyond the cap.
func (s *bindings) put(b *binding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, old := range slices.Clone(s.byAccount[b.account]) {
		if old.contact == b.contact {
			s.removeLocked(old)
		}
	}
	if list := s.byAccount[b.account]; len(list) >= contactsMax {
		s.removeLocked(list[0])
	}
	s.byAccount[b.account] = append(s.byAccount[b.account], b)
	s.byRemote[b.flow.remote] = append(s.byRemote[b.flow.remote], b)
	s.addrs[b.flow.remote.Addr()]++
	b.nat = b.behindNAT()
	s.ua.timers.set(&b.timer, b, b.due(b.updated))
}

// remove takes a contact out; false when it was gone.
func (s *bindings) remove(b *binding) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removeLocked(b)
}

func (s *bindings) removeLocked(b *binding) bool {
	list := s.byAccount[b.account]
	i := slices.Index(list, b)
	if i < 0 {
		return false
	}
	if list = slices.Delete(list, i, i+1); len(list) == 0 {
		delete(s.byAccount, b.account)
	} else {
		s.byAccount[b.account] = list
	}
	remote := b.flow.remote
	near := slices.DeleteFunc(s.byRemote[remote], func(o *binding) bool { return o == b })
	if len(near) == 0 {
		delete(s.byRemote, remote)
	} else {
		s.byRemote[remote] = near
	}
	if s.addrs[remote.Addr()]--; s.addrs[remote.Addr()] <= 0 {
		delete(s.addrs, remote.Addr())
	}
	s.ua.timers.set(&b.timer, b, time.Time{})
	return true
}

// natEvery is how often a phone behind a UDP NAT is sent something, so that the
// way to it stays open: such a mapping lasts 30 s at the least of them.
const natEvery = 25 * time.Second

// behindNAT: the contact is not where the phone speaks from.
func (b *binding) behindNAT() bool {
	t, err := parseTarget(b.contact)
	return b.flow.packet != nil && (err != nil || t.addr != b.flow.remote.Addr() || t.port != b.flow.remote.Port())
}

// due is when the binding needs something: a keep-alive, or to be ended.
func (b *binding) due(now time.Time) time.Time {
	if at := now.Add(natEvery); b.nat && at.Before(b.expires) {
		return at
	}
	return b.expires
}

// expire ends a contact that was not refreshed in time, or keeps the way to it
// open.
func (b *binding) expire(now time.Time) {
	if now.Before(b.expires) {
		b.set.mu.Lock()
		live := slices.Contains(b.set.byAccount[b.account], b)
		if live {
			b.set.ua.timers.set(&b.timer, b, b.due(now))
		}
		b.set.mu.Unlock()
		if live {
			_ = b.flow.send(pingText) // RFC 5626 3.5.1 has STUN for it; phones take this
		}
		return
	}
	b.set.drop([]*binding{b}, "expired", bindingExpired)
}

// streamLost ends the contacts that were reached by a connection.
func (s *bindings) streamLost(st *stream) {
	s.mu.RLock()
	var lost []*binding
	for _, b := range s.byRemote[st.remote] {
		if b.flow.stream == st {
			lost = append(lost, b)
		}
	}
	s.mu.RUnlock()
	if len(lost) > 0 {
		s.drop(lost, "connection", unregistered)
	}
}

// drop removes contacts and reports the accounts that have none left.
func (s *bindings) drop(list []*binding, why string, r reason) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for _, b := range list {
		if s.remove(b) {
			s.ua.count(r)
			s.report(b, why)
		}
	}
}

// report tells the core what a removed contact means. turn is held.
func (s *bindings) report(b *binding, why string) {
	if s.newest(b.account) == nil {
		s.ua.core.Registration(Registration{Account: b.account, Contact: b.contact,
			Source: b.flow.String(), Reason: why})
	}
}

// keep drops the contacts of accounts that a new plan no longer has.
func (s *bindings) keep(p *plan) {
	s.mu.RLock()
	var gone []*binding
	for account, list := range s.byAccount {
		if p.accounts[account] == nil {
			gone = append(gone, list...)
		}
	}
	s.mu.RUnlock()
	if len(gone) > 0 {
		s.drop(gone, "removed", unregistered)
	}
}
