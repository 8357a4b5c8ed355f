// Package wire turns bytes from the network into SIP messages and says what
// each is owed. It stands between a socket and everyone who believes what a
// message says:
//
//	stream --> Splitter --+
//	                      +--> Parse: Canonicalise --> scan --> build --> owed --> Message
//	datagram -------------+           lexical form    fields    syntax    status
//
// Canonicalise is lenient about how a message is written (folds, white space,
// case, compact names, lists), the reader behind it is strict about what it
// says. The reader fills in sipgo's message types itself instead of running
// sipgo's parser over the text: that one drops tags with white space before
// them, lets the second of two parameters or headers win, splits quoted values
// at ';' and writes mapped IPv6 addresses without brackets, so the validator
// and the user would see different messages. A test holds both readers to the
// same result on canonical text.
//
// A request with the verdict Accept has Via, From and To, one of them with a tag, Call-ID and
// CSeq, no second one of what may stand once, well-formed addresses and numbers
// within range, a method, a URI scheme, extensions and a body that the Rules
// know; its serialisation parses to itself. What is not accepted carries a
// status to answer with, or nothing is said: to an ACK, a response, or a request
// without Via.
//
// Whether the sender may speak at all is decided before Parse; which dialog,
// transaction or account a message belongs to, and whether its number exists,
// after it. The package owns no socket, timer, goroutine or log. Functions may
// be called from any goroutine; nothing returned refers to the caller's buffer.
package wire
