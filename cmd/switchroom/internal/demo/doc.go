// Package demo shows the switch's main job with no phone at hand: it starts a
// switch on free loopback ports and plays everybody around it, a carrier that
// places calls and agents' phones on two sites that register, ring, answer and
// talk. All of it goes over real sockets; the account of what happens is
// fetched from the switch's own HTTP interface.
//
// The parties converse: each listens to its own RTP and speaks when the other
// has stopped, with a synthetic voice of its own pitch, so that a recording
// tells who speaks. At the end the recordings are read from the disk and
// checked for sound and for the right voice on each channel.
//
// The package doesn't know how a switch is wired: it is given a function that
// starts one. Run is called once and ends everything that it started.
package demo
