package trace

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	shards = 16
	// longest is how much of one message is kept; the rest is cut off.
	longest = 4096
	// named is how many conversations' names are remembered for each MiB.
	named = 512
)

// Message is one SIP message as it was on the wire, but for what was struck
// out.
type Message struct {
	At        time.Time
	Sent      bool // by us
	Transport string
	Local     netip.AddrPort // zero where a socket is bound to any address
	Peer      netip.AddrPort
	CallID    string
	Text      string
	Cut       int // bytes that were too many
}

// Store is a ring of messages. The zero value and nil keep nothing.
type Store struct {
	seed  maphash.Seed
	parts [shards]part
	names names
}

// part is the messages of a sixteenth of all Call-IDs.
type part struct {
	mu   sync.Mutex
	ring []byte // texts, one after another
	at   int    // where the next one goes
	kept []note // oldest first
}

// note is where a message lies.
type note struct {
	Message
	hash     uint64
	from, to int // in ring; a message never wraps
}

// New makes a store of about size bytes; below 256 KiB it keeps nothing.
func New(size int) *Store {
	s := &Store{seed: maphash.MakeSeed()}
	if size < 256<<10 {
		return s
	}
	for i := range s.parts {
		s.parts[i].ring = make([]byte, size/shards)
	}
	s.names.max = max(64, size>>20*named)
	return s
}

// Add keeps a message that belongs to a call; what registers, asks whether we
// are there, or has no Call-ID is let go. m.Text and m.CallID are not looked
// at: raw has them, and is not kept.
func (s *Store) Add(m Message, raw []byte) {
	if s == nil || s.parts[0].ring == nil {
		return
	}
	id, ok := callOf(raw)
	if !ok {
		return
	}
	m.Cut = max(0, len(raw)-longest)
	hash := maphash.Bytes(s.seed, id)
	p := &s.parts[hash%shards]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(m, hash, raw[:len(raw)-m.Cut])
}

func (p *part) add(m Message, hash uint64, raw []byte) {
	room := min(len(raw)+len(raw)/8+64, len(p.ring)) // what is put in for what is struck out may be longer
	if p.at+room > len(p.ring) {
		p.forget(p.at, len(p.ring))
		p.at = 0
	}
	p.forget(p.at, p.at+room)
	n := note{Message: m, hash: hash, from: p.at}
	n.to = n.from + len(appendClean(p.ring[n.from:n.from:n.from+room], raw))
	p.at = n.to
	p.kept = append(p.kept, n)
}

// forget drops the notes whose texts lie in [from,to). Texts are laid down in
// order, so they are among the oldest.
func (p *part) forget(from, to int) {
	i := 0
	for i < len(p.kept) && p.kept[i].from < to && from < p.kept[i].to {
		i++
	}
	p.kept = p.kept[i:]
}

// Dialogs gives what is kept of these Call-IDs, in the order of time.
func (s *Store) Dialogs(ids ...string) []Message {
	if s == nil {
		return nil
	}
	var all []Message
	for _, id := range ids {
		hash := maphash.Bytes(s.seed, []byte(id))
		all = s.parts[hash%shards].find(all, hash, id)
	}
	slices.SortStableFunc(all, func(a, b Message) int { return a.At.Compare(b.At) })
	return all
}

func (p *part) find(all []Message, hash uint64, id string) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.kept {
		if n.hash != hash {
			continue
		}
		raw := p.ring[n.from:n.to]
		if have, _ := callOf(raw); string(have) != id {
			continue
		}
		m := n.Message
		m.CallID, m.Text = id, string(raw)
		all = append(all, m)
	}
	return all
}
