package sip

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
)

// rng is a source of chance that its owner guards.
type rng = *rand.Rand

// newRNG is one that nobody can foresee.
func newRNG() rng {
	var seed [16]byte
	_, _ = crand.Read(seed[:])
	return rand.New(rand.NewPCG(binary.NativeEndian.Uint64(seed[:]), binary.NativeEndian.Uint64(seed[8:])))
}
