package exchange

import (
	"sync"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/queue"
	"switchroom/sip"
)

// inboxMax bounds what a call may have before it. A call hears a handful of
// things a second at most; one that is this far behind is being flooded by its
// peer, and what does not end a leg is dropped and counted.
const inboxMax = 256

// message is one thing that another room says to a call. Exactly one of its
// parts is meant, by kind. Those that are rarer than what a leg says lie outside:
// a call's inbox holds few messages, and makes room for them once.
type message struct {
	kind  messageKind
	party *party // whose leg or media it is about
	sip   sip.Event
	media *media.Event
	offer *queue.Offer
	in    *acd.CallInput
	ask   func(*call) // on the call's goroutine; nil call: it is over
}

type messageKind uint8

const (
	fromSIP messageKind = iota
	fromMedia
	fromQueue
	fromControl
	fromFloor // an agent's or a supervisor's wish
)

// vital messages are never dropped: a leg's end and an offer come once.
func (m *message) vital() bool {
	switch m.kind {
	case fromSIP:
		return m.sip.Kind == sip.Ended || m.sip.Kind == sip.Failed || m.sip.Kind == sip.Answered
	case fromMedia:
		return m.media.Kind == media.Closed || m.media.Kind == media.Fault
	default:
		return true
	}
}

// inbox is where a call is told things. put may be called from any goroutine
// and never blocks; take belongs to the call's goroutine.
type inbox struct {
	ready chan struct{} // holds a token while something may be there

	mu      sync.Mutex
	waiting []message
	spare   []message
	dropped int
	closed  bool
}

func newInbox() inbox { return inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(m message) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		if m.ask != nil {
			m.ask(nil)
		}
		return
	}
	if len(b.waiting) >= inboxMax && !m.vital() {
		b.dropped++
		b.mu.Unlock()
		return
	}
	b.waiting = append(b.waiting, m)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// take returns all that is there, valid until the next take.
func (b *inbox) take() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.waiting
	clear(b.spare[:cap(b.spare)])
	b.waiting, b.spare = b.spare[:0], got
	return got
}

// close ends the inbox with its call. Who still waits for a word is told that
// there will be none.
func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	left := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	for _, m := range left {
		if m.ask != nil {
			m.ask(nil)
		}
	}
}
