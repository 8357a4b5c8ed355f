package configs

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// mapping is one mapping of the text being read. Each reader takes one key of
// it; done then reports the keys nobody took, and knows from the readers which
// ones there could have been.
type mapping struct {
	d       *decoder
	at      place
	name    string // what it is, for faults: "queue", "" at the top
	entries []entry
	known   []string
}

type entry struct {
	key   string
	at    place // of the key
	value ast.Node
	taken bool
}

// mapping opens n, or reports that it isn't a mapping and returns nil.
func (d *decoder) mapping(n ast.Node, name string) *mapping {
	m := &mapping{d: d, at: position(n), name: name}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			m.add(v)
		}
	case *ast.MappingValueNode:
		m.add(n)
	default:
		what := "the configuration"
		if name != "" {
			what = name
		}
		d.fault(m.at, "%s is %s: a mapping of keys to values is wanted", what, found(n))
		return nil
	}
	return m
}

// add takes in one key with its value. A key that stands twice is a fault, and
// its first value counts.
func (m *mapping) add(v *ast.MappingValueNode) {
	at := position(v.Key)
	switch v.Key.(type) {
	case *ast.StringNode, *ast.IntegerNode:
	default:
		m.d.fault(at, "a key is a plain name; anchors, aliases, merges and complex keys are not read here")
		return
	}
	key := v.Key.GetToken().Value
	if i := slices.IndexFunc(m.entries, func(e entry) bool { return e.key == key }); i >= 0 {
		first := m.entries[i].at
		name, _, _ := strings.Cut(key, ":")
		m.d.fault(at, "key %s stands twice, first in line %d: keep one", quote(name), first.line)
		return
	}
	m.entries = append(m.entries, entry{key: key, at: at, value: v.Value})
}

// take gives the value under key and marks the key as known. A key without a
// value is as if it weren't there.
func (m *mapping) take(key string) (entry, bool) {
	m.known = append(m.known, key)
	if m.d.asked != nil {
		m.d.asked(key)
	}
	for i := range m.entries {
		if e := &m.entries[i]; e.key == key {
			e.taken = true
			return *e, e.value != nil && e.value.Type() != ast.NullType
		}
	}
	return entry{}, false
}

// has says whether key stands there with a value, without taking it.
func (m *mapping) has(key string) bool {
	n := m.value(key)
	return n != nil && n.Type() != ast.NullType
}

// value gives the node under key without taking it, nil when there is none.
func (m *mapping) value(key string) ast.Node {
	for _, e := range m.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// word gives the plain text under key without taking it.
func (m *mapping) word(key string) (string, bool) {
	s, ok := m.value(key).(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

// filled says whether key has a value that isn't the empty text, which for an
// optional key is as good as none.
func (m *mapping) filled(key string) bool {
	s, text := m.value(key).(*ast.StringNode)
	return m.has(key) && !(text && s.Value == "")
}

// place gives where the value under key begins, or the mapping itself.
func (m *mapping) place(key string) place {
	if n := m.value(key); n != nil {
		return position(n)
	}
	return m.at
}

// need reports that key must be there and isn't.
func (m *mapping) need(key, want string) {
	if !m.filled(key) {
		m.d.fault(m.at, "%s without %s: %s", m.nameOr("the configuration"), key, want)
	}
}

func (m *mapping) nameOr(top string) string {
	if m.name == "" {
		return top
	}
	return m.name
}

// done reports every key that no reader asked for.
func (m *mapping) done() {
	for _, e := range m.entries {
		if e.taken {
			continue
		}
		in := ""
		if m.name != "" {
			in = " in " + m.name
		}
		if before, _, stuck := strings.Cut(e.key, ":"); stuck { // the rest may be a secret
			m.d.fault(e.at, "unknown key %s%s: a space is wanted behind the colon", quote(before+":..."), in)
			continue
		}
		if near := nearest(e.key, m.known); near != "" {
			m.d.fault(e.at, "unknown key %s%s: did you mean %q?", quote(e.key), in, near)
		} else {
			m.d.fault(e.at, "unknown key %s%s: known are %s", quote(e.key), in, strings.Join(m.known, ", "))
		}
	}
}

// section reads the mapping under key; nil when there is none.
func (m *mapping) section(key string) *mapping {
	e, ok := m.take(key)
	if !ok {
		return nil
	}
	return m.d.mapping(e.value, key)
}

// items gives the elements of the list under key.
func (m *mapping) items(key string) []ast.Node {
	e, ok := m.take(key)
	if !ok {
		return nil
	}
	list, ok := e.value.(*ast.SequenceNode)
	if !ok {
		m.d.fault(position(e.value), "%s is %s: a list is wanted", key, found(e.value))
		return nil
	}
	return list.Values
}

// each reads the list of mappings under key; name is what one element is.
func each[T any](m *mapping, key, name string, read func(*mapping) T) []T {
	var all []T
	for _, n := range m.items(key) {
		if element := m.d.mapping(n, name); element != nil {
			all = append(all, read(element))
			element.done()
		}
	}
	return all
}
