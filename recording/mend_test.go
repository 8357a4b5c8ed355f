package recording

import (
	"bytes"
	"testing"

	"switchroom/recording/disk"
	"switchroom/recording/tail"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// rewritten is a file whose last stretches were each written over the end of
// the one before, as late packets have it; the log knows the checksum that each
// had when it was written.
func rewritten(t *testing.T) (disk.File, *tail.Left) {
	t.Helper()
	files, err := disk.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, files.Close()) })
	f, err := files.Create("cut.wav")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	left := &tail.Left{Format: wav.ULaw}
	for i, at := range []int64{0, 600, 1200, 1800} {
		samples := bytes.Repeat([]byte{byte(0x11 * (i + 1))}, 800*wav.ULaw.Block())
		_, err := f.WriteAt(samples, int64(wav.ULaw.HeaderSize())+at*int64(wav.ULaw.Block()))
		require.NoError(t, err)
		left.Blocks = append(left.Blocks, tail.Stretch{At: at, Instants: 800, Sum: tail.Sum(samples)})
	}
	return f, left
}

func TestStretchesWrittenOverInTurnAreNotTakenForDamage(t *testing.T) {
	f, left := rewritten(t)
	bad, err := damaged(f, wav.ULaw, left.Known(), left)
	require.NoError(t, err)
	require.Empty(t, bad)
}

func TestDamageInTheLastWrittenStretchIsFound(t *testing.T) {
	f, left := rewritten(t)
	_, err := f.WriteAt([]byte{0x55}, int64(wav.ULaw.HeaderSize())+2500*int64(wav.ULaw.Block()))
	require.NoError(t, err)
	bad, err := damaged(f, wav.ULaw, left.Known(), left)
	require.NoError(t, err)
	require.NotEmpty(t, bad)
	require.Equal(t, int64(2600), bad[len(bad)-1].to)
}

func TestWordBeforeCountsWhereTheLastOneWasNotWritten(t *testing.T) {
	f, left := rewritten(t)
	left.Blocks = append(left.Blocks, tail.Stretch{At: 2400, Instants: 200, Sum: 1})
	bad, err := damaged(f, wav.ULaw, left.Known(), left)
	require.NoError(t, err)
	require.Empty(t, bad)
}
