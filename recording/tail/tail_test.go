package tail

import (
	"math/rand/v2"
	"testing"

	"switchroom/recording/disk/disktest"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

const (
	first  = "01900000-0000-7000-8000-000000000001"
	second = "01900000-0000-7000-8000-000000000002"
)

func TestLogTellsWhatWasOpen(t *testing.T) {
	d := disktest.New(1 << 30)
	l := New(d, 3)
	require.NoError(t, l.Begin())
	a, b := l.Open(first, wav.ULaw), l.Open(second, wav.PCM16)
	l.Block(a, 0, make([]byte, 1600), wav.ULaw)
	l.Block(a, 800, make([]byte, 1600), wav.ULaw)
	l.Safe(a, 800)
	l.Link(a, 1, [32]byte{1})
	l.Close(b)
	require.NoError(t, l.Flush())
	require.NoError(t, l.End())
	left, names, next, whole, err := Read(d)
	require.NoError(t, err)
	require.True(t, whole)
	require.Equal(t, []string{"tail-00000003.log"}, names)
	require.EqualValues(t, 4, next)
	require.Len(t, left, 1)
	require.Equal(t, first, left[0].ID)
	require.EqualValues(t, 800, left[0].Safe)
	require.EqualValues(t, 1600, left[0].Known())
	require.Len(t, left[0].Blocks, 1, "what is safe need not be looked at")
	require.Equal(t, [32]byte{1}, left[0].Link)
}

func TestLogThatGrewIsReplacedAfterASync(t *testing.T) {
	d := disktest.New(1 << 30)
	l := New(d, 0)
	a := l.Open(first, wav.ULaw)
	l.Safe(a, 1000)
	require.NoError(t, l.Flush())
	l.size = sizeMax + 1
	l.Block(a, 1000, make([]byte, 320), wav.ULaw)
	require.NoError(t, l.Flush())
	require.Len(t, d.Names(), 2, "the old one stays until what it tells of is synced")
	require.NoError(t, l.Synced())
	require.Len(t, d.Names(), 2, "a sync that began before does not count")
	require.Len(t, l.Files(), 2)
	require.NoError(t, l.Synced())
	require.Equal(t, []string{"tail-00000001.log"}, d.Names())
	left, _, _, whole, err := Read(d)
	require.NoError(t, err)
	require.True(t, whole)
	require.EqualValues(t, 1160, left[0].Known())
	require.EqualValues(t, 1000, left[0].Safe)
}

func TestDamagedLogIsReadAsFarAsItGoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		d := disktest.New(1 << 30)
		l := New(d, 0)
		a := l.Open(first, wav.ULaw)
		for i := range int64(20) {
			l.Block(a, i*160, make([]byte, 320), wav.ULaw)
		}
		require.NoError(t, l.Flush())
		f, err := d.Edit("tail-00000000.log")
		require.NoError(t, err)
		size, err := f.Size()
		require.NoError(t, err)
		at := rng.Int64N(size)
		_, err = f.WriteAt([]byte{byte(rng.IntN(256))}, at)
		require.NoError(t, err)
		left, _, _, whole, err := Read(d)
		require.NoError(t, err)
		for _, l := range left {
			require.LessOrEqual(t, l.Known(), int64(3200))
			require.Zero(t, l.Known()%160)
			if whole {
				require.EqualValues(t, 3200, l.Known())
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	l := New(disktest.New(1<<20), 0)
	l.Block(l.Open(first, wav.ULaw), 0, make([]byte, 320), wav.ULaw)
	f.Add(append([]byte(magic), l.buf...))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		byID := make(map[string]*Left)
		fold(byID, b)
		for _, l := range byID {
			require.GreaterOrEqual(t, l.Known(), int64(0))
		}
	})
}
