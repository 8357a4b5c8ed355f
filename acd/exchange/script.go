package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/configs"
)

// script is what callers of a queue are told; nil for nothing.
func (p *plan) script(q configs.Queue, client string) *acd.Script {
	t := &q.Treatment
	a := &t.Announce
	if len(t.Notice)+len(t.Greeting) == 0 && a.Every == 0 {
		return nil
	}
	return &acd.Script{Language: p.languageOf(client), Notice: t.Notice, Greeting: t.Greeting,
		First: a.First, Every: a.Every, Position: a.Position, Wait: a.Wait, Turn: a.Prompts}
}

func menusOf(cfg *configs.Config) map[string]*acd.Menu {
	all := make(map[string]*acd.Menu, len(cfg.Menus))
	for _, m := range cfg.Menus {
		menu := &acd.Menu{Prompt: m.Prompt, Keys: map[byte]acd.Exit{}, Invalid: m.Invalid, Nothing: m.Nothing,
			Timeout: m.Timeout, Repeats: m.Repeats, Otherwise: acd.Exit(m.Otherwise)}
		for key, exit := range m.Keys {
			menu.Keys[key[0]] = acd.Exit(exit)
		}
		all[m.ID] = menu
	}
	return all
}

// place is where the call stands in its queue, and how long it may still take.
func (c *call) place() acd.Place {
	at := acd.Place{Wait: -1}
	if c.seat == nil {
		return at
	}
	at.Position = c.x.queue.Position(c.seat)
	g := c.queue.look(c.x, c.x.clock.now().Mono)
	if g.samples > 0 && at.Position > 0 {
		// What one that enters now, behind all others, would wait.
		at.Wait = g.wait * time.Duration(at.Position) / time.Duration(max(g.waiting+1, at.Position))
	}
	return at
}

// outlook is what is known of a queue's waits.
type outlook struct {
	at      time.Duration
	wait    time.Duration // of one that enters now: as likely shorter as longer
	waiting int
	samples int
}

// outlookFor is how long an outlook is good for: it takes a look at every call.
const outlookFor = time.Second

// look gives the queue's outlook, at most as old as that.
func (q *queuePlan) look(x *Exchange, now time.Duration) outlook {
	if o := q.seen.Load(); o != nil && now-o.at < outlookFor {
		return *o
	}
	g := x.queue.Gauges(q.class)
	o := &outlook{at: now, wait: g.ExpectedWait.P50, waiting: g.Waiting, samples: g.ExpectedWait.Samples}
	q.seen.Store(o)
	return *o
}
