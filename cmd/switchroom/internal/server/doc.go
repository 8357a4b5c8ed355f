// Package server wires the rooms into a running switch: it opens the journal,
// the recordings and the index, mends what a crash cut off, starts the
// exchange and the API, and stops all of it in the opposite order.
//
// It holds no logic of calls. The program and the demonstration start a switch
// through it, each in its own process.
package server
