// Package chaos lets callers, phones, supervisors and the configuration
// misbehave all at once against a real exchange on loopback, and then asks
// whether everything has gone back to where it was: no leg, port, transaction,
// agent or recording may be left over, and the journal, the index and the
// recordings must agree on what happened.
//
// What happens is drawn from a seed; when it happens is up to the machine, so
// that a seed names a kind of weather and not one exact run.
//
//	go test ./test/chaos -args -seeds=60        # many seeds
//	go test ./test/chaos -args -first=17        # one of them again
package chaos
