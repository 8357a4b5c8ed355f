package wire

// rewriter writes a text that mostly equals its input: as long as it does,
// nothing is copied; at the first difference what was written so far moves to
// buf.
type rewriter struct {
	in      string
	n       int // bytes of in written, until differs
	differs bool
	buf     []byte
}

func (w *rewriter) put(s string) {
	if !w.differs {
		if end := w.n + len(s); end <= len(w.in) && w.in[w.n:end] == s {
			w.n = end
			return
		}
		w.diverge()
	}
	w.buf = append(w.buf, s...)
}

func (w *rewriter) putByte(b byte) {
	if !w.differs {
		if w.n < len(w.in) && w.in[w.n] == b {
			w.n++
			return
		}
		w.diverge()
	}
	w.buf = append(w.buf, b)
}

func (w *rewriter) diverge() {
	w.differs = true
	w.buf = append(w.buf[:0], w.in[:w.n]...)
}

// text writes s with each fold as one space.
func (w *rewriter) text(s string) {
	for i := 0; i < len(s); {
		if j := lws(s, i); j > i {
			if foldIn(s[i:j]) {
				w.putByte(' ')
			} else {
				w.put(s[i:j])
			}
			i = j
			continue
		}
		j := i + 1
		for j < len(s) && s[j] > ' ' {
			j++
		}
		w.put(s[i:j])
		i = j
	}
}

// collapse writes s without the white space at its ends and with one space for
// any other run of it; quoted strings stay as they are.
func (w *rewriter) collapse(s string) {
	started := false
	for i := 0; i < len(s); {
		if j := lws(s, i); j > i {
			if started && j < len(s) {
				w.putByte(' ')
			}
			i = j
			continue
		}
		started = true
		j := i + 1
		if s[i] == '"' {
			j = endOfQuoted(s, i)
			w.text(s[i:j])
		} else {
			w.putByte(s[i])
		}
		i = j
	}
}

// separated writes s without white space around the bytes of separators, one
// space for other runs of it, and from the first ';' on the names of parameters
// in lower case (RFC 3261 7.3.1: they are not sensitive to it).
func (w *rewriter) separated(s, separators string) {
	last := byte(0)
	inName := false
	for i := 0; i < len(s); {
		if j := lws(s, i); j > i {
			if last != 0 && j < len(s) && !has(separators, last) && !has(separators, s[j]) {
				w.putByte(' ')
				last = ' '
			}
			i = j
			continue
		}
		b := s[i]
		if b == '"' {
			j := endOfQuoted(s, i)
			w.text(s[i:j])
			last, i = '"', j
			continue
		}
		switch b {
		case ';':
			inName = true
		case '=':
			inName = false
		}
		last = b
		if inName {
			b = lowerByte(b)
		}
		w.putByte(b)
		i++
	}
}

func has(set string, b byte) bool {
	for i := range len(set) {
		if set[i] == b {
			return true
		}
	}
	return false
}

// lws is the end of the run of linear white space at s[i:], folds included
// (RFC 3261 25.1); i when there is none.
func lws(s string, i int) int {
	for i < len(s) {
		switch {
		case isSpace(s[i]):
			i++
		case s[i] == '\r' && i+2 < len(s) && s[i+1] == '\n' && isSpace(s[i+2]):
			i += 3
		default:
			return i
		}
	}
	return i
}

func foldIn(s string) bool {
	for i := range len(s) {
		if s[i] == '\n' {
			return true
		}
	}
	return false
}

// trimLWS is s without linear white space at its ends.
func trimLWS(s string) string {
	s = s[lws(s, 0):]
	for s != "" {
		n := len(s)
		switch {
		case isSpace(s[n-1]):
			s = s[:n-1]
		case n >= 2 && s[n-2] == '\r' && s[n-1] == '\n':
			s = s[:n-2]
		default:
			return s
		}
	}
	return s
}

// endOfQuoted is the end of the quoted string that begins at s[i]: after its
// closing quote, or len(s) when it has none.
func endOfQuoted(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
