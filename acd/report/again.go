package report

import (
	"slices"
	"time"
)

// returnMax bounds how long after a report's span calls are looked for that
// came back.
const returnMax = 31 * 24 * time.Hour

// Contact is one call that an agent answered, and whose matter may have been
// settled by it.
type Contact struct {
	Queue, Client, Site, Agent, Trunk string
	Caller                            string // without its plus; "": withheld
	Started, Ended                    time.Time
}

type contact struct {
	party
	ended time.Time
	rows  []*Row
}

// party is a caller as a client knows it.
type party struct{ client, caller string }

// Contact counts a call by whose caller settled matters are judged; it belongs
// to the interval in which it ended. A caller who withholds the number can't be
// known again, and is not judged.
func (b *Builder) Contact(c Contact) {
	if b.q.Return <= 0 || c.Caller == "" {
		return
	}
	rows := b.at(c.Ended, b.key(c.Queue, c.Client, c.Site, c.Agent, c.Trunk))
	if rows == nil {
		return
	}
	b.contacts = append(b.contacts, contact{party{c.Client, c.Caller}, c.Ended, rows})
}

// Returning is how long after its span the builder has to be told who called.
func (b *Builder) Returning() time.Duration { return b.q.Return }

// Came says that a caller called a client; whatever became of it.
func (b *Builder) Came(client, caller string, at time.Time) {
	p := party{client, caller}
	b.came[p] = append(b.came[p], at)
}

// Awaited lists the callers of whom it is not known yet whether they came back,
// each once.
func (b *Builder) Awaited() []string {
	var all []string
	seen := map[string]bool{}
	b.order()
	for _, c := range b.contacts {
		if !seen[c.caller] && !b.back(c) {
			seen[c.caller] = true
			all = append(all, c.caller)
		}
	}
	return all
}

// order puts the times of each caller's calls in order.
func (b *Builder) order() {
	for _, times := range b.came {
		slices.SortFunc(times, time.Time.Compare)
	}
}

// back tells whether the caller called again; the times are in order.
func (b *Builder) back(c contact) bool {
	times := b.came[c.party]
	i, _ := slices.BinarySearchFunc(times, c.ended, time.Time.Compare)
	return i < len(times) && times[i].Sub(c.ended) <= b.q.Return
}

// settle finds the contacts after which nobody came back.
func (b *Builder) settle() {
	b.order()
	for _, c := range b.contacts {
		again := b.back(c)
		for _, row := range c.rows {
			row.Contacts++
			if again {
				row.Returned++
			}
		}
	}
	b.contacts = nil
}
