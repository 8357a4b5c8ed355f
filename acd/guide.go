package acd

import "time"

// Exit is where a caller goes from a queue or a menu: Say first, then one of
// the others; none of them: the call is ended.
type Exit struct {
	Say                 []string
	Queue, Menu, Number string
}

// Menu lets callers choose by a key. It is immutable and shared.
type Menu struct {
	Prompt    []string
	Keys      map[byte]Exit
	Invalid   []string
	Nothing   []string
	Timeout   time.Duration
	Repeats   int
	Otherwise Exit
}

// Guiding is what a Guide wants done.
type Guiding struct {
	Hush bool     // what is being said ends at once
	Say  []string // none: nothing more is said
	Exit *Exit    // the caller goes there now; its Say has been said
}

// Guide leads one caller through a menu, or tells it something on its way out.
// It is pure. Whoever speaks tells by Ended that what was to be said has been.
//
//	idle ── Open ─▶ prompting ─▶ listening ── time is up, wrong key ─▶ excusing ─▶ prompting
//	 │                  │ a key       │ a key                              │ no repeats left
//	 └── Leave ─▶ leaving ◀───────────┴────────────────────────────────────┘
type Guide struct {
	menu  *Menu
	stage guideStage
	due   time.Duration // of the key, while listening; 0 else
	tries int           // prompts that led to nothing
	exit  Exit          // while leaving
}

type guideStage uint8

const (
	guideIdle guideStage = iota
	guidePrompting
	guideListening
	guideExcusing
	guideLeaving
)

var guideNames = [...]string{"idle", "prompting", "listening", "excusing", "leaving"}

func (s guideStage) String() string { return guideNames[s] }

// Open begins a menu.
func (g *Guide) Open(m *Menu) Guiding {
	*g = Guide{menu: m, stage: guidePrompting}
	return Guiding{Hush: true, Say: m.Prompt}
}

// Leave tells the caller what x says and then gives x.
func (g *Guide) Leave(x Exit) Guiding {
	*g = Guide{menu: g.menu, stage: guideLeaving, exit: x}
	if len(x.Say) == 0 {
		return g.gone()
	}
	return Guiding{Hush: true, Say: x.Say}
}

func (g *Guide) gone() Guiding {
	x := g.exit
	g.stage = guideIdle
	return Guiding{Exit: &x}
}

// Deadline is when Due wants to be called; 0: never.
func (g *Guide) Deadline() time.Duration { return g.due }

// Ended: what was last to be said has been.
func (g *Guide) Ended(now Instant) Guiding {
	switch g.stage {
	case guidePrompting:
		g.stage, g.due = guideListening, now.Mono+g.menu.Timeout
	case guideExcusing:
		return g.again()
	case guideLeaving:
		return g.gone()
	}
	return Guiding{}
}

// Key takes a key of the caller's, also during the prompt.
func (g *Guide) Key(key byte) Guiding {
	if g.stage != guidePrompting && g.stage != guideListening {
		return Guiding{}
	}
	g.due = 0
	if x, ok := g.menu.Keys[key]; ok {
		do := g.Leave(x)
		do.Hush = true
		return do
	}
	return g.excuse(g.menu.Invalid)
}

// Due: no key came in time.
func (g *Guide) Due(now Instant) Guiding {
	if g.stage != guideListening || now.Mono < g.due {
		return Guiding{}
	}
	g.due = 0
	return g.excuse(g.menu.Nothing)
}

// excuse says what was wrong and has the menu begin anew, as often as it may.
func (g *Guide) excuse(say []string) Guiding {
	g.tries++
	g.stage = guideExcusing
	if len(say) == 0 {
		return g.again()
	}
	return Guiding{Hush: true, Say: say}
}

func (g *Guide) again() Guiding {
	if g.tries > g.menu.Repeats {
		return g.Leave(g.menu.Otherwise)
	}
	g.stage = guidePrompting
	return Guiding{Hush: true, Say: g.menu.Prompt}
}

// Leading reports whether the guide has the caller.
func (g *Guide) Leading() bool { return g.stage != guideIdle }
