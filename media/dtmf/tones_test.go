package dtmf

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/media/tone"
)

func TestTonesOfEachKeyAreFoundByTheDetector(t *testing.T) {
	for i := range len(digits) {
		for _, length := range []time.Duration{0, 100 * time.Millisecond, time.Second} {
			pcm, err := Tones(digits[i], length)
			require.NoError(t, err)
			require.Len(t, pcm, tone.Samples(max(length, 80*time.Millisecond)))
			var d Detector
			found := d.Detect(nil, append(append(tone.Silence(50*time.Millisecond), pcm...), tone.Silence(50*time.Millisecond)...))
			require.Len(t, found, 1, "%c of %v", digits[i], length)
			require.Equal(t, digits[i], found[0].Digit)
		}
	}
	_, err := Tones('x', time.Second)
	require.ErrorIs(t, err, ErrNotDTMF)
}
