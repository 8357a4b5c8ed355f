package queue

// Two kinds of words are the only truth: a place's word says what becomes of
// the call in it, an agent's word what becomes of the agent. All else is an
// index that may be late.
//
//	agent   63     60                  41                                    0
//	 idle    | kind | generation 20     | order, or the last offer's number 41 |
//	 claim   | kind | trigger 3 | place 20 | version 38                      |
//	 offer   | kind | place 20          | sequence number 41                 |
//
//	place   63     60      57          41                                    0
//	 waiting | kind | 0                                | version 38          |
//	 other   | kind | 0    | agent 16   | sequence number 41                 |
//
// Why no word can come back (ABA): a waiting word's version, the
// number of an offered, served or gone word, and the order of an agent's
// becoming available are drawn from one counter of the engine that only grows;
// an idle word has a number of its own, that of the offer which it ends, or a
// generation from a counter of its agent. A compare-and-swap that expects a
// word of long ago could be deceived after 2^38 or 2^40 numbers drawn, or 2^20
// changes of one agent that keep its order of becoming available, all while
// one goroutine stands still between two instructions: at 1,000 calls a second
// 4 years, 17 years, and 17 minutes of nothing but profile changes to one
// agent who stays available.
// The tournaments' node words and the heads of the free stacks carry versions
// of 43 bits that every swap raises, a class's key a short one for which
// key.go has its own argument.
const (
	kindShift = 61

	seqBits   = 41
	seqMask   = 1<<seqBits - 1
	placeBits = 20
	placeMask = 1<<placeBits - 1
	verBits   = 38
	verMask   = 1<<verBits - 1
	genMask   = 1<<20 - 1
	colBits   = 16
	colMask   = 1<<colBits - 1

	landed = 1 // in a number: of an offer made in becoming available
)

// The agent's word.
//
//	                AddAgent
//	free --> setup ----------> notReady <-----------------------+
//	 ^         ^                 |   ^                          | decline,
//	 |         | remove    ready |   | not ready                | abandon
//	 +---------+-----------------v---+                          |
//	                         available --> claim ----------> offered
//	                             ^   <----'    ^                |
//	                             | undone      |                | accept
//	                             |             |                v
//	                             +-- ready --(land)<----------serving
const (
	agentFree      = iota // the column belongs to nobody
	agentSetup            // one goroutine is taking the column, or giving it up
	agentNotReady         // kept out until Ready or Return
	agentAvailable        // since its order
	agentClaim            // for the place and version in the word; undecided
	agentLand             // the same, by one who was not available before it
	agentOffered          // the offer in the word has taken effect
	agentServing          // accepted; until Ready or Return
)

// The place's word. A final word stands until the place serves another call.
//
//	empty --> waiting --> offered --> served
//	            ^ |         | |
//	            '-+-decline-' |
//	              | abandon   | abandon
//	              '--> gone <-'
const (
	placeEmpty   = iota
	placeWaiting // version
	placeOffered // to the agent, with the sequence number
	placeServed  // the agent accepted; final
	placeGone    // abandoned; final
)

func kindOf(w uint64) int { return int(w >> kindShift) }

func idleWord(kind int, gen uint32, order uint64) uint64 {
	return uint64(kind)<<kindShift | uint64(gen&genMask)<<seqBits | order&seqMask
}

func orderOf(w uint64) uint64 { return w & seqMask }

func claimWord(kind int, why Trigger, place int, ver uint64) uint64 {
	return uint64(kind)<<kindShift | uint64(why&7)<<(placeBits+verBits) | uint64(place)<<verBits | ver&verMask
}

func claimOf(w uint64) (why Trigger, place int, ver uint64) {
	return Trigger(w >> (placeBits + verBits) & 7), int(w >> verBits & placeMask), w & verMask
}

func isClaim(w uint64) bool { k := kindOf(w); return k == agentClaim || k == agentLand }

func offerWord(place int, seq uint64) uint64 {
	return uint64(agentOffered)<<kindShift | uint64(place)<<seqBits | seq&seqMask
}

func offerOf(w uint64) (place int, seq uint64) {
	return int(w >> seqBits & placeMask), w & seqMask
}

// waitingWord takes a drawn number, of which the lowest bit says nothing.
func waitingWord(drawn uint64) uint64 { return uint64(placeWaiting)<<kindShift | drawn>>1&verMask }

func placeWord(kind, col int, seq uint64) uint64 {
	return uint64(kind)<<kindShift | uint64(col)<<seqBits | seq&seqMask
}

func colOf(w uint64) int    { return int(w >> seqBits & colMask) }
func seqOf(w uint64) uint64 { return w & seqMask }
