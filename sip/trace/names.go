package trace

import (
	"slices"
	"sync"
)

// names tells which Call-IDs belong to one conversation.
type names struct {
	mu    sync.Mutex
	max   int // conversations
	calls map[string][]string
	order []string // conversations, oldest first
}

// most is how many dialogs of one conversation are remembered.
const most = 64

// Name notes that the dialogs of a Call-ID are part of a conversation.
func (s *Store) Name(conversation, callID string) {
	if s == nil || s.names.max == 0 {
		return
	}
	n := &s.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls == nil {
		n.calls = make(map[string][]string)
	}
	ids, known := n.calls[conversation]
	if len(ids) >= most || slices.Contains(ids, callID) {
		return
	}
	n.calls[conversation] = append(ids, callID)
	if known {
		return
	}
	n.order = append(n.order, conversation)
	if len(n.order) > n.max {
		delete(n.calls, n.order[0])
		n.order = n.order[1:]
	}
}

// Conversation gives what is kept of all dialogs of a conversation, in the
// order of time; nil if nothing is.
func (s *Store) Conversation(id string) []Message {
	if s == nil {
		return nil
	}
	s.names.mu.Lock()
	ids := slices.Clone(s.names.calls[id])
	s.names.mu.Unlock()
	return s.Dialogs(ids...)
}
