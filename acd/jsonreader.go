package acd

import (
	"strconv"
	"time"
)

// jsonReader reads compact JSON. What it does not expect makes it odd, and it
// reads nothing from then on.
type jsonReader struct {
	b     []byte
	at    int
	first bool // no element of the innermost list or object was read yet
	odd   bool
}

// begin enters an object or a list.
func (r *jsonReader) begin(c byte) {
	r.byte(c)
	r.first = true
}

// next goes to the next element, or over the end.
func (r *jsonReader) next(end byte) bool {
	if r.odd || r.at >= len(r.b) {
		r.odd = true
		return false
	}
	switch {
	case r.b[r.at] == end:
		r.at++
		r.first = false
		return false
	case !r.first:
		r.byte(',')
	}
	r.first = false
	return !r.odd
}

func (r *jsonReader) byte(c byte) {
	if r.odd || r.at >= len(r.b) || r.b[r.at] != c {
		r.odd = true
		return
	}
	r.at++
}

func (r *jsonReader) word(w string) bool {
	if r.odd || len(r.b)-r.at < len(w) || string(r.b[r.at:r.at+len(w)]) != w {
		r.odd = true
		return false
	}
	r.at += len(w)
	return true
}

// null steps over a null, if there is one.
func (r *jsonReader) null() bool {
	if r.odd || r.at >= len(r.b) || r.b[r.at] != 'n' {
		return false
	}
	return r.word("null")
}

func (r *jsonReader) key() []byte {
	k := r.plain()
	r.byte(':')
	return k
}

// plain reads a string that holds nothing but printable ASCII, and neither
// quotes nor backslashes.
func (r *jsonReader) plain() []byte {
	r.byte('"')
	if r.odd {
		return nil
	}
	for i := r.at; i < len(r.b); i++ {
		switch c := r.b[i]; {
		case c == '"':
			s := r.b[r.at:i]
			r.at = i + 1
			return s
		case c < ' ' || c == '\\' || c > '~':
			r.odd = true
			return nil
		}
	}
	r.odd = true
	return nil
}

func (r *jsonReader) text() string { return string(r.plain()) }

// number reads the characters of a number; what they mean is not judged.
func (r *jsonReader) number() []byte {
	from := r.at
	for r.at < len(r.b) {
		switch c := r.b[r.at]; {
		case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E':
			r.at++
			continue
		}
		break
	}
	if r.at == from {
		r.odd = true
	}
	return r.b[from:r.at]
}

func (r *jsonReader) int() int64 {
	n, err := strconv.ParseInt(string(r.number()), 10, 64)
	r.odd = r.odd || err != nil
	return n
}

func (r *jsonReader) uint() uint64 {
	n, err := strconv.ParseUint(string(r.number()), 10, 64)
	r.odd = r.odd || err != nil
	return n
}

func (r *jsonReader) float() float64 {
	f, err := strconv.ParseFloat(string(r.number()), 64)
	r.odd = r.odd || err != nil
	return f
}

func (r *jsonReader) time() time.Time {
	var t time.Time
	if text := r.plain(); r.odd || t.UnmarshalText(text) != nil {
		r.odd = true
	}
	return t
}

func (r *jsonReader) moment() *time.Time {
	if r.null() {
		return nil
	}
	t := r.time()
	return &t
}

// raw reads a value of any kind without judging what is inside of it.
func (r *jsonReader) raw() []byte {
	from, depth, quoted := r.at, 0, false
	for ; !r.odd && r.at < len(r.b); r.at++ {
		c := r.b[r.at]
		switch {
		case quoted && c == '\\':
			r.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return r.b[from:r.at]
		case c == '}' || c == ']':
			depth--
		}
	}
	r.odd = true
	return nil
}
