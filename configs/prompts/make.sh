#!/bin/sh
# Makes the built-in prompts from texts.tsv: 8 kHz mono G.711 µ-law WAV.
# Needs espeak-ng and sox (apt-get install espeak-ng sox). Run it in this
# folder; the audio is checked in, so that nobody else needs them.
set -eu
say() { # VOICE RATE TEXT FILE
	espeak-ng -v "$1" -s "$2" --stdout "$3" |
		sox -t wav - -t wav -r 8000 -c 1 -e mu-law "$4" \
			gain -6 highpass 200 lowpass 3400 silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse norm -3 pad 0 0.06
}
rm -f en/*.wav zh/*.wav
grep -v '^#' texts.tsv | tr '\t' '|' | while IFS='|' read -r name english mandarin; do
	if [ -n "$english" ]; then say en-gb 150 "$english" "en/$name.wav"; fi
	if [ -n "$mandarin" ]; then say cmn 170 "$mandarin" "zh/$name.wav"; fi
done
