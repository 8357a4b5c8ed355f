// Package queue is where the lock-free queue is held against others: baselines
// of the usual designs, the load that drives them all, the command that
// compares them, and the command that puts faults into the queue to see that
// its tests find them.
//
//	go run ./test/queue/compare -quick
//	go run ./test/queue/mutants
//
// What looks inside the engine - the oracle, linearizability, stress, stopped
// goroutines - stands beside it in switchroom/queue. Longer than in the normal
// run:
//
//	go test ./queue -run Linear -linear.for=10m -cpu 1,2,4,8
//	go test ./queue -run TheRules -rapid.checks=16500 -v
//	go test ./queue -run Everything -stress 1000 -race
package queue
