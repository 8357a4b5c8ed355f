// Package report turns facts into the figures a call centre is run and paid
// by: counts, service level, average times, occupancy. It is pure: facts in,
// figures out, with the name of each formula beside its result.
//
// Facts are what the journal says of one visit of a call to a queue, one
// offer to an agent, one stretch of handling a call, one stretch of an
// agent's state. Counts belong to the interval of their event, durations of a
// call to the interval in which they complete; an agent's time is split at
// interval edges.
//
// The package must not know where facts are stored or how reports are asked
// for. Its functions may be called from any goroutine.
package report
