package txn

import "strings"

// Cookie begins the branch of every element that follows RFC 3261 (8.1.1.7).
const Cookie = "z9hG4bK"

// Key names a transaction among those of one side. It is comparable; messages
// of one transaction have equal keys (17.1.3, 17.2.3).
type Key struct{ Branch, SentBy, Method string }

// ServerKey is the key of a request received: the branch and sent-by of its top
// Via and its method, an ACK having its INVITE's. A CANCEL has its own; the
// transaction it means has Cancels of its key. sentBy is host[:port].
func ServerKey(branch, sentBy, method string) Key {
	if method == "ACK" {
		method = "INVITE"
	}
	return Key{Branch: branch, SentBy: strings.ToLower(sentBy), Method: method}
}

// ClientKey is the key of a response received: the branch of its only Via,
// which is ours, and the method of CSeq.
func ClientKey(branch, method string) Key {
	return Key{Branch: branch, Method: method}
}

// Legacy are the fields by which requests of RFC 2543 elements are matched,
// whose branches are not unique (17.2.3). The top Via is compared as a whole.
type Legacy struct {
	Via, CallID, FromTag string
	Sequence             string // CSeq's number
}

// LegacyKey is the key of a request whose branch lacks the cookie. Request-URI
// and To tag, which the RFC compares too, tell nothing apart that Via, Call-ID,
// From tag and CSeq do not, and the ACK's To tag differs from the INVITE's.
func LegacyKey(l Legacy, method string) Key {
	branch := strings.Join([]string{l.CallID, l.FromTag, l.Sequence}, "\x00")
	return ServerKey(branch, l.Via, method)
}

// Cancels is the key of the INVITE transaction that a CANCEL with key k means.
func (k Key) Cancels() Key {
	k.Method = "INVITE"
	return k
}
