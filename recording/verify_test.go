package recording

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchroom/media"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// shelf is a directory with sealed recordings of some seconds each.
type shelf struct {
	dir string // of the recordings
	ids []string
}

func (s shelf) path(i int, suffix string) string {
	n, _ := nameOf(s.ids[i])
	return filepath.Join(s.dir, filepath.FromSlash(n.dir), s.ids[i]+suffix)
}

// fill records n calls of a few seconds without waiting for them.
func fill(t *testing.T, n int) shelf { return fillWith(t, n, nil) }

func fillWith(t *testing.T, n int, change func(*Config)) shelf {
	b := newBench(t, t.TempDir(), change)
	b.run()
	sh := shelf{dir: b.cfg.Dir}
	for i := range n {
		id := newID(t)
		sh.ids = append(sh.ids, id)
		r, err := b.startAt(Meta{ID: id, Client: "courier"}, media.Now()-int64(4*time.Second))
		require.NoError(t, err)
		v := voice{side: media.Caller, ssrc: uint32(i)}
		for k := range 200 {
			p := pattern(160, byte(i))
			p[0], p[1] = byte(k), byte(i)
			v.say(r, time.Duration(k)*20*time.Millisecond, p)
			if k == 120 {
				time.Sleep(120 * time.Millisecond) // let the writer empty the ring
			}
		}
		r.Stop("agent-hangup")
	}
	b.end()
	require.Len(t, b.told(), n)
	return sh
}

func verify(t *testing.T, sh shelf) Report {
	r, err := Verify(context.Background(), Verification{Dir: sh.dir, Keys: filepath.Join(filepath.Dir(sh.dir), "keys")})
	require.NoError(t, err)
	require.True(t, r.Signed)
	return r
}

func edit(t *testing.T, file string, f func([]byte) []byte) {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, f(b), 0o640))
}

const second = wav.Rate * 2

func TestVerifyFindsNothingWhereNothingWasTouched(t *testing.T) {
	r := verify(t, fill(t, 3))
	require.Empty(t, r.Findings)
	require.Equal(t, 3, r.Recordings)
	require.EqualValues(t, 3*4*second, r.Octets/second*second)
}

