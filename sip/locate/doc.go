// Package locate finds where a SIP URI leads (RFC 3263): by NAPTR to the
// transport, by SRV to hosts with their priorities and weights, by A and AAAA to
// addresses.
//
// It owns a small DNS client, since the standard library's has neither NAPTR nor
// the time that an answer may be kept, and the order in which several places are
// to be tried. It keeps nothing: who asks caches the answer for its time to live
// and goes on with the last good one while DNS fails. It is slow by nature and so
// is never asked on a call's way. All of it may be called from any goroutine.
package locate
