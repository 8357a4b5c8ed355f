// Package replay makes the decisions of a journal again. It feeds what the
// journal says came in - the routing of each configuration, agents who become
// free or go away, calls that enter, are answered, declined or given up - to
// the queue that the exchange itself uses, on a clock that is the journal's,
// and compares each offer it makes with the one that was made.
//
// # What can be made again, and what cannot
//
// The queue has no lock and no dispatcher: decisions are made by whichever
// goroutine makes one possible, on many processors at once. An offer has a Seq,
// and offers in the order of their Seqs are in the order in which they took
// effect. An input is in the journal before the queue hears of it. So:
//
//   - Where inputs lie further apart than the time an input takes from the
//     journal to the queue (microseconds, on a crowded machine milliseconds),
//     the journal's order is the order of effect, and the decision is made again
//     exactly: the same call, the same agent, the same ring.
//   - Inputs that overlapped may have taken effect the other way round than the
//     journal has them. Two agents who became free in the same instant may
//     stand in the other order, and a later call that goes to the longest idle
//     gets the other one of them. Such a difference is told as close, with both
//     explanations: neither order is wrong, and the journal does not say which
//     it was. What follows from it until both parties are free anew is told as
//     following.
//   - Any other difference means that the code does not decide as it did: another
//     version of the program, or a fault.
//   - Rings are looked at every so often, and when is not written down: a look
//     that matches nothing changes nothing, and one that does is seen by its
//     decision. The replay looks at that moment.
//   - A strategy that measures time in service (least-occupied) is made again as
//     exactly as the journal's times are: to some microseconds.
//
// After a difference the replay takes over what was really decided, so that
// later decisions are judged on the state in which they were made. The price is
// that the queue's counts of accepted calls, and its memory of who declined,
// lack that one offer.
//
// A journal whose beginning was thrown away, and one with a gap, can be judged
// from the next start of the switch on; what lies before is counted as skipped.
//
// Memory is that of the state - the agents, the calls that wait - and does not
// grow with the journal. The hash of all decisions made is the same every time.
package replay
