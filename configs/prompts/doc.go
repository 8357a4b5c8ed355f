// Package prompts holds what the switch can say without being given any
// sound: short announcements and numbers, in English (en) and Mandarin (zh).
//
// texts.tsv has the words; make.sh makes the audio from them with espeak-ng and
// sox. The sound is synthetic and of this repository: it falls under the
// repository's licence, espeak-ng's own (GPL) covers the program and not what
// it speaks. An administrator replaces any piece by a file of the same name in
// the configuration's folder of prompts.
//
// The files are 8000 Hz mono G.711 µ-law WAV and embedded into the program.
package prompts
