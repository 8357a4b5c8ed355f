package wire

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
)

// Limits on one message. What exceeds them is refused, never cut.
const (
	MaxMessage = 16 << 10 // bytes, body included
	MaxFields  = 256      // header fields in all
	MaxPerKind = 64       // values of one header; 64 Via pass
	MaxParams  = 64       // parameters of one value
	MaxTag     = 256      // bytes of a tag, a branch or a Call-ID's worth of text
)

// Rules are what the receiver of a message can do; they decide 405, 415, 420
// and 501. Immutable once in use.
type Rules struct {
	Methods    []string // spoken here, for Allow; others get 405 (known to us) or 501
	Extensions []string // option tags that Require may name
	Multipart  bool     // multipart bodies may come in (trusted trunks only)
	Stream     bool     // came over TCP or TLS: Content-Length is a must
	MaxMessage int      // bytes; 0: MaxMessage. Smaller before authentication
}

// Action is what to do with a message.
type Action uint8

const (
	Accept  Action = iota // go on with it
	Refuse                // a request: answer with Verdict.Status
	Discard               // say nothing
)

// Verdict says what a message is owed.
type Verdict struct {
	Action      Action
	Status      int      // Refuse: 400, 405, 406, 413, 415, 416, 420, 483, 501, 505, 513
	Reason      string   // Refuse: the reason phrase
	Fault       Fault    // why; for counters and logs
	Unsupported []string // 420: what of Require is unknown here
	Close       bool     // stream: its framing is no longer to be trusted; close after answering
	Stateless   bool     // answer without a transaction: its key cannot be trusted
}

// Fault names a reason, constant per kind, fit for a counter's label.
type Fault string

// Message is a message as read.
type Message struct {
	Request  *sip.Request  // set when a request could be represented; method as written
	Response *sip.Response // set when a response could be represented
	Verdict  Verdict
	Echo     *Echo // Refuse: what the answer has to repeat
}

// Echo is what an answer repeats of a request, in canonical form where it could
// be read and as received (control characters removed) where not.
type Echo struct {
	Via                    []string
	From, To, CallID, CSeq string
}

// Parse reads one whole message (a datagram, or what a Splitter gave).
func Parse(raw []byte, rules *Rules) Message { return Message{} }

// Canonicalise gives raw in the canonical form that sipgo's parser reads
// rightly: raw itself when it is canonical already (nothing is copied), else
// the form appended to into[:0]. It reports false when raw is not made of a
// start line and header fields at all.
func Canonicalise(raw, into []byte) ([]byte, bool) { return raw, true }

// Header is one header field to be written.
type Header struct{ Name, Value string }

// EchoOf collects what an answer to req repeats.
func EchoOf(req *sip.Request) *Echo { return &Echo{} }

// AppendReply appends a whole response without a body, made without state: the
// To tag is a function of the request, so that repetitions get the same
// (RFC 3261 8.2.7); received and rport are filled in from source (RFC 3581).
func AppendReply(dst []byte, e *Echo, source netip.AddrPort, status int, reason string, headers ...Header) []byte {
	return dst
}

// AppendRefusal is AppendReply with what a Refuse verdict asks for: Allow with
// 405 and 501, Unsupported with 420, Accept with 415 and 406.
func AppendRefusal(dst []byte, m *Message, source netip.AddrPort, rules *Rules) []byte { return dst }

// ServerKey names the server transaction that req belongs to; ACK's is its
// INVITE's. Requests of RFC 2543 elements (no cookie in the branch) get a key
// made of the fields of 17.2.3.
func ServerKey(req *sip.Request) txn.Key { return txn.Key{} }

// ClientKey names the client transaction that res belongs to.
func ClientKey(res *sip.Response) txn.Key { return txn.Key{} }

// SDP is the session description in a message's body, taken out of a multipart
// body where need be; nil: there is none.
func SDP(msg sip.Message) []byte { return nil }

// Escape makes text fit for a log line: at most 256 bytes of printable ASCII,
// everything else as \xNN or \u escapes, and "..." where it was cut.
func Escape(text string) string { return "" }

// Seconds reads delta-seconds, saturating at 1<<32-1 (RFC 3261 20.19).
func Seconds(text string) (uint32, bool) { return 0, false }

// Splitter cuts a stream into messages by Content-Length (RFC 3261 18.3). It
// holds at most one message. Not safe for concurrent use.
type Splitter struct{}

// NewSplitter makes one for a stream whose messages are at most max bytes; 0:
// MaxMessage.
func NewSplitter(max int) *Splitter { return &Splitter{} }

// Frame is what Next found.
type Frame uint8

const (
	More   Frame = iota // nothing whole yet: read on
	Whole               // a message
	Ping                // a double CRLF outside a message: answer with CRLF (RFC 5626 3.5.1)
	Broken              // a message whose end cannot be known; answer what Parse says and close
)

// Write adds bytes read from the stream.
func (s *Splitter) Write(p []byte) {}

// Next takes the next thing out; the bytes are valid until the next Write.
func (s *Splitter) Next() (Frame, []byte) { return More, nil }

// Pending reports whether part of a message is held: the owner closes a stream
// on which that lasts (10 s).
func (s *Splitter) Pending() bool { return false }
