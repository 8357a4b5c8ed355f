package disktest

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Crash returns the disk as a power cut at this moment could have left it: of
// what was not synced, any part is there, in whole or torn. The disk itself
// goes on.
func (m *Memory) Crash(rng *rand.Rand) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	entries := maps.Clone(m.durable)
	for _, c := range m.changes {
		if rng.IntN(2) == 0 {
			settle(entries, c)
		}
	}
	after := New(m.free)
	copies := make(map[*inode]*inode)
	for name, node := range entries {
		if copies[node] == nil {
			b := node.crash(rng)
			copies[node] = &inode{data: b, durable: slices.Clone(b)}
		}
		after.entries[name] = copies[node]
		after.durable[name] = copies[node]
	}
	return after
}

// Copy returns the disk as a killed process leaves it: nothing is missing.
func (m *Memory) Copy() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := New(m.free)
	for name, node := range m.entries {
		n := &inode{data: slices.Clone(node.data), durable: slices.Clone(node.data)}
		after.entries[name], after.durable[name] = n, n
	}
	return after
}

func (n *inode) crash(rng *rand.Rand) []byte {
	b := slices.Clone(n.durable)
	for _, w := range n.pending {
		switch rng.IntN(4) {
		case 0: // lost
			continue
		case 1: // torn
			if w.size < 0 && len(w.data) > 1 {
				w.data = w.data[:rng.IntN(len(w.data))]
			}
		case 2: // only the size came through: the blocks hold zeros
			if w.size < 0 && int(w.at) >= len(b) {
				w.data = make([]byte, len(w.data))
			}
		}
		b = w.apply(b)
	}
	return b
}

// Names lists the files there are.
func (m *Memory) Names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.entries))
}
