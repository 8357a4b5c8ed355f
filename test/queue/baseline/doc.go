// Package baseline holds the two engines that the lock-free one is measured
// against: Mutex, one lock around heaps, and Owner, one goroutine that owns
// the same structure and is fed by a channel. Both make the same decisions by
// the same rules with LongestIdle; both are written to be as fast as their
// design allows: heaps of calls per class with the heads' keys side by side,
// eligible agents in bitmaps, no allocation per decision.
package baseline
