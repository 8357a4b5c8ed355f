// Package queue is where the lock-free queue is held against others: baselines
// of the usual designs, the load that drives them all, the command that
// compares them, and the command that puts faults into the queue to see that
// its tests find them.
//
//	go run ./test/queue/compare          the whole table, some three minutes
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
// Measured on two cores that others used as well, so to be read as ratios, and
// to be repeated where it matters. One goroutine alone makes 0.8 to 1.0 of the
// mutex's decisions with up to 5,000 calls waiting and 0.6 to 0.7 with
// 100,000, where a class has a hundred calls and a match renews three levels
// of its tournament instead of a heap's two or three nodes: there the mutex
// wins. A decision is some 30 atomic writes where the lock takes six, at about
// 10 ns each; scanning keys and words, explaining and reading the clock cost
// both the same.
//
// With two goroutines and more the mutex stays at what one core can do, and
// below it when its holder is preempted, while the lock-free queue uses both
// at up to 1.7 times the CPU time for a decision, for the cache lines that
// then go to and fro: 1.0 to 1.3 times the decisions at 1,000 agents, 1.2 to
// 1.6 at 10,000 agents with up to 5,000 waiting, and 1.4 to 1.5 where each
// caller has 5 microseconds of other work. With 100,000 waiting it is 0.8 to
// 1.5.
//
// A decision's p99 is 2 to 3 microseconds at 1,000 agents and 5,000 waiting.
// Its p99.9 is below a tenth of the mutex's where goroutines come to wait for
// the lock, as with 10,000 agents and four or more of them; where the lock is
// seldom waited for, both have a p99.9 of a few microseconds and there is no
// tenth to be had. The single owner makes a third to a half of the mutex's
// decisions and has tails of milliseconds.
package queue
