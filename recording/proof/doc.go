// Package proof is the hash chain over one recording's sound.
//
//	link(0) = SHA-256("switchroom recording 1\n" id "\n" format "\n")
//	link(n) = SHA-256(link(n-1) | SHA-256(chunk n))      a chunk is one second
//	root    = SHA-256(link(last) | length)               sample instants, 64 bit
//
// The root vouches for id, format, order, length and every octet of the sound;
// the chunks' sums tell where a change is. Of an encrypted recording the chain is
// over its file ([NewFileChain]). It is pure.
package proof
