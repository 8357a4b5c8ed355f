// Package webhook tells programs of others what happens: each event of the
// journal that a webhook asks for is sent to its URL in a signed POST.
//
// # What is promised
//
// At least once: an event is done with when the receiver answered 2xx, and the
// place reached is kept on disk, so that a restart goes on there and may send
// again what was answered just before. Ordered per call: the events of one call
// (or, without a call, of one agent or trunk) are sent one after the other; of
// different calls as many at a time as the webhook allows. A receiver that is
// down for as long as the journal keeps its entries loses nothing. One that
// refuses an event itself (400, 413, 415, 422) gets it ten times, one that takes
// it in no other way for as long as the configuration says; then the event is
// passed over, and that is an entry of the journal and an alarm.
//
// Nothing here is on the way of a call. A webhook reads the journal at its own
// pace and holds at most a few events a request in memory; how far it is behind
// is a number, not a queue.
//
// # Signatures
//
// They are those of standardwebhooks.com, for which there are libraries in most
// languages; README.md shows the check. Secrets are in no log, status or error.
//
// # Where requests go
//
// To the configured URL and nowhere else: no redirect is followed, no proxy of
// the environment is used, and an address that can only be this network's own
// machinery (link-local, as cloud metadata is, unspecified, multicast) is
// refused after the name was looked up.
//
// The package knows the journal and must not know what events mean, HTTP's
// other side or the exchange. A Set's methods may be called from any goroutine,
// Run from one.
package webhook
