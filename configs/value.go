package configs

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// digits is a number that reads the same as the text it was written as.
var digits = regexp.MustCompile(`^\+?[0-9]+$`)

// text gives a node's text as written. An integer counts as one, so that an id
// or a telephone number needs no quotes: nothing of it is lost.
func (d *decoder) text(n ast.Node, key string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode:
		if digits.MatchString(n.Token.Value) {
			return n.Token.Value, true
		}
	}
	d.fault(position(n), "%s is %s: a text is wanted, in quotes where YAML would take it for something else", key, found(n))
	return "", false
}

// read gives the text under key to parse and stores what it makes of it. An
// error of parse says what would be right.
func read[T any](m *mapping, key string, dst *T, parse func(string) (T, error)) {
	e, ok := m.take(key)
	if !ok {
		return
	}
	text, ok := m.d.text(e.value, key)
	if !ok {
		return
	}
	v, err := parse(text)
	if err != nil {
		m.d.fault(position(e.value), "%s is %s: %v", key, quote(text), err)
		return
	}
	*dst = v
}

// secret reads a text that no fault may show. The empty text is none.
func (m *mapping) secret(key string, dst *string) {
	e, ok := m.take(key)
	if !ok {
		return
	}
	text, ok := m.d.text(e.value, key)
	if !ok || text == "" {
		return
	}
	if _, err := printable(text); err != nil {
		m.d.fault(position(e.value), "%s: %v", key, err)
		return
	}
	*dst = text
}

// printable accepts a text of one line, not empty and of bounded length.
func printable(s string) (string, error) {
	switch {
	case s == "":
		return "", errors.New("empty: leave the key out or give it a value")
	case len(s) > 256:
		return "", errors.New("longer than 256 bytes")
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", errors.New("a control character or line break in it: write it on one line")
	case s != strings.TrimSpace(s):
		return "", errors.New("a space at its beginning or end: leave it out")
	}
	return s, nil
}

// optional lets a parser pass the empty text.
func optional(parse func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == "" {
			return "", nil
		}
		return parse(s)
	}
}

// duration reads a duration of at least low and at most high.
func (m *mapping) duration(key string, dst *time.Duration, low, high time.Duration) {
	read(m, key, dst, func(s string) (time.Duration, error) {
		v, err := days(s)
		switch {
		case err != nil && digits.MatchString(s):
			return 0, fmt.Errorf("a duration has a unit, such as %ss", s)
		case err != nil:
			return 0, errors.New("a duration is wanted, such as 15s, 500ms or 5m")
		case v < low || v > high:
			return 0, fmt.Errorf("from %s to %s is wanted", short(low), short(high))
		}
		return v, nil
	})
}

// short writes a duration as one would in a configuration: 5m, not 5m0s.
func short(d time.Duration) string {
	switch {
	case d == Forever:
		return "forever"
	case d > 2*day && d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// integer reads a whole number of at least low and at most high.
func (m *mapping) integer(key string, dst *int, low, high int) {
	if e, ok := m.take(key); ok {
		m.d.integer(e.value, key, dst, low, high)
	}
}

func (d *decoder) integer(n ast.Node, key string, dst *int, low, high int) {
	at := position(n)
	whole, ok := n.(*ast.IntegerNode)
	if !ok {
		d.fault(at, "%s is %s: a whole number from %d to %d is wanted, without quotes", key, found(n), low, high)
		return
	}
	// Decimal as written: YAML would read 010 as eight.
	text := whole.Token.Value
	v, err := strconv.Atoi(text)
	if err != nil || v < low || v > high {
		d.fault(at, "%s is %s: a whole number from %d to %d is wanted", key, quote(text), low, high)
		return
	}
	*dst = v
}

// boolean reads true or false.
func (m *mapping) boolean(key string, dst *bool) {
	e, ok := m.take(key)
	if !ok {
		return
	}
	b, ok := e.value.(*ast.BoolNode)
	if !ok {
		m.d.fault(position(e.value), "%s is %s: true or false is wanted", key, found(e.value))
		return
	}
	*dst = b.Value
}

// choice reads one of a few words.
func (m *mapping) choice(key string, dst *string, words []string) {
	read(m, key, dst, func(s string) (string, error) {
		for _, w := range words {
			if s == w {
				return w, nil
			}
		}
		if near := nearest(s, words); near != "" {
			return "", fmt.Errorf("did you mean %q? It is one of %s", near, strings.Join(words, ", "))
		}
		return "", fmt.Errorf("it is one of %s", strings.Join(words, ", "))
	})
}
