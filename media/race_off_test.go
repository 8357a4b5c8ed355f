//go:build !race

package media

// allowance is what a protected packet may allocate.
const allowance = 0.0
