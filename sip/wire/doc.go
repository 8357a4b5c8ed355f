// Package wire turns bytes from the network into SIP messages and says what
// each is owed. It stands between a socket and everything that believes what a
// message says:
//
//	bytes -> Splitter (streams) -> Parse: fields -> canonical form -> sipgo's parser -> Verdict
//
// sipgo's parser answers "can it be represented"; the verdict answers "what
// status is owed". A message with the verdict Accept has every mandatory header
// once, well-formed addresses, numbers within range, a version and a method we
// speak, and its serialisation parses to itself.
//
// It owns no socket, timer, goroutine or log and knows nothing of transactions,
// dialogs and accounts. All functions may be called from any goroutine; nothing
// returned refers to the caller's buffer.
package wire
