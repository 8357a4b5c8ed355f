// Package baseline holds the two engines that the lock-free one is measured
// against: Mutex, one lock around heaps, and Owner, one goroutine that owns
// the same structure and is fed by a channel. Both are the whole product
// behind another door: every strategy, rings, declines that are remembered,
// changes while calls wait, the explanation of each offer, the record of waits
// behind the gauges. A test demands the same decisions with the same reasons
// of all three. Both are written to be as fast as their design allows: heaps
// of calls per class with the heads' keys side by side, eligible agents in
// bitmaps, no allocation per decision.
package baseline
