// Package flac is the archived form of a recording: a FLAC file (RFC 9639)
// that any player opens, whose samples are exactly those that a player makes of
// the WAV, and from which every octet of the WAV's sound can be had back.
//
//	"fLaC" | STREAMINFO | SEEKTABLE | APPLICATION "swrc" ... | frames
//
// 8 kHz, two channels, 16 bits. A seek point stands every 8 frames, a frame is
// 4096 sample instants, the last one what is left. APPLICATION holds what FLAC
// has no place for, over as many blocks as it takes:
//
//	 0        1        2      4        12
//	+--------+--------+------+--------+----------------------------------+
//	| 1      | format | zero | length | which zeros are negative, DEFLATE|
//	+--------+--------+------+--------+----------------------------------+
//	version   as in package wav  instants, little-endian
//
// G.711 µ-law alone has two codes for zero, 0xFF and 0x7F. Of the second the
// last part has a bit at 2 * instant + channel, lowest bit of an octet first,
// and ends with the last octet that is not zero; A-law and PCM have none.
//
// The coding is github.com/mewkiz/flac's; how each stretch is best predicted
// is found here, since the library's own search knows neither wasted bits, of
// which G.711 has two or more, nor partitions.
//
// The package does no I/O but through what it is given. A Reader may be used by
// one goroutine at a time.
package flac
