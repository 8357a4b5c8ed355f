// Package disk is the file layer below the recordings: a directory that
// nothing can leave (os.Root), whole-file replacement, and one call that makes
// many files durable together. It is an interface so that tests can put a
// failing, slow or losing disk in its place (package disktest).
//
// It knows nothing of sound or calls. Files may be used from any goroutine; a
// File has one writer, and readers besides it.
package disk
