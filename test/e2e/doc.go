// Package e2e tests the switch as its users meet it: the built program, real
// SIP and RTP over loopback, SIPp as carrier and desk phones, baresip as a
// softphone, real files. Nothing here reaches into the program; what it knows
// of it comes over the wire, the API and the disk.
//
// A World is one running switch with its own ports and folder. After each test
// the world checks that no trace of its calls is left, then stops the switch.
package e2e
