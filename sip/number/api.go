package number

import "errors"

// ErrInvalid is wrapped by every error of Parse.
var ErrInvalid = errors.New("number: invalid")

// MaxLen bounds a number (E.164 has 15 digits; prefixes and names need more).
const MaxLen = 64

// Number is a party's number.
type Number struct {
	Number    string // "+498912345", "4008001234", "*51", "8001", "alice"; "" when anonymous or absent
	Global    bool   // begins with '+': E.164
	Name      bool   // holds letters: an extension's name, not digits
	Anonymous bool   // the party withholds its number (anonymous@anonymous.invalid and kin)
	Context   string // phone-context of a local number
	Routing   string // rn: the routing number of a ported number (RFC 4694)
	Dipped    bool   // npdi: portability was looked up
	Subaddr   string // isub
	Ext       string // ext
}

// Parse reads a sip:, sips: or tel: URI, as in a Request-URI, From, To,
// P-Asserted-Identity or Diversion, without angle brackets.
func Parse(uri string) (Number, error) { return Number{}, ErrInvalid }

// Normalise reads the user part alone: percent escapes undone once, visual
// separators and ";..." removed, '+' kept.
func Normalise(user string) (string, error) { return "", ErrInvalid }

// Equal reports whether two numbers are the same but for a leading '+'.
func Equal(a, b string) bool { return a == b }
