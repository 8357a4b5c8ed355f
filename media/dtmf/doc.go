// Package dtmf reads and writes telephone keys in the three forms in which
// they reach a switch: telephone events in RTP (RFC 4733), tones in the sound
// itself (ITU-T Q.23, Q.24), and INFO bodies (RFC 6086 with the customary
// application/dtmf-relay).
//
// Everything here is pure: bytes, samples and times go in, keys come out. A
// [Receiver], [Press], [Detector] or [Once] belongs to one stream and is used
// by one goroutine at a time. Nothing allocates once it is made.
package dtmf
