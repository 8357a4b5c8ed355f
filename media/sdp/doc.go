// Package sdp makes and reads session descriptions (RFC 8866) and applies the
// offer/answer rules (RFC 3264) to them, for calls of one audio stream in
// G.711 with telephone-events (RFC 4733).
//
// [Parse] reads what a peer sent, [Answer] answers a peer's offer, [Offer] and
// [Reoffer] make ours, [Accept] draws the conclusion from a peer's answer.
// Each exchange ends in a media.Params, which is all that the media engine
// needs to know of it. Whatever is offered, the answer has the offer's streams
// in the offer's order; those that are not ours are refused with port 0.
//
// Text is written with pion's structures, but read by a reader of our own:
// pion's refuses a description as a whole for a stream it doesn't know, such
// as the m=image of a fax, where RFC 3264 wants that one stream refused, and
// has no limits. What is read here is bounded in size, lines, streams and
// formats, and nothing of a peer's text comes back in an answer but the
// checked tokens of its m= lines.
//
// Keys for SRTP are in the description (RFC 4568), offered and taken only where
// [Local.Security] says that its way is safe: that is for the caller to know.
//
// The package knows nothing of SIP: whether a description is an offer or an
// answer, and when o= gets a new version, its caller says. It resolves no
// names, holds no state and starts nothing; a Description never changes and
// may be shared.
package sdp
