// Package wav is the header of the recordings' files: RIFF WAVE, two channels
// of 8 kHz, G.711 µ-law or A-law (format tags 7 and 6) or 16 bit linear PCM.
//
//	G.711, 58 octets                       PCM, 44 octets
//	 0  "RIFF"  size = file - 8             0  "RIFF"  size = file - 8
//	 8  "WAVE"                              8  "WAVE"
//	12  "fmt "  18                         12  "fmt "  16
//	20  tag, channels, rate, octets/s,     20  tag, channels, rate, octets/s,
//	    block, bits, 0 (no extension)          block, bits
//	38  "fact"  4                          36  "data"  size
//	46  samples per channel                44  the sound
//	50  "data"  size
//	58  the sound
//
// The fact chunk is required of every format but PCM (Multimedia Data
// Standards Update, 1994). The package does no I/O and may be used from any
// goroutine.
package wav
