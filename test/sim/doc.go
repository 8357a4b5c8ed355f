// Command sim runs a floor in a simulation: the production state machines of
// calls and agents (acd.Call, acd.Agent, acd.Guide) and the production queue
// engine, on one goroutine, against a clock that only the simulation moves.
// Callers, agents, sites, phones and faults are drawn from one seed, so that
// hours of floor take milliseconds and a seed that failed fails again.
//
//	go run ./test/sim -seeds 10000          seeds 1 to 10000; ends at the first that fails
//	go run ./test/sim -seed 4711 -trace     that one, step by step
//	go run ./test/sim -mutant lost-decline  with a fault built in, to see it found
//	go run ./test/sim -offers 8             every order of the offer protocol, to a depth (plot.go, explore.go)
//	go run ./test/sim -walks 100000         walks through it by dice, with lost and doubled messages
//
// Callers are queued, led by menus, held, handed on, consulted about, put in
// conference and supervised; agents call out and each other; sites fail, and the
// switch crashes and is started again from its journal by the exchange's own
// recovery (crash.go).
//
// What carries the machines' deeds out is written anew here (deeds.go), as the
// exchange does it: sip, media and recordings are three ports that do what the
// dice say. After every step checkers ask whether a call was lost, whether two
// have the same, whether somebody is idle beside a call that is his, whether
// each agent's state is what follows from first principles (derive.go), and
// whether all times add up (check.go).
package main
