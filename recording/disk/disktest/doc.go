// Package disktest is a disk for tests: a file layer in memory that fails, is
// slow or full on demand, and that can be looked at as a power cut would have
// left it, with any part of what was not synced missing.
package disktest
