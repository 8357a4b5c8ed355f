package exchange

import "switchroom/queue"

// names gives the configuration's words the small numbers that the queue
// counts with. A word keeps its number over reloads.
type names struct {
	sites  map[string]queue.Site
	skills map[string]queue.Skill
	queues map[string]queue.QueueID
}

func newNames() names {
	return names{sites: map[string]queue.Site{}, skills: map[string]queue.Skill{}, queues: map[string]queue.QueueID{}}
}

// numberOf gives word its number in m, the next free one if it has none.
func numberOf[N ~uint16](m map[string]N, word string) N {
	n, ok := m[word]
	if !ok {
		n = N(len(m))
		m[word] = n
	}
	return n
}
