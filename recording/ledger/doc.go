// Package ledger is the signed chain of what was sealed and what was deleted:
// one file a UTC day, chain/YYYY-MM-DD.log, one line an entry:
//
//	{"n":7,"at":"...","kind":"sealed","id":"...","root":"...",...,"prev":"..."} TAB signature LF
//
// prev is the SHA-256 of the line before, over all days; the signature is
// Ed25519 over "switchroom ledger 1\n" and the JSON, in base64. So an entry
// cannot be changed, taken out, put in or moved. What is cut off at the end is
// told by the head, kept in the key's directory, which should lie where who
// can change recordings cannot write.
//
// A Ledger belongs to one goroutine at a time.
package ledger
