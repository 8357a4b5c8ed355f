package dtmf

import (
	"fmt"
	"strings"
	"time"

	"switchroom/media/tone"
)

// tonesLevel is of each of the two tones, in dBm0: within the -9 to -3 dBm that
// ITU-T Q.24 lists for networks, on the soft side as there is no line to cross.
const tonesLevel = -8

// Tones is the sound of a key (ITU-T Q.23), at 8 kHz. The length is brought into
// 80 ms to 30 s: a shorter one some detectors miss.
func Tones(digit byte, length time.Duration) ([]int16, error) {
	code, ok := Code(digit)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNotDTMF, digit)
	}
	sign, _ := Digit(code)
	length = max(2*lengthMin, min(length, lengthMax))
	for row, keys := range keypad {
		if column := strings.IndexByte(keys, sign); column >= 0 {
			return tone.Dual(lowGroup[row].hz, highGroup[column].hz, length, tonesLevel), nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrNotDTMF, digit) // keypad holds all keys
}
