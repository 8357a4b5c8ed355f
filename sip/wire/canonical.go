package wire

import (
	"strings"
	"unsafe"
)

// Canonicalise gives raw in canonical form: raw itself when it is canonical
// already (nothing is copied), else the form appended to into[:0]. It reports
// false when raw has no start line. The form is
//
//   - no line breaks before the start line, no folded lines;
//   - known headers under their long name, spelled as the RFCs spell them, a
//     colon and one space after it, no white space at the value's end;
//   - each value of Via, Contact, Route and Record-Route on a line of its own;
//   - in Via, From, To, Contact, Route, Record-Route, Refer-To and Referred-By
//     no white space around separators, names of parameters in lower case;
//   - in CSeq one space.
//
// It changes how a message is written, never what it says: what is malformed
// stays so and is the verdict's business. URIs, methods, quoted strings and the
// body are untouched.
func Canonicalise(raw, into []byte) ([]byte, bool) {
	form, _, ok := canonical(raw, into)
	return form, ok
}

// canonical is Canonicalise that gives into back, grown where it had to be.
func canonical(raw, into []byte) (form, grown []byte, ok bool) {
	// The view is read only and does not outlive the call, except as raw itself.
	in := unsafe.String(unsafe.SliceData(raw), len(raw))
	w := rewriter{in: in, buf: into[:0]}
	ok = canonicalise(&w, in)
	if w.differs {
		return w.buf, w.buf, ok
	}
	return raw[:w.n], into, ok
}

func canonicalise(w *rewriter, in string) bool {
	for strings.HasPrefix(in, "\r\n") { // RFC 3261 7.5
		in = in[2:]
	}
	start, rest, found := strings.Cut(in, "\r\n")
	if !found {
		return false
	}
	w.put(start)
	if isBareStatus(start) {
		w.putByte(' ') // a Status-Line has a space after the code, phrase or not
	}
	w.put("\r\n")
	for rest != "" {
		if strings.HasPrefix(rest, "\r\n") {
			w.put(rest) // the empty line and the body
			return true
		}
		n := fieldEnd(rest)
		w.field(strings.TrimSuffix(rest[:n], "\r\n"))
		rest = rest[n:]
	}
	return true
}

// isBareStatus tells whether a line is "SIP/2.0 200".
func isBareStatus(line string) bool {
	version, code, found := strings.Cut(line, " ")
	return found && len(code) == 3 && len(version) > 4 && strings.EqualFold(version[:4], "SIP/")
}

// fieldEnd is the length of the header field at the start of s with its folds
// and line ends.
func fieldEnd(s string) int {
	for n := 0; ; {
		i := strings.Index(s[n:], "\r\n")
		if i < 0 {
			return len(s)
		}
		n += i + 2
		if n >= len(s) || !isSpace(s[n]) {
			return n
		}
	}
}

func (w *rewriter) field(line string) {
	name, value, found := strings.Cut(line, ":")
	if !found {
		w.text(line)
		w.put("\r\n")
		return
	}
	h := lookup(trimLWS(name))
	value = trimLWS(value)
	if !h.kind.list() {
		w.value(h, value)
		return
	}
	if blankElement(value) {
		w.value(h, value)
		return
	}
	for more := true; more; {
		var element string
		element, value, more = cutElement(value)
		w.value(h, trimLWS(element))
	}
}

func (w *rewriter) value(h header, value string) {
	w.text(h.name)
	w.put(": ")
	switch {
	case h.kind == kindVia:
		w.separated(value, "/;=,:")
	case h.kind.address():
		w.address(value)
	case h.kind == kindCSeq:
		w.collapse(value)
	default:
		w.text(value)
	}
	w.put("\r\n")
}

// address writes a name-addr or addr-spec with its parameters.
func (w *rewriter) address(s string) {
	open := indexOutside(s, '<')
	if open < 0 {
		w.separated(s, ";=")
		return
	}
	end := strings.IndexByte(s[open:], '>')
	if end < 0 {
		w.text(s)
		return
	}
	end += open + 1
	if display := trimLWS(s[:open]); display != "" {
		w.collapse(display)
		w.putByte(' ')
	}
	w.text(s[open:end])
	w.separated(trimLWS(s[end:]), ";=")
}

// cutElement cuts a list at its first comma outside quotes and brackets.
func cutElement(s string) (element, rest string, found bool) {
	i := indexOutside(s, ',')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// blankElement tells whether a list has an element without content; such a list
// stays in one piece for the verdict to see.
func blankElement(s string) bool {
	for more := true; more; {
		var element string
		element, s, more = cutElement(s)
		if trimLWS(element) == "" {
			return true
		}
	}
	return false
}

// indexOutside is the index of b outside of quoted strings and, unless it is
// '<', of angle brackets; -1 when it isn't there.
func indexOutside(s string, b byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == b:
			return i
		case s[i] == '"':
			i = endOfQuoted(s, i) - 1
		case s[i] == '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}
