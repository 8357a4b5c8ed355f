// Package arch holds the shape of the program: which room may know which, what
// no source file may contain, and that each package says what it is for. Its
// tests read the source with `go list` and the Go parser and run nothing of it.
//
// A rule that a test here enforces is changed here, together with its reason.
package arch
