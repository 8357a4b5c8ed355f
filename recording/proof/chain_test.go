package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// TestRootIsAsDocumented builds the root by hand: files sealed years ago must
// go on verifying.
func TestRootIsAsDocumented(t *testing.T) {
	sum := func(parts ...[]byte) []byte {
		h := sha256.New()
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	link := sum([]byte("switchroom recording 1\nthe-id\nalaw\n"))
	c := NewChain("the-id", wav.ALaw)
	for _, chunk := range []string{"first second", "second second", "rest"} {
		link = sum(link, sum([]byte(chunk)))
		c.Add([]byte(chunk))
	}
	head := c.Head()
	require.Equal(t, link, head[:])
	require.Equal(t, 3, c.Len())
	root := c.Root(16100)
	require.Equal(t, sum(link, binary.BigEndian.AppendUint64(nil, 16100)), root[:])
}

func TestRootDependsOnEveryThingItVouchesFor(t *testing.T) {
	root := func(id string, f wav.Format, length int64, chunks ...string) [Size]byte {
		c := NewChain(id, f)
		for _, s := range chunks {
			c.Add([]byte(s))
		}
		return c.Root(length)
	}
	seen := map[[Size]byte]bool{}
	for _, r := range [][Size]byte{
		root("a", wav.ULaw, 5, "x", "y"), root("b", wav.ULaw, 5, "x", "y"), root("a", wav.ALaw, 5, "x", "y"), root("a", wav.ULaw, 6, "x", "y"),
		root("a", wav.ULaw, 5, "y", "x"), root("a", wav.ULaw, 5, "x"), root("a", wav.ULaw, 5, "xy"),
	} {
		require.False(t, seen[r])
		seen[r] = true
	}
}
