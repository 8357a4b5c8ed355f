// Package trace keeps the last SIP messages of each call, so that whoever has
// to find out what a carrier or a phone did can read the exchange as it went
// over the wire, during the call and for a while after it.
//
// It owns a fixed amount of memory and forgets the oldest first. What is
// secret never gets into it: digest credentials and challenges, media keys,
// and the keys that a caller pressed are struck out as a message is added. It
// must not know what a message means beyond that, and nothing that it gives
// back has been made safe for a terminal or a page: it is what a peer sent.
//
// All methods may be called from any goroutine. Add copies what it is given
// and takes one of 16 locks, chosen by the Call-ID, for the time of a copy.
package trace
