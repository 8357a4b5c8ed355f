package number

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInvalid is wrapped by every error of Parse and Normalise.
var ErrInvalid = errors.New("number: invalid")

// MaxLen is the longest number there may be, in bytes. E.164 has 15 digits;
// prefixes, routing codes and names need more.
const MaxLen = 64

// Number is a party's number as a URI tells it.
type Number struct {
	Number    string // "+498912345", "4008001234", "*51", "alice"; "" when withheld or absent
	Global    bool   // begins with '+': E.164
	Name      bool   // an extension's name: it holds letters or the like
	Anonymous bool   // withheld (anonymous@anonymous.invalid and its kin, RFC 3323 4.1.1.3)
	Context   string // phone-context of a local number: a domain, or the digits it is local to
	Routing   string // rn: where a ported number is to be routed (RFC 4694)
	Dipped    bool   // npdi: portability was already looked up
	Subaddr   string // isub: ISDN subaddress
	Ext       string // ext: extension behind the number
}

// Parse reads a sip:, sips: or tel: URI as it stands in a Request-URI, From, To,
// P-Asserted-Identity or Diversion, without angle brackets. A SIP URI without a
// user is a Number whose Number is empty. Parameters of the number are read
// where RFC 3966 puts them, in the user part, and where many carriers put them,
// after the host.
func Parse(uri string) (Number, error) {
	scheme, rest, found := strings.Cut(uri, ":")
	if !found {
		return Number{}, fmt.Errorf("%w: no scheme", ErrInvalid)
	}
	switch {
	case strings.EqualFold(scheme, "sip"), strings.EqualFold(scheme, "sips"):
		return parseSIP(rest)
	case strings.EqualFold(scheme, "tel"):
		return parseTel(rest)
	}
	return Number{}, fmt.Errorf("%w: neither sip nor tel", ErrInvalid)
}

func parseTel(s string) (Number, error) {
	s, _, _ = strings.Cut(s, "?")
	user, params, _ := strings.Cut(s, ";")
	var n Number
	if err := n.set(user); err != nil {
		return Number{}, err
	}
	if n.Name || n.Number == "" {
		return Number{}, fmt.Errorf("%w: a tel URI has digits", ErrInvalid)
	}
	if err := n.readParams(params); err != nil {
		return Number{}, err
	}
	return n, nil
}

func parseSIP(s string) (Number, error) {
	user, hostpart, found := strings.Cut(s, "@")
	if !found {
		user, hostpart = "", s
	}
	hostpart, _, _ = strings.Cut(hostpart, "?")
	host, uriParams, _ := strings.Cut(hostpart, ";")
	user, userParams, _ := strings.Cut(user, ";")
	user, _, _ = strings.Cut(user, ":")
	var n Number
	if isWithheld(user, host) {
		n.Anonymous = true
		return n, nil
	}
	if err := n.set(user); err != nil {
		return Number{}, err
	}
	for _, params := range [...]string{userParams, uriParams} {
		if err := n.readParams(params); err != nil {
			return Number{}, err
		}
	}
	return n, nil
}

func (n *Number) set(user string) error {
	if user == "" {
		return nil
	}
	number, err := Normalise(user)
	if err != nil {
		return err
	}
	n.Number = number
	n.Global = number[0] == '+'
	n.Name = !isDialable(number)
	return nil
}

// isWithheld knows the users and hosts by which a number is withheld.
func isWithheld(user, host string) bool {
	name, _, _ := strings.Cut(host, ":")
	if strings.EqualFold(name, "anonymous.invalid") {
		return true
	}
	for _, w := range [...]string{"anonymous", "restricted", "unavailable", "unknown"} {
		if strings.EqualFold(user, w) {
			return true
		}
	}
	return false
}

// Equal reports whether two numbers, as Parse and Normalise give them, are the
// same but for a leading '+', which carriers send or leave out. The empty number
// equals none.
func Equal(a, b string) bool {
	a, b = strings.TrimPrefix(a, "+"), strings.TrimPrefix(b, "+")
	return a != "" && a == b
}
