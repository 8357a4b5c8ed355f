package configs

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// kind is what an id can be the id of.
type kind string

const (
	aClient kind = "client"
	aSite   kind = "site"
	aTrunk  kind = "trunk"
	aQueue  kind = "queue"
	anAgent kind = "agent"
	aNumber kind = "number"
	aPeer   kind = "peer"
	aLogin  kind = "login"

	aCalendar kind = "calendar"
	aMenu     kind = "menu"
	aPhone    kind = "phone"
	aWebhook  kind = "webhook"
)

// reference is a place that names something defined elsewhere.
type reference struct {
	to kind
	id string
	at place
}

// idPattern is what every id is made of. Ids appear in SIP user parts, in
// metrics and in paths of the API.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func identifier(s string) (string, error) {
	if idPattern.MatchString(s) {
		return s, nil
	}
	return "", errors.New("an id is up to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit")
}

// define reads the id of a new thing of the kind.
func (m *mapping) define(k kind, dst *string) {
	m.need("id", fmt.Sprintf("every %s has an id", k))
	read(m, "id", dst, identifier)
	if *dst == "" {
		return
	}
	at := m.place("id")
	if m.d.ids[k] == nil {
		m.d.ids[k] = map[string]place{}
	}
	if first, twice := m.d.ids[k][*dst]; twice {
		m.d.fault(at, "%s %s stands twice, first in line %d: ids are unique", k, quote(*dst), first.line)
		return
	}
	m.d.ids[k][*dst] = at
}

// refer reads the id of a thing that must be defined somewhere in the text.
// The empty text refers to nothing.
func (m *mapping) refer(key string, to kind, dst *string) {
	read(m, key, dst, func(s string) (string, error) { return s, nil })
	if *dst != "" {
		m.d.refs = append(m.d.refs, reference{to: to, id: *dst, at: m.place(key)})
	}
}

// referAll reads a list of ids, none of them twice.
func (m *mapping) referAll(key string, to kind) []string {
	var ids []string
	for _, n := range m.items(key) {
		id, ok := m.d.text(n, key)
		if !ok {
			continue
		}
		if slices.Contains(ids, id) {
			m.d.fault(position(n), "%s names %s twice: once is enough", key, quote(id))
			continue
		}
		ids = append(ids, id)
		m.d.refs = append(m.d.refs, reference{to: to, id: id, at: position(n)})
	}
	return ids
}

// resolve checks all references, then what depends on several sections.
func (d *decoder) resolve(c *Config) {
	for _, r := range d.refs {
		if _, ok := d.ids[r.to][r.id]; !ok {
			d.fault(r.at, "there is no %s %s: %s", r.to, quote(r.id), d.instead(r.to, r.id))
		}
	}
	for _, check := range d.checks {
		check(c)
	}
}

// instead says which id of a kind could have been meant.
func (d *decoder) instead(k kind, id string) string {
	return instead(string(k), id, slices.Sorted(maps.Keys(d.ids[k])))
}

func instead(what, id string, known []string) string {
	near := nearest(id, known)
	switch {
	case near != "":
		return fmt.Sprintf("did you mean %q?", near)
	case len(known) == 0:
		return fmt.Sprintf("no %s is defined", what)
	case len(known) > 8:
		return fmt.Sprintf("%d are defined, %s the first", len(known), known[0])
	}
	return "defined are " + strings.Join(known, ", ")
}

// skills reads a mapping of skills to levels.
func (m *mapping) skills(key string) (map[string]int, map[string]place) {
	section := m.section(key)
	if section == nil {
		return nil, nil
	}
	levels, places := map[string]int{}, map[string]place{}
	for i := range section.entries {
		e := &section.entries[i]
		e.taken = true
		if !skillPattern.MatchString(e.key) {
			m.d.fault(e.at, "skill %s: a skill's name is up to 64 letters, digits and . _ -", quote(e.key))
			continue
		}
		n := e.value
		if n == nil || n.Type() == ast.NullType {
			m.d.fault(e.at, "skill %s has no level: give one from %d to %d", quote(e.key), MinLevel, MaxLevel)
			continue
		}
		level := 0
		m.d.integer(n, e.key, &level, MinLevel, MaxLevel)
		levels[e.key], places[e.key] = level, e.at
	}
	return levels, places
}

// skillPattern lets a skill be named in any script.
var skillPattern = regexp.MustCompile(`^[\pL\pN][\pL\pN\pM._-]{0,63}$`)
