// Command load measures the whole switch: its own carrier and phones speak
// real SIP (and, where it is asked for, RTP) to a switch that runs as a process
// of its own, and what is printed is that process's CPU time and the delays as
// the peers see them.
//
//	go run ./test/load rate    calls through the queue at a rate: CPU-seconds per 1000 calls, INVITE to INVITE
//	go run ./test/load hold    recorded calls held: CPU of a core per call
//	go run ./test/load freed   calls waiting, agents freed one by one: BYE to next INVITE
//	go run ./test/load idle    silent waiting calls: what doing nothing costs
//
// Figures of two machines, or of two hours on one, say little beside one
// another; ratios within a run do.
package main
