package vault

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"switchroom/recording/wav"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// mendSums makes the checksums of head and records right, as a forger would.
func mendSums(b []byte) {
	le := binary.LittleEndian
	n, err := headSize(b)
	if err != nil || n > len(b) {
		return
	}
	le.PutUint32(b[n-4:], crc32.Checksum(b[:n-4], castagnoli))
	for b = b[n:]; len(b) >= hullSize; {
		size := hullSize + int(min(le.Uint32(b[4:]), textMax)) + tagSize
		if size > len(b) {
			return
		}
		le.PutUint32(b, crc32.Checksum(b[4:size], castagnoli))
		b = b[size:]
	}
}

// FuzzDecode: whatever the octets are, nothing but a beginning of what was
// written comes out, and what needs no key agrees with what does.
func FuzzDecode(f *testing.F) {
	id, err := age.GenerateX25519Identity()
	require.NoError(f, err)
	keys, err := ParseKeys(id.Recipient().String())
	require.NoError(f, err)
	w, p := newFile(f, wav.ULaw, keys)
	for i := range 3 {
		require.NoError(f, w.Sound(p, int64(i)*100, bytes.Repeat([]byte{byte(65 + i)}, 200)))
	}
	heard := bytes.Join([][]byte{bytes.Repeat([]byte{65}, 200), bytes.Repeat([]byte{66}, 200), bytes.Repeat([]byte{67}, 200)}, nil)
	require.NoError(f, w.End(p, 300, [32]byte{}))
	f.Add(0, []byte{}, len(p.b), true)
	f.Add(24, []byte{1}, len(p.b), true)
	f.Add(len(p.b)-80, []byte{1, 2, 3}, len(p.b), false)
	f.Add(int(w.Size())-300, []byte{0xFF, 0xFF, 0xFF, 0xFF}, len(p.b), true)
	f.Fuzz(func(t *testing.T, at int, patch []byte, size int, mend bool) {
		b := bytes.Clone(p.b[:max(0, min(size, len(p.b)))])
		if at >= 0 && at < len(b) {
			copy(b[at:], patch)
		}
		if mend {
			mendSums(b)
		}
		file := &page{b: b}
		e, scanErr := Scan(bytes.NewReader(b), int64(len(b)))
		s, got, err := decode(file, id)
		if err == nil {
			require.NoError(t, scanErr)
			require.True(t, bytes.HasPrefix(heard, got))
			require.Equal(t, int64(len(b))-s.Left, e.Size)
			if s.Ended {
				require.Equal(t, p.b, b)
			}
		}
	})
}

// FuzzScan: no octets make it panic, or claim more than there is.
func FuzzScan(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(append([]byte(magic), make([]byte, 200)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		mendSums(b)
		e, err := Scan(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			require.LessOrEqual(t, e.Size, int64(len(b)))
		}
	})
}
