package recording

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk"
	"switchroom/recording/disk/disktest"
	"switchroom/recording/vault"
	"switchroom/recording/wav"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// court has the private key that test recordings are encrypted for.
var court = func() *age.X25519Identity {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err)
	}
	return id
}()

func encrypted(c *Config) { c.EncryptTo = []string{court.Recipient().String()} }

// eitherWay is a store that keeps WAVs, or one that encrypts.
func eitherWay(n uint64) func(*Config) {
	if n%2 == 0 {
		return nil
	}
	return encrypted
}

// canvas is where a decoded recording's sound goes.
type canvas struct{ b []byte }

func (c *canvas) WriteAt(b []byte, at int64) (int, error) {
	if grow := int(at) + len(b) - len(c.b); grow > 0 {
		c.b = append(c.b, make([]byte, grow)...)
	}
	return copy(c.b[at:], b), nil
}

// openVault is readAudio for an encrypted recording.
func openVault(t testing.TB, s *Store, id string) (wav.Format, []byte) {
	f, k, err := s.File(id)
	require.NoError(t, err)
	defer f.Close()
	var out canvas
	sound, err := vault.Decode(f.(*section).SectionReader, k.Size, &out, court)
	require.NoError(t, err)
	require.Equal(t, id, sound.ID)
	return sound.Format, out.b
}

func TestEncryptedRecordingHoldsWhatWasSaidAndTheSwitchCannotHearIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 2, encrypted)
		w.speak(300)
		m := w.sealedMeta(t)
		require.Equal(t, []string{court.Recipient().String()}, m.Encryption.Recipients)
		_, _, err := w.Audio(m.ID)
		require.ErrorIs(t, err, ErrEncrypted)
		f, b := readAudio(t, w.Store, m.ID)
		require.Equal(t, wav.ULaw, f)
		require.InDelta(t, m.Length, float64(len(b)/2)/wav.Rate, 0.001)
		w.calls[0].compare(t, b, 300*160)
		w.verifyClean(t)
		w.end()
		require.True(t, silentOnDisk(t, w.disk), "not a stretch of it lies in the clear, in no file")

		plain := newWorld(t, disktest.New(plenty), 1, nil)
		plain.speak(10)
		plain.end()
		require.False(t, silentOnDisk(t, plain.disk), "in the clear it is found")
	})
}

// silentOnDisk says that no file holds 16 instants of a call's sound.
func silentOnDisk(t *testing.T, d *disktest.Memory) bool {
	var said [][]byte
	for n := 0; n < 1600; n += 100 {
		var b []byte
		for i := range 16 {
			b = append(b, sound(0, n+i), sound(1, n+i))
		}
		said = append(said, b)
	}
	for _, name := range d.Names() {
		text, err := disk.ReadFile(d, name, plenty)
		require.NoError(t, err)
		for _, b := range said {
			if bytes.Contains(text, b) {
				return false
			}
		}
	}
	return true
}

func TestThePlainRootIsInTheEncryptedEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, encrypted)
		w.speak(120)
		m := w.sealedMeta(t)
		f, k, err := w.File(m.ID)
		require.NoError(t, err)
		var out canvas
		sound, err := vault.Decode(f.(*section).SectionReader, k.Size, &out, court)
		require.NoError(t, err)
		require.True(t, sound.Ended)
		n, _ := nameOf(m.ID)
		chain := inSeconds(n, sound.Format).chain()
		for b := out.b; len(b) > 0; {
			part := b[:min(len(b), second)]
			chain.Add(part)
			b = b[len(part):]
		}
		require.Equal(t, chain.Root(sound.Length), sound.Root)
		require.NoError(t, f.Close())
		w.end()
	})
}

func TestWithoutAUsableKeyNothingIsRecorded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.txt")
	b := newBench(t, t.TempDir(), func(c *Config) { c.EncryptFile, c.Sync = file, 100*time.Millisecond })
	b.run()
	refused := func(text string) {
		if text != "" {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
		require.Eventually(t, func() bool {
			r, err := b.Start(Meta{ID: newID(t)})
			if err == nil {
				r.Stop("caller-hangup") // the keys are looked at now and then
			}
			return errors.Is(err, ErrNoKey) && len(b.Stats().Troubles) == 1 && b.Stats().Troubles[0] == "key_missing"
		}, 5*time.Second, 20*time.Millisecond, text)
	}
	refused("")
	require.NoError(t, os.WriteFile(file, []byte("# the court\n"+court.Recipient().String()+"\n"), 0o600))
	require.Eventually(t, func() bool { return len(b.Stats().Troubles) == 0 }, 5*time.Second, 20*time.Millisecond)
	r, err := b.Start(Meta{ID: newID(t)})
	require.NoError(t, err)
	refused("# nobody\n")
	refused(court.String())
	for _, a := range b.Alarms() {
		require.NotContains(t, strings.ToUpper(a.Text), "AGE-SECRET-KEY", "no secret is told")
	}
	refused("age1rubbish")
	require.NoError(t, os.Remove(file))
	refused("")
	r.Stop("caller-hangup") // what had begun goes on with the key it began with
	b.end()
	require.NotEmpty(t, b.told())
	for _, m := range b.told() {
		require.NotNil(t, m.Encryption)
	}
	files, err := filepath.Glob(filepath.Join(b.cfg.Dir, "*", "*", "*", "*.wav"))
	require.NoError(t, err)
	require.Empty(t, files, "never in the clear")
}

func TestAFailedWriteNeverUsesANumberTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		d := disktest.New(plenty)
		short := 0
		d.Before = func(op disktest.Op, name string) (int, error) {
			if broken.Load() && op == disktest.OpWrite {
				short = (short + 700) % 3000
				return short, syscall.ENOSPC
			}
			return 0, nil
		}
		w := newWorld(t, d, 1, encrypted)
		for range 8 {
			w.speak(20)
			broken.Store(true)
			w.speak(60)
			broken.Store(false)
		}
		w.speak(100)
		m := w.sealedMeta(t)
		require.Empty(t, m.Gaps)
		_, b := readAudio(t, w.Store, m.ID)
		w.calls[0].compare(t, b, w.calls[0].spoken)
		w.verifyClean(t)
		w.end()
	})
}
