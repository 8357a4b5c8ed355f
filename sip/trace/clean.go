package trace

import "bytes"

// callOf finds a message's Call-ID, and whether it is of a call: a REGISTER is
// not, nor is an OPTIONS, by which peers ask whether we are there.
func callOf(raw []byte) (id []byte, ok bool) {
	for line := range lines(raw) {
		name, value, has := bytes.Cut(line, []byte{':'})
		if !has {
			if len(bytes.TrimSpace(line)) == 0 {
				break
			}
			continue
		}
		name, value = bytes.TrimSpace(name), bytes.TrimSpace(value)
		switch {
		case is(name, "call-id", "i"):
			if id == nil {
				id = value
			}
		case is(name, "cseq", ""):
			_, method, _ := bytes.Cut(value, []byte{' '})
			if method = bytes.TrimSpace(method); string(method) == "REGISTER" || string(method) == "OPTIONS" {
				return nil, false
			}
		}
	}
	return id, len(id) > 0
}

// lines yields raw line by line, without the ends of the lines.
func lines(raw []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(raw) > 0 {
			line, rest, _ := bytes.Cut(raw, []byte{'\n'})
			if !yield(bytes.TrimSuffix(line, []byte{'\r'})) {
				return
			}
			raw = rest
		}
	}
}

func is(name []byte, long, short string) bool {
	return len(name) == len(long) && bytes.EqualFold(name, []byte(long)) ||
		len(short) > 0 && len(name) == len(short) && bytes.EqualFold(name, []byte(short))
}

var struck = []byte("(struck out)")

// secret headers prove who somebody is, or help to guess it.
var secret = []string{"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info", "identity"}

// appendClean appends raw without what is secret: digest credentials, the keys
// of encrypted media (RFC 4568), and pressed keys in the body of an INFO. It
// stops at dst's capacity.
func appendClean(dst, raw []byte) []byte {
	put := func(b []byte) {
		dst = append(dst, b[:min(len(b), cap(dst)-len(dst))]...)
	}
	body, hide, keys := false, false, false
	first := true
	for line := range lines(raw) {
		switch {
		case first:
			put(line)
		case body && keys:
			if len(bytes.TrimSpace(line)) > 0 {
				put(struck)
			}
		case body:
			put(cleanBody(line))
		case len(line) == 0:
			body = true
		case line[0] == ' ' || line[0] == '\t': // the header goes on
			if !hide {
				put(line)
			}
		default:
			name, value, _ := bytes.Cut(line, []byte{':'})
			name = bytes.TrimSpace(name)
			if hide = isSecret(name); hide {
				put(name)
				put([]byte(": "))
				put(struck)
			} else {
				put(line)
			}
			keys = keys || is(name, "content-type", "c") && bytes.Contains(bytes.ToLower(value), []byte("dtmf"))
		}
		first = false
		put([]byte("\r\n"))
	}
	return dst
}

// cleanBody leaves a description's or a key event's line as it is unless it
// holds a key; of a media key the tag and the suite stay.
func cleanBody(line []byte) []byte {
	switch {
	case bytes.HasPrefix(line, []byte("a=crypto:")):
		f := bytes.Fields(line)
		return bytes.Join(append(f[:min(len(f), 2):min(len(f), 2)], struck), []byte{' '})
	case bytes.HasPrefix(line, []byte("k=")):
		return append([]byte("k="), struck...)
	case len(line) >= 6 && bytes.EqualFold(line[:6], []byte("signal")):
		return struck
	}
	return line
}

func isSecret(name []byte) bool {
	for _, s := range secret {
		if is(name, s, "") {
			return true
		}
	}
	return false
}
