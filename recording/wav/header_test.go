package wav

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeaderReadsBackInEveryFormat(t *testing.T) {
	for _, f := range []Format{ULaw, ALaw, PCM16} {
		for _, blocks := range []int64{0, 1, 8000, DataMax / 4} {
			data := blocks * int64(f.Block())
			h := Header(nil, f, data)
			require.Len(t, h, f.HeaderSize())
			gotFormat, gotData, err := ReadHeader(append(h, "sound"...))
			require.NoError(t, err)
			require.Equal(t, f, gotFormat)
			require.Equal(t, data, gotData)
		}
	}
}

func TestHeaderOctetsAreThoseOfTheStandard(t *testing.T) {
	want := "RIFF\x72\x01\x00\x00WAVEfmt \x12\x00\x00\x00\x07\x00\x02\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x08\x00\x00\x00" +
		"fact\x04\x00\x00\x00\xa0\x00\x00\x00data\x40\x01\x00\x00"
	require.Equal(t, want, string(Header(nil, ULaw, 320)))
}

func TestFormatNamesReadBack(t *testing.T) {
	for _, f := range []Format{ULaw, ALaw, PCM16} {
		got, ok := ParseFormat(f.String())
		require.True(t, ok)
		require.Equal(t, f, got)
	}
	_, ok := ParseFormat("opus")
	require.False(t, ok)
}

func FuzzReadHeader(f *testing.F) {
	f.Add(Header(nil, ULaw, 320))
	f.Add(Header(nil, PCM16, 0))
	f.Add([]byte("RIFF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		format, data, err := ReadHeader(b)
		if err != nil {
			require.ErrorIs(t, err, ErrHeader)
			return
		}
		require.True(t, bytes.HasPrefix(b, Header(nil, format, data)), "what was read is what would be written")
	})
}
