// Package vault is the encrypted form of a recording: a file that grows by
// whole, authenticated records, which the process that writes it cannot read
// back once it has forgotten the data key. FORMAT.md draws it.
//
//	Writer   seals sound for the owners of keys          has the data key, in memory alone
//	Scan     finds what is whole, and its hashes         needs no key: recovery and verification
//	Decode   gives the sound back                        needs a private key
//
// A Writer belongs to one goroutine. The package does no I/O but through the
// readers and writers it is given.
package vault
