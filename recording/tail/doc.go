// Package tail is the log of what recordings have that is not yet known to be
// on the disk: for each stretch, before it is written, its place and CRC-32C, for each second
// the head of the hash chain. After a crash it says how much of a file is
// sound, and which part of it the power cut has damaged.
//
// A log is a file "tail-NNNNNNNN.log" of records, after eight octets of magic:
//
//	 0       2      3                3+size     7+size
//	+-------+------+---------/ /-----+----------+
//	| size  | kind | body            | CRC-32C  |     all little-endian;
//	+-------+------+---------/ /-----+----------+     CRC over kind and body
//
//	open    handle 4 | id 16 | format 1 | length 8    a recording, and how many
//	                                                  sample instants are safe
//	block   handle 4 | at 8 | instants 4 | CRC 4      a stretch about to be written
//	safe    handle 4 | length 8                       synced up to here
//	link    handle 4 | chunks 4 | SHA-256 32          head of the chain after chunks
//	close   handle 4                                  sealed
//
// Reading stops at the first record that is cut or damaged: what follows was
// not synced. Records are gathered by the writer and go out with one write;
// the syncer makes them durable with the sound. When a log has grown, a new
// one begins with the recordings still open, and the old one goes after the
// next sync. A Log belongs to one goroutine but for Files and Synced.
package tail
