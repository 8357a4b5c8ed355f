// Package queue is where the lock-free queue is held against others: baselines
// of the usual designs, the load that drives them all, the command that
// compares them, and the command that puts faults into the queue to see that
// its tests find them.
//
//	go run ./test/queue/compare          the whole table, some six minutes
//	go run ./test/queue/compare -quick   a few cells
//	go run ./test/queue/mutants
//
// What looks inside the engine - the oracle, linearizability, stress, stopped
// goroutines - stands beside it in switchroom/queue. Longer than in the normal
// run:
//
//	go test ./queue -run Linear -linear.for=10m -cpu 1,2,4,8
//	go test ./queue -run TheRules -rapid.checks=16500 -v
//	go test ./queue -run Everything -stress 1000 -race
//
// # What the comparison shows
//
// On two cores with nothing else to do; the figures are ratios of one run to
// the mutex of the same run. One goroutine alone makes 0.9 to 1.1 of the
// mutex's decisions with up to 5,000 calls waiting, and 0.7 with 100,000,
// where a class has a hundred calls and a match renews three levels of its
// tournament instead of a heap's two or three nodes: there the mutex wins. A
// decision is some 30 atomic writes where the lock takes six, at 5 to 10 ns
// each; scanning keys and words, explaining and reading the clock cost both the
// same.
//
// With two goroutines and more the mutex stays at what one core can do, and
// below it when its holder is preempted, while the lock-free queue uses both,
// at 1.0 to 1.5 times the CPU time for a decision, for the cache lines that
// then go to and fro. At 1,000 agents that gives 1.8 to 1.9 times the decisions
// where agents wait, 1.6 with 1,000 calls waiting, 1.5 to 1.7 with 100,000, and
// 1.3 to 1.6 with 5,000 and work of 5 microseconds between two decisions. At
// 10,000 agents it is 2.0 to 2.2, and 1.3 to 1.5 with 100,000 waiting. Where
// others want the second core half of the time the lock-free queue loses what
// they take and the mutex, which has no use for it, loses nothing: then it is
// 1.1 to 1.4.
//
// # What the tails show
//
// A decision's p99 is 2 to 3 microseconds at 1,000 agents, whatever waits, and
// its p99.9 5 to 40: a tenth to a hundredth of the mutex's, and a third of it
// in one cell (10,000 agents, 100,000 waiting, two goroutines). A goroutine
// that finds the lock taken is parked, and the one that holds it goes on alone
// for hundreds of decisions and more (Go's mutex is handed over to who has
// waited for a millisecond); then they change parts. On a machine that is busy
// otherwise the p99.9 of a closed loop tells the engines apart no longer: the
// waiting for the lock falls behind it, since a loop that waits does not ask,
// and what is seen is that a core is taken away, which happens to each engine
// alike.
//
// The longest decision grows with the goroutines, to 200 ms with sixteen on two
// cores: that is how long one preempted in the middle of an operation waits for
// its turn. Nobody waits for it meanwhile.
//
// Where a decision falls due at a pace and its latency counts from then (the
// third table: a decision each 4 microseconds on each goroutine), the waiting
// is in every quantile: with two, p50 is 1.3 microseconds against the mutex's
// 1.6 milliseconds, p99.9 0.7 milliseconds against 11.
//
// With a goroutine stopped for 100 ms at a time in the middle of an operation
// (the last table), the mutex and the owner stand still for everybody, for a
// third of the time; nobody stands still with the lock-free queue, which makes
// 2.3 times the mutex's decisions, at a tenth to a hundredth of its p99.9.
//
// The single owner makes a third to four fifths of the mutex's decisions, with
// a p99.9 of 0.1 to 0.5 ms.
package queue
