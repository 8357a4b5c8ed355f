// Package floor makes journals without a switch: a simulated floor of agents
// and callers on one goroutine and a clock of its own, whose calls are given out
// by the real queue. What it writes has the form of what the exchange writes,
// so a replay of it has to make every decision again.
package floor
