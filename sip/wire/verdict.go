package wire

import "github.com/emiago/sipgo/sip"

// Rules are what the receiver of a message can do; they decide 405, 415, 420,
// 501 and 513. Immutable once in use.
type Rules struct {
	Methods    []string // spoken here, for Allow; others get 405 (of some RFC) or 501
	Extensions []string // option tags that Require may name
	Multipart  bool     // multipart bodies may come in: from trusted trunks only
	Stream     bool     // came over TCP or TLS: Content-Length is a must
	MaxMessage int      // bytes; 0: MaxMessage. Less for who is not yet authenticated
}

// Action is what to do with a message.
type Action uint8

const (
	Accept  Action = iota // go on with it
	Refuse                // a request: answer with Verdict.Status
	Discard               // say nothing
)

var actionNames = [...]string{"accept", "refuse", "discard"}

func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return "action"
}

// Verdict says what a message is owed.
type Verdict struct {
	Action      Action
	Status      int      // Refuse: 400, 405, 406, 415, 416, 420, 483, 501, 505 or 513
	Reason      string   // Refuse: the reason phrase
	Fault       Fault    // why
	Unsupported []string // with 420: what of Require is unknown here, valid tokens only
	Close       bool     // stream: where the next message begins is not known; answer and close
	Stateless   bool     // answer without a transaction: there is no key to trust
}

// Message is a message as read.
type Message struct {
	// Request or Response is set when the message is accepted, and when it is
	// refused for another reason than its syntax. The method is as written.
	// Hosts, in Via too, keep the brackets of an IPv6 address. A parameter's
	// quoted value keeps its quotes unless it holds white space (sipgo adds them
	// when it writes one); see Unquote. Values of a list are headers of their
	// own. Contact() is the last one: range over GetHeaders in a REGISTER.
	Request  *sip.Request
	Response *sip.Response

	Verdict Verdict
	Echo    *Echo // Refuse: what the answer repeats
}

func accept() Verdict { return Verdict{} }

func refuse(status int, f Fault) Verdict {
	return Verdict{Action: Refuse, Status: status, Reason: Reason(status), Fault: f}
}

func discard(f Fault) Verdict { return Verdict{Action: Discard, Fault: f} }

// Reason is the phrase that belongs to a status code; "" for an unknown one.
func Reason(status int) string { return reasons[status] }

var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
	200: "OK", 202: "Accepted",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
	408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
	415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension",
	421: "Extension Required", 422: "Session Interval Too Small", 423: "Interval Too Brief",
	480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
	483: "Too Many Hops", 484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here",
	487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending", 493: "Undecipherable",
	500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
	504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large",
	600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable",
}
