package prompts

import (
	"encoding/binary"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryTextHasItsSoundAndEverySoundItsText(t *testing.T) {
	total := 0
	for _, language := range Languages {
		names := Names(language)
		require.Greater(t, len(names), 30)
		files, err := fs.Glob(sounds, language+"/*.wav")
		require.NoError(t, err)
		require.Len(t, files, len(names), language)
		for _, name := range names {
			f, err := Open(language, name)
			require.NoError(t, err)
			head := make([]byte, 12)
			_, err = io.ReadFull(f, head)
			require.NoError(t, err)
			require.Equal(t, "RIFF", string(head[:4]), name)
			info, err := f.Stat()
			require.NoError(t, err)
			require.EqualValues(t, info.Size()-8, binary.LittleEndian.Uint32(head[4:]), name)
			total += int(info.Size())
			require.NoError(t, f.Close())
		}
	}
	require.Less(t, total, 2<<20, "a few seconds each are enough")
}

func TestAnUnknownPromptIsNotThere(t *testing.T) {
	_, err := Open("en", "nothing")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Open("fr", "closed")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.False(t, Has("zh", "11"))
	require.True(t, strings.Contains(Text("zh", "closed"), "非工作时间"))
}
