package configs

import (
	"regexp"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Treatment is what callers of a queue meet before an agent has them. Prompts
// are named; Config.Sounds has those that are files.
type Treatment struct {
	Greeting []string // on entering the queue
	Notice   []string // before the greeting, when the call is recorded; no sample is kept before its end
	Music    string   // "": the built-in music
	Announce Announce
	Escape   map[string]Exit // by the key that a waiting caller presses
	Hours    string          // calendar, or "": always open
	Closed   *Exit           // out of hours
	Holiday  *Exit           // nil: Closed
	Empty    *Exit           // nobody who could take the call is logged in; nil: it waits
	Full     *Exit           // no room; nil: Overflow, or refused
	Expired  *Exit           // waited for MaxWait; nil: Overflow, or released
	Whisper  string          // one of Whispers
}

// Announce is what is said over the music while a caller waits.
type Announce struct {
	First, Every   time.Duration // Every 0: nothing is
	Position, Wait bool          // the caller's place, the time it may still take
	Prompts        []string      // after them, one each time, in turn
}

// Exit is where a caller goes from a queue or a menu: what is said first, then
// at most one of the others; none: released.
type Exit struct {
	Say                 []string
	Queue, Menu, Number string
}

// Menu lets callers choose by a key.
type Menu struct {
	ID, Client string
	Prompt     []string
	Keys       map[string]Exit
	Invalid    []string      // said after a key that is none of Keys
	Nothing    []string      // said when no key came
	Timeout    time.Duration // for a key, after the prompt
	Repeats    int           // how often the prompt is said anew
	Otherwise  Exit          // after the last repeat
}

// Whispers says how the agent hears which client calls: over the first moments
// of the call, before it is connected, or not at all.
var Whispers = []string{"over", "before", "never"}

func (d *decoder) treatment(m *mapping, q *Queue) {
	t := &q.Treatment
	t.Greeting = d.prompts(m, "greeting", &q.Client)
	t.Notice = d.prompts(m, "recording_notice", &q.Client)
	d.prompt(m, "music", &t.Music, &q.Client)
	if a := m.section("announce"); a != nil {
		t.Announce = Announce{First: 30 * time.Second, Every: time.Minute}
		a.duration("first", &t.Announce.First, 0, time.Hour)
		a.duration("every", &t.Announce.Every, 5*time.Second, time.Hour)
		a.boolean("position", &t.Announce.Position)
		a.boolean("wait", &t.Announce.Wait)
		t.Announce.Prompts = d.prompts(a, "prompts", &q.Client)
		if !t.Announce.Position && !t.Announce.Wait && len(t.Announce.Prompts) == 0 {
			d.fault(a.at, "announce without anything to say: position, wait or prompts")
		}
		a.done()
	}
	t.Escape = d.keys(m, "escape", &q.Client)
	m.refer("hours", aCalendar, &t.Hours)
	for key, dst := range map[string]**Exit{"closed": &t.Closed, "holiday": &t.Holiday, "empty": &t.Empty, "full": &t.Full, "expired": &t.Expired} {
		if m.has(key) {
			*dst = new(Exit)
			**dst = d.exit(m, key, &q.Client)
		} else {
			m.take(key)
		}
	}
	m.choice("whisper", &t.Whisper, Whispers)
	for _, key := range []string{"closed", "holiday"} {
		if m.has(key) && t.Hours == "" {
			d.fault(m.place(key), "%s without hours: the queue is always open", key)
		}
	}
	if t.Hours != "" && t.Closed == nil {
		t.Closed = &Exit{Say: []string{"closed"}}
		if t.Holiday == nil {
			t.Holiday = &Exit{Say: []string{"holiday"}}
		}
	}
}

// exit reads where a caller goes. client is read by the time it is checked.
func (d *decoder) exit(m *mapping, key string, client *string) (x Exit) {
	section := m.section(key)
	if section == nil {
		return x
	}
	defer section.done()
	x.Say = d.prompts(section, "say", client)
	section.refer("queue", aQueue, &x.Queue)
	section.refer("menu", aMenu, &x.Menu)
	read(section, "number", &x.Number, dialled)
	n := 0
	for _, to := range []string{x.Queue, x.Menu, x.Number} {
		if to != "" {
			n++
		}
	}
	if n > 1 {
		d.fault(section.at, "%s leads to several places: one of queue, menu and number is wanted, or none to release the caller", key)
	}
	return x
}

var keyPattern = regexp.MustCompile(`^[0-9*#]$`)

// keys reads what each key of a telephone does.
func (d *decoder) keys(m *mapping, key string, client *string) map[string]Exit {
	section := m.section(key)
	if section == nil {
		return nil
	}
	keys := map[string]Exit{}
	for i := range section.entries {
		e := &section.entries[i]
		e.taken = true
		if !keyPattern.MatchString(e.key) {
			d.fault(e.at, "%s names the key %s: 0 to 9, * and # are wanted, in quotes", key, quote(e.key))
			continue
		}
		asked := d.asked
		d.asked = nil // a key of a telephone is none of the configuration's
		keys[e.key] = d.exit(section, e.key, client)
		d.asked = asked
	}
	return keys
}

func (d *decoder) menu(m *mapping) Menu {
	v := Menu{Timeout: 5 * time.Second, Repeats: 2, Invalid: []string{"menu-invalid"}, Nothing: []string{"menu-nothing"}}
	client := new(string)
	m.define(aMenu, &v.ID)
	m.refer("client", aClient, client)
	v.Client = *client
	v.Prompt = d.prompts(m, "prompt", client)
	v.Keys = d.keys(m, "keys", client)
	if m.has("invalid") {
		v.Invalid = d.prompts(m, "invalid", client)
	} else {
		m.take("invalid")
		d.builtIn(m.at, v.Invalid, client)
	}
	if m.has("nothing") {
		v.Nothing = d.prompts(m, "nothing", client)
	} else {
		m.take("nothing")
		d.builtIn(m.at, v.Nothing, client)
	}
	m.duration("timeout", &v.Timeout, time.Second, time.Minute)
	m.integer("repeats", &v.Repeats, 0, 10)
	v.Otherwise = d.exit(m, "otherwise", client)
	if len(v.Prompt) == 0 || len(v.Keys) == 0 {
		d.fault(m.at, "menu %s needs a prompt, which tells callers the keys, and keys", quote(v.ID))
	}
	return v
}

// nodes gives what stands under key: a list, or one value as a list of one.
func (m *mapping) nodes(key string) []ast.Node {
	if n := m.value(key); n != nil {
		if _, list := n.(*ast.SequenceNode); !list && m.has(key) {
			m.take(key)
			return []ast.Node{n}
		}
	}
	return m.items(key)
}
