package wire

// Classes of bytes of RFC 3261 25.1.
const (
	classToken   uint8 = 1 << iota // token
	classUser                      // of a URI's user part, '%' apart
	classParam                     // of a URI parameter, '%' apart
	classHeader                    // of a URI header, '%' apart
	classHost                      // of a host name
	classVisible                   // printable ASCII without space
)

var classes = func() (c [256]uint8) {
	mark := func(class uint8, set string) {
		for i := range len(set) {
			c[set[i]] |= class
		}
	}
	const (
		alphanum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		marks    = "-_.!~*'()"
	)
	mark(classToken, alphanum+"-.!%*_+`'~")
	mark(classUser, alphanum+marks+"&=+$,;?/#") // '#' belongs to numbers that phones dial, though the RFC wants it escaped
	mark(classParam, alphanum+marks+"[]/:&+$")
	mark(classHeader, alphanum+marks+"[]/?:+$;") // ';' stands in the Replaces of a Refer-To of many a phone
	mark(classHost, alphanum+"-._")
	for b := 0x21; b < 0x7f; b++ {
		c[b] |= classVisible
	}
	return c
}()

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func isSpace(b byte) bool   { return b == ' ' || b == '\t' }
func isDigit(b byte) bool   { return '0' <= b && b <= '9' }
func isControl(b byte) bool { return b < 0x20 && b != '\t' || b == 0x7f }

func isHex(b byte) bool {
	return isDigit(b) || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}

// all tells whether s is not empty and of one class.
func all(s string, class uint8) bool {
	for i := range len(s) {
		if classes[s[i]]&class == 0 {
			return false
		}
	}
	return s != ""
}

// escaped tells whether s is made of bytes of a class and %HH; it may be empty.
func escaped(s string, class uint8) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
			i += 2
		case classes[s[i]]&class == 0:
			return false
		}
	}
	return true
}

// digits reads a decimal number up to limit; leading zeros are allowed.
func digits(s string, limit uint64) (n uint64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		if n = n*10 + uint64(s[i]-'0'); n > limit {
			return 0, false
		}
	}
	return n, true
}

func trim(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
