package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"switchroom/media"
	"switchroom/recording"
)

// recorded makes a data folder with one sealed recording of half a second.
func recorded(t *testing.T) (data, id string) {
	data, ids := recordedSome(t, 1, 25, "")
	return data, ids[0]
}

// recordedSome makes one with n recordings of so many packets, encrypted for a
// key if there is one.
func recordedSome(t *testing.T, n, packets int, key string) (data string, ids []string) {
	data = t.TempDir()
	var to []string
	if key != "" {
		to = []string{key}
	}
	store, err := recording.Open(recording.Config{Dir: filepath.Join(data, "recordings"), Keys: filepath.Join(data, "keys"),
		FreeMin: 0.001, FreeLow: 0.002, EncryptTo: to}, zaptest.NewLogger(t))
	require.NoError(t, err)
	_, err = store.Recover(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- store.Run(ctx) }()
	for k := range n {
		call, err := uuid.NewV7()
		require.NoError(t, err)
		ids = append(ids, call.String())
		r, err := store.Start(recording.Meta{ID: call.String(), CallID: call.String(), Queue: "parcels"})
		require.NoError(t, err)
		start := media.Now()
		for i := range packets {
			sound := []byte(strings.Repeat(string([]byte{0x55, byte(1 + i%100 + k)}), 80))
			r.Frame(&media.Frame{Side: media.Caller, Codec: media.PCMU, Seq: uint16(i), Timestamp: uint32(i * 160), SSRC: 1,
				Arrival: start + int64(i)*20_000_000, Payload: sound})
			if i%100 == 99 {
				time.Sleep(150 * time.Millisecond) // as much as a ring holds
			}
		}
		r.Stop("caller-hangup")
	}
	stop()
	require.NoError(t, <-done)
	require.NoError(t, store.Close())
	return data, ids
}

func TestVerifyFindsNothingInWhatNobodyTouched(t *testing.T) {
	data, id := recorded(t)
	got := run(t, nil, "recordings", "verify", "--data", data)
	require.Equal(t, Done, got.code, got.stdout+got.stderr)
	require.Regexp(t, `^verified 1 recording, .*: 0 findings; 0 still open, 0 deleted with a certificate; signatures checked\n$`, got.stdout)
	require.Equal(t, Done, run(t, nil, "recordings", "verify", id, "--data", data).code)
	require.Contains(t, run(t, nil, "recordings", "verify", "--data", data, "--json").stdout, `"findings": []`)
}

func TestVerifyFailsOnAChangedOctet(t *testing.T) {
	data, id := recorded(t)
	files, err := filepath.Glob(filepath.Join(data, "recordings", "*", "*", "*", id+".wav"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	sound, err := os.ReadFile(files[0])
	require.NoError(t, err)
	sound[len(sound)-100] ^= 1
	require.NoError(t, os.WriteFile(files[0], sound, 0o600))
	got := run(t, nil, "recordings", "verify", "--data", data)
	require.Equal(t, Failed, got.code)
	require.Contains(t, got.stdout, id+": changed: ")
	require.Contains(t, got.stdout, "1 finding;")
	require.Empty(t, got.stderr)
}

func TestVerifyOfNoFolderSaysSo(t *testing.T) {
	got := run(t, nil, "recordings", "verify", "--data", t.TempDir())
	require.Equal(t, Failed, got.code)
	require.Contains(t, got.stderr, "is not a directory")
	require.Equal(t, Failed, run(t, nil, "recordings", "verify", "--data", t.TempDir(), "--key", "/nowhere.pub").code)
}
