// Package e2e tests the switch as its users meet it: the built program, real
// SIP and RTP over loopback, SIPp as carrier, baresip as an agent's phone, real
// files. Nothing here reaches into the program; what it knows of it comes over
// the wire, the API, the disk and /proc.
//
// A World is one running switch with its own ports and folder; a few run beside
// each other. Where a scenario hangs on the order of single messages, a Station
// plays the carrier or the phone by hand: it is a SIP peer of the tests' own
// that shares no code with the switch, and a Sound is its RTP, which sends a
// tone and keeps each packet that comes.
//
// After each test the world checks that no trace of its calls is left (LeaveNoTrace),
// and that each recorded conversation plays, then stops the switch.
package e2e
