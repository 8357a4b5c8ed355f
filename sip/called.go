package sip

import "switchroom/sip/number"

// called is whom an INVITE is for. A carrier that we are registered at may call
// the user of our Contact: then it says in P-Called-Party-ID (RFC 7315 4.2) or
// else in To which of our numbers was dialled.
func (in *request) called(t *trunk) (number.Number, error) {
	n, err := number.Parse(in.uri())
	if t == nil || err != nil {
		return n, err
	}
	user := t.user()
	if user == "" || unescape(in.Recipient.User) != user {
		return n, err
	}
	for _, uri := range []string{bracketed(in.header("p-called-party-id")), in.To().Address.String()} {
		if other, err := number.Parse(uri); err == nil && other.Number != "" {
			return other, nil
		}
	}
	return n, nil
}
