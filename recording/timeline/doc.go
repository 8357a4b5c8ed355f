// Package timeline places the packets of a call on one line of stereo samples
// whose zero is the start of the recording.
//
// The first packet of a source (SSRC) stands where it arrived; the source's
// later ones stand by their RTP timestamps from there (RFC 3550, section 5.1),
// so that loss, a gap, a late or reordered packet become silence of the right
// length, or none. A packet may come as late as [Horizon] and still finds its
// place, for sound is written at once and written again when a late packet
// changes it. Only where RTP time and arrival disagree by more than [Sanity],
// and go on doing so (a timestamp jump, a sender that stood still), the source
// is anchored anew by arrival.
//
//	       settled, hashed          open to late packets      ahead
//	|--------------------------|------------------------------|----->
//	0                        base        dirty               end
//
// Everything here is pure and belongs to one goroutine: no clock, no file. The
// result depends on the frames and their arrival alone, never on how often
// the owner looks.
package timeline
