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
// to be repeated where it matters. One goroutine alone makes 1.0 to 1.1 of the
// mutex's decisions where agents wait for calls, 0.8 to 0.9 with 5,000 calls
// waiting, and 0.7 to 0.9 with 100,000, where a class has a hundred calls and a
// match renews three levels of its tournament instead of a heap's two or three
// nodes: there the mutex wins. A decision is some 30 atomic writes where the
// lock takes six, at 5 to 10 ns each; scanning keys and words, explaining and
// reading the clock cost both the same.
//
// With two goroutines and more the mutex stays at what one core can do, and
// below it when its holder is preempted, while the lock-free queue uses both,
// at 1.1 to 1.6 times the CPU time for a decision, for the cache lines that
// then go to and fro. At 1,000 agents that gives 1.3 to 1.6 times the decisions
// where agents wait, and 1.1 to 1.5 with 5,000 calls waiting: the lower figures
// are those of a machine whose other core is wanted by others half of the time,
// which takes nothing from the mutex, as that has no use for it. At 10,000
// agents it is 1.2 to 1.9.
//
// # What the tails show
//
// A decision's p99 is 2 to 3 microseconds at 1,000 agents and 5,000 waiting.
// The p99.9 of a closed loop is 3 to 6 microseconds for both there, on a busy
// machine up to 20, and below a tenth of the mutex's only where many goroutines
// come to wait for the lock, as with 10,000 agents and four or more of them.
// The reason lies in the loop. A goroutine that finds the lock taken is parked,
// and the one that holds it goes on alone for hundreds of decisions and more
// (Go's mutex is handed over to who has waited for a millisecond); then they
// change parts. So two goroutines together use one core, and each waits for
// half of its time, but in less than one decision of a thousand, since a loop
// that waits does not ask: the waiting falls behind the p99.9. What is seen in
// the lock-free queue's is that a core is taken away, by an interrupt or for
// others, which happens to each engine alike.
//
// Where a decision falls due at a pace and its latency counts from then (the
// third table: two goroutines, one decision each 4 microseconds, some 70 % of
// what the mutex can do), the waiting is in every quantile: p50 is 2
// microseconds against the mutex's 1.5 milliseconds. p99 and beyond are then
// how long the machine takes a core away, the same milliseconds for both; only
// with both cores to themselves are they the engines'.
//
// With a goroutine stopped for 100 ms at a time in the middle of an operation
// (the last table), the mutex and the owner stand still for everybody, for a
// third of the time; nobody stands still with the lock-free queue, which makes
// 1.6 to 1.9 times the mutex's decisions with two goroutines and 1.6 to 2.3
// times with eight. Its p99.9 there was between a fiftieth of the mutex's and
// twice of it, by the run.
//
// The single owner makes a third to a half of the mutex's decisions and has
// tails of milliseconds.
package queue
