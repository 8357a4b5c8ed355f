package proof

import (
	"crypto/sha256"
	"encoding/binary"

	"switchroom/recording/wav"
)

// Size is the octets of a sum.
const Size = sha256.Size

// Chain is the chain of one recording as far as it goes.
type Chain struct {
	head [Size]byte
	n    int
}

// NewChain begins the chain of a recording.
func NewChain(id string, f wav.Format) Chain {
	return Chain{head: sha256.Sum256([]byte("switchroom recording 1\n" + id + "\n" + f.String() + "\n"))}
}

// Add adds the next chunk's sound and returns its sum.
func (c *Chain) Add(samples []byte) [Size]byte {
	sum := sha256.Sum256(samples)
	c.AddSum(sum)
	return sum
}

// AddSum adds the next chunk by its sum.
func (c *Chain) AddSum(sum [Size]byte) {
	var b [2 * Size]byte
	copy(b[:], c.head[:])
	copy(b[Size:], sum[:])
	c.head = sha256.Sum256(b[:])
	c.n++
}

// Len is how many chunks the chain has, Head its last link.
func (c *Chain) Len() int         { return c.n }
func (c *Chain) Head() [Size]byte { return c.head }

// Root closes the chain of a recording of so many sample instants.
func (c *Chain) Root(length int64) [Size]byte {
	var b [Size + 8]byte
	copy(b[:], c.head[:])
	binary.BigEndian.PutUint64(b[Size:], uint64(length))
	return sha256.Sum256(b[:])
}

// NewFileChain begins the chain over the octets of an encrypted recording's
// file, whose chunks are not seconds, and whose length is in octets.
func NewFileChain(id string) Chain {
	return Chain{head: sha256.Sum256([]byte("switchroom encrypted recording 1\n" + id + "\n"))}
}
