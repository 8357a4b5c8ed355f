// Package auth is both sides of SIP digest authentication (RFC 3261 22, RFC
// 7616, RFC 8760): MD5 and SHA-256, qop=auth always. The server keeps no state
// for a challenge: its nonce is bound to the source address and the time by an
// HMAC; what was used is kept in a bounded ledger, guesses in a bounded limiter.
//
// Time is a parameter; no socket, goroutine or log. Server may be used from
// several goroutines, Client from one.
package auth