func TestVerifyNamesWhatWasDone(t *testing.T) {
	head := wav.ULaw.HeaderSize()
	tests := []struct {
		what string
		do   func(*testing.T, shelf)
		want []Finding
	}{
		{"a bit flipped", func(t *testing.T, s shelf) {
			edit(t, s.path(1, ".wav"), func(b []byte) []byte { b[head+2*second+5] ^= 4; return b })
		}, []Finding{{"1", FlawChanged, "second 2"}}},
		{"a file cut", func(t *testing.T, s shelf) {
			edit(t, s.path(0, ".wav"), func(b []byte) []byte { return b[:head+second+second/2] })
		}, []Finding{{"0", FlawCut, "1.500 s of 4"}, {"0", FlawHeader, ""}}},
		{"a file cut and its header made to fit", func(t *testing.T, s shelf) {
			edit(t, s.path(0, ".wav"), func(b []byte) []byte { return append(wav.Header(nil, wav.ULaw, second), b[head:head+second]...) })
		}, []Finding{{"0", FlawCut, "1.000 s of 4"}}},
		{"sound added", func(t *testing.T, s shelf) {
			edit(t, s.path(0, ".wav"), func(b []byte) []byte {
				b = append(b, b[head:head+second]...)
				return append(wav.Header(nil, wav.ULaw, int64(len(b)-head)), b[head:]...)
			})
		}, []Finding{{"0", FlawLonger, ""}}},
		{"two seconds exchanged", func(t *testing.T, s shelf) {
			edit(t, s.path(2, ".wav"), func(b []byte) []byte {
				x, y := b[head:head+second], b[head+second:head+2*second]
				for i := range x {
					x[i], y[i] = y[i], x[i]
				}
				return b
			})
		}, []Finding{{"2", FlawReordered, "seconds 0-1"}}},
		{"two files exchanged", func(t *testing.T, s shelf) {
			tmp := s.path(0, ".x")
			require.NoError(t, os.Rename(s.path(0, ".wav"), tmp))
			require.NoError(t, os.Rename(s.path(1, ".wav"), s.path(0, ".wav")))
			require.NoError(t, os.Rename(tmp, s.path(1, ".wav")))
		}, []Finding{{"0", FlawSwapped, "1"}, {"1", FlawSwapped, "0"}}},
		{"a recording removed", func(t *testing.T, s shelf) {
			require.NoError(t, os.Remove(s.path(1, ".wav")))
			require.NoError(t, os.Remove(s.path(1, ".json")))
		}, []Finding{{"1", FlawRemoved, "gone without a certificate"}}},
		{"the sound removed", func(t *testing.T, s shelf) {
			require.NoError(t, os.Remove(s.path(1, ".wav")))
		}, []Finding{{"1", FlawRemoved, "JSON is here"}}},
		{"the JSON changed", func(t *testing.T, s shelf) {
			edit(t, s.path(1, ".json"), func(b []byte) []byte { return []byte(strings.Replace(string(b), "courier", "another", 1)) })
		}, []Finding{{"1", FlawMetadata, "not the one"}}},
		{"the JSON removed", func(t *testing.T, s shelf) {
			require.NoError(t, os.Remove(s.path(1, ".json")))
		}, []Finding{{"1", FlawMetadata, "missing"}}},
		{"the header changed", func(t *testing.T, s shelf) {
			edit(t, s.path(1, ".wav"), func(b []byte) []byte { b[24] ^= 1; return b })
		}, []Finding{{"1", FlawHeader, ""}}},
		{"a line of the ledger changed", func(t *testing.T, s shelf) {
			editLedger(t, s, func(l []string) []string { l[0] = strings.Replace(l[0], "sealed", "sealeD", 1); return l })
		}, []Finding{{"", FlawLedger, "wrong signature"}, {"", FlawLedger, "line 2: entry 2 does not follow"}, {"0", FlawUnlisted, ""}}},
		{"a line of the ledger taken out", func(t *testing.T, s shelf) {
			editLedger(t, s, func(l []string) []string { return append(l[:1:1], l[2:]...) })
		}, []Finding{{"", FlawLedger, "line 2: entry 3 does not follow"}, {"1", FlawUnlisted, ""}}},
		{"two lines of the ledger exchanged", func(t *testing.T, s shelf) {
			editLedger(t, s, func(l []string) []string { l[0], l[1] = l[1], l[0]; return l })
		}, []Finding{{"", FlawLedger, "line 1"}, {"", FlawLedger, "line 2"}, {"", FlawLedger, "line 3"}}},
		{"the ledger's end cut off with what it tells of", func(t *testing.T, s shelf) {
			editLedger(t, s, func(l []string) []string { return l[:2] })
			require.NoError(t, os.Remove(s.path(2, ".wav")))
			require.NoError(t, os.Remove(s.path(2, ".json")))
		}, []Finding{{"", FlawLedger, "end was cut off"}}},
		{"a recording slipped in", func(t *testing.T, s shelf) {
			n, _ := nameOf(newID(t))
			for _, suffix := range []string{".wav", ".json"} {
				b, err := os.ReadFile(s.path(0, suffix))
				require.NoError(t, err)
				b = []byte(strings.ReplaceAll(string(b), s.ids[0], n.id))
				require.NoError(t, os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(n.dir), n.id+suffix), b, 0o640))
			}
		}, []Finding{{"?", FlawUnlisted, ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := fill(t, 3)
			tt.do(t, s)
			got := verify(t, s).Findings
			require.Len(t, got, len(tt.want), "%v", got)
			for _, want := range tt.want {
				require.True(t, contains(s, got, want), "want %v in %v", want, got)
			}
		})
	}
}

func contains(s shelf, got []Finding, want Finding) bool {
	text := want.Text
	for i, id := range s.ids {
		if want.ID == string(rune('0'+i)) {
			want.ID = id
		}
		if want.Flaw == FlawSwapped && text == string(rune('0'+i)) {
			want.Text = id
		}
	}
	for _, g := range got {
		if (g.ID == want.ID || want.ID == "?") && g.Flaw == want.Flaw && strings.Contains(g.String(), want.Text) {
			return true
		}
	}
	return false
}

func editLedger(t *testing.T, s shelf, f func([]string) []string) {
	days, err := filepath.Glob(filepath.Join(s.dir, "chain", "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, days)
	edit(t, days[len(days)-1], func(b []byte) []byte {
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		return []byte(strings.Join(f(lines), "\n") + "\n")
	})
}
