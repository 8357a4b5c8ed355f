package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// fileOf finds a recording's file by its ending.
func fileOf(t *testing.T, data, id, ending string) string {
	files, err := filepath.Glob(filepath.Join(data, "recordings", "*", "*", "*", id+ending))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

func rewrite(t *testing.T, file string, f func([]byte) []byte) {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, f(b), 0o640))
}

func newIdentity(t *testing.T) (*age.X25519Identity, string) {
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key.txt")
	require.NoError(t, os.WriteFile(file, []byte("# of the court\n"+id.String()+"\n"), 0o600))
	return id, file
}

func TestVerifyNamesEachKindOfTampering(t *testing.T) {
	key, _ := newIdentity(t)
	forms := []struct{ ending, key, part string }{
		{".wav", "", "second"}, {".swr", key.Recipient().String(), "block"},
	}
	for _, form := range forms {
		const head, chunk = 58, 16000
		tampers := []struct {
			what string
			do   func(t *testing.T, path func(i int, ending string) string)
			want []string
		}{
			{"flip", func(t *testing.T, path func(int, string) string) {
				rewrite(t, path(0, form.ending), func(b []byte) []byte { b[head+chunk+500] ^= 1; return b })
			}, []string{"{0}: changed: the sound at " + form.part + " 1 is not what was recorded"}},
			{"cut", func(t *testing.T, path func(int, string) string) {
				rewrite(t, path(1, form.ending), func(b []byte) []byte { return b[:len(b)-1000] })
			}, []string{"{1}: cut: "}},
			{"swap", func(t *testing.T, path func(int, string) string) {
				require.NoError(t, os.Rename(path(0, form.ending), path(0, form.ending)+".x"))
				require.NoError(t, os.Rename(path(1, form.ending), filepath.Dir(path(0, ".json"))+"/"+base(path(0, ".json"))+form.ending))
				require.NoError(t, os.Rename(path(0, form.ending+".x"), filepath.Dir(path(1, ".json"))+"/"+base(path(1, ".json"))+form.ending))
			}, []string{"{0}: swapped: holds the sound of {1}", "{1}: swapped: holds the sound of {0}"}},
			{"delete", func(t *testing.T, path func(int, string) string) {
				require.NoError(t, os.Remove(path(0, form.ending)))
				require.NoError(t, os.Remove(path(0, ".json")))
			}, []string{"{0}: removed: sealed at "}},
			{"re-order", func(t *testing.T, path func(int, string) string) {
				rewrite(t, path(1, form.ending), func(b []byte) []byte {
					at, size := head, chunk
					if form.ending == ".swr" {
						at, size = 0, 16384
					}
					x, y := bytes.Clone(b[at:at+size]), bytes.Clone(b[at+size:at+2*size])
					copy(b[at:], y)
					copy(b[at+size:], x)
					return b
				})
			}, []string{"{1}: reordered: at " + form.part + "s 0-1 stands what was recorded at another time"}},
		}
		for _, tamper := range tampers {
			t.Run(tamper.what+" "+form.ending, func(t *testing.T) {
				t.Parallel()
				data, ids := recordedSome(t, 2, 200, form.key)
				require.Equal(t, Done, run(t, nil, "recordings", "verify", "--data", data).code)
				tamper.do(t, func(i int, ending string) string { return fileOf(t, data, ids[i], ending) })
				got := run(t, nil, "recordings", "verify", "--data", data)
				require.Equal(t, Failed, got.code)
				for _, want := range tamper.want {
					for i, id := range ids {
						want = string(bytes.ReplaceAll([]byte(want), []byte("{"+string(rune('0'+i))+"}"), []byte(id)))
					}
					require.Contains(t, got.stdout, want)
				}
			})
		}
	}
}

func base(file string) string { return filepath.Base(file[:len(file)-len(filepath.Ext(file))]) }

func TestWhoHasTheKeyExportsDecryptsAndPlays(t *testing.T) {
	key, file := newIdentity(t)
	other, otherFile := newIdentity(t)
	require.NotEqual(t, key, other)
	data, ids := recordedSome(t, 1, 50, key.Recipient().String())
	id := ids[0]
	sealed := fileOf(t, data, id, ".swr")
	text, err := os.ReadFile(sealed)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	f := newFake(t)
	f.answer("GET /api/v1/recordings/{id}", `{"id":"`+id+`","encrypted":true,"sha256":"`+hex.EncodeToString(sum[:])+`"}`)
	f.answer("GET /api/v1/recordings/{id}/file", string(text))
	f.mux.HandleFunc("GET /api/v1/recordings/{id}/audio", func(w http.ResponseWriter, r *http.Request) { refuse(w, 409, "it is encrypted") })

	into := t.TempDir()
	got := f.ask(t, "recordings", "export", id, "-o", into)
	require.Equal(t, Done, got.code, got.stderr)
	b, err := os.ReadFile(filepath.Join(into, id+".swr"))
	require.NoError(t, err)
	require.Equal(t, text, b, "without a key the file as it is")

	got = f.ask(t, "recordings", "export", id, "-o", into, "--identity", file)
	require.Equal(t, Done, got.code, got.stderr)
	wav, err := os.ReadFile(filepath.Join(into, id+".wav"))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(wav, []byte("RIFF")))
	require.Contains(t, string(wav), "\x55\xff\x01\xff\x55\xff", "caller left, silence right")

	got = run(t, nil, "recordings", "decrypt", sealed, "-o", filepath.Join(into, "offline"), "-i", file)
	require.Equal(t, Done, got.code, got.stderr)
	offline, err := os.ReadFile(filepath.Join(into, "offline", id+".wav"))
	require.NoError(t, err)
	require.Equal(t, wav, offline)

	got = f.ask(t, "recordings", "play", id, "--identity", file, "--player", "-")
	require.Equal(t, string(wav), got.stdout, got.stderr)

	for _, args := range [][]string{
		{"recordings", "play", id, "--player", "-"},
		{"recordings", "play", id, "--player", "-", "--identity", otherFile},
		{"recordings", "export", id, "-o", t.TempDir(), "--identity", otherFile},
		{"recordings", "decrypt", sealed, "-o", t.TempDir(), "-i", otherFile},
		{"recordings", "decrypt", sealed, "-o", t.TempDir(), "-i", sealed},
	} {
		got = f.ask(t, args...)
		require.Equal(t, Failed, got.code, args)
		require.Empty(t, got.stdout)
	}
	require.Equal(t, Usage, run(t, nil, "recordings", "decrypt", sealed).code)

	cut := filepath.Join(t.TempDir(), "cut.swr")
	require.NoError(t, os.WriteFile(cut, text[:len(text)-30], 0o600))
	got = run(t, nil, "recordings", "decrypt", cut, "-o", filepath.Join(into, "cut"), "-i", file)
	require.Equal(t, Failed, got.code)
	require.Contains(t, got.stderr, "it was cut off or changed")
	require.FileExists(t, filepath.Join(into, "cut", id+".wav"), "what there is can be heard")
}
