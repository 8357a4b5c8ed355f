//go:build race

package media

// allowance is what a protected packet may allocate: the race detector has
// sync.Pool, which the ciphers keep their state in, forget at random.
const allowance = 1.0
