// Package tone makes the sounds that the switch itself plays: single and dual
// tones, call progress signals with their countries' cadences, silence,
// comfort noise and music on hold, and it reads prompts from WAV files.
//
// Everything is 8 kHz linear PCM in int16. Levels are in dBm0, as telephony
// measures them: a sine of 3.17 dBm0 just fills the range of µ-law (ITU-T
// G.711). The same arguments give the same samples, on every call. What is
// meant to be played in a loop has no step at its seam.
//
// The package knows nothing of packets, codecs in use or calls, and reads no
// files by itself. All functions may be called from any goroutine.
package tone
