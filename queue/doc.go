// Package queue pairs waiting calls with free agents: by skill and site, by
// whichever goroutine made a pair possible, with no lock, no dispatcher and no
// polling. It owns who waits, who is free and what is offered to whom. It must
// not know what a call or an agent is beyond skill, level, site, queue,
// priority and time, and imports nothing but the standard library.
//
// Every method may be called from any goroutine, except Tick, which one
// goroutine calls. An Engine starts no goroutine and takes no lock. Offer is
// called on the goroutine that completed the match; see Options.
//
// # What a call needs
//
// A class is one need: a queue, a priority, a strategy and rings. A ring opens
// when a call has waited After, and admits the agents who serve the queue, sit
// at one of its sites and have each of its skills at least at its level. Rings
// add up: whom a ring admits, the later ones admit too. The ring in force for
// a call is the last that has opened. An agent has a profile - one site,
// skills with levels, the queues it serves - and room for one call.
//
// # Which agent a call gets
//
// Of the available agents whom the ring in force admits, all of them, the one
// that comes first by
//
//  1. who has not declined this call before who has (the last 12 declines of
//     a call are remembered),
//  2. the place of its site in the list of the ring in force, the nearest
//     first; a site that only an earlier ring lists comes after those listed,
//  3. the strategy's term (see Strategy); BestSkill adds the levels in the
//     skills that the first ring asks for,
//  4. the longest idle: the order in which they became available.
//
// Who has declined comes last, but is not shut out: a caller does not wait
// beside a free agent because nobody else is there. While another may have
// the call, the other gets it.
//
// # Which call an agent gets
//
// Of all waiting calls whose ring in force admits the agent, the one with the
// highest score: Priority*HeadStart plus its age; among equals the older
// arrival, then the one that entered first. So the order is one of arrival
// less head start and does not change as time goes by. Within a class it is
// the order of arrival, whatever the order of entering: a call that is
// transferred keeps its Arrival and its due.
//
// # What becomes of them
//
//	call:  Enter -> waiting -> offered -> accepted | abandoned
//	                   ^----------'  Decline
//	agent: AddAgent -> not ready -> available -> in an offer -> serving
//	                       ^ decline, abandon -------'            |
//	                       '-- Ready, Return --> available <-Ready-'
//
// Abandon ends a call at any time, in constant time for a given depth of its
// class. The agent to whom an abandoned or declined call was offered is held
// not ready until Ready or Return, because its phone has to stop ringing
// first. A match for a call that was abandoned before delivery is not
// delivered; where abandonment and delivery cross, Accept says false.
// RemoveAgent lets an offer in progress end. A retired class takes no more
// calls and ends with its last one.
//
// # Invariants
//
//   - An agent is in at most one offer, a call in at most one, and a call ends
//     exactly once.
//   - When the operations in progress have returned, and Tick after the last
//     opening of a ring, no available agent and waiting call that match are
//     left side by side.
//   - Calls of equal need are matched in their order.
//   - Counters, keys and bitmaps err on one side while operations are in
//     progress - too many waiting, too many free, too small a key, too many
//     bits - and are exact when none is.
//
// # How
//
// Two kinds of words are the only truth (words.go): a place's word for the
// call in it, an agent's word for the agent. A match moves the agent's word,
// the place's, and the agent's again (claim.go); whoever meets it half-way
// completes it. A class keeps its calls in a tournament (lane.go, tree.go), of
// which one load gives the oldest, and a key (key.go) that bounds it: an agent
// looks at the keys of its classes and then at the call behind the smallest
// (pick.go). A call that finds an agent at once is matched before it is put
// there (direct.go), and an agent whom a call waits for is given it in becoming
// available (ready.go): neither is ever seen waiting or free by the others. A class and ring keep a bitmap of the agents (definition.go),
// which the calls' look combines with counters of the free ones per block of
// 64 (choose.go); it is exact for an agent unless a change of the profile is
// in progress, and then the need itself is asked. Rings open by the oldest
// call of each class alone (tick.go).
//
// No lost wake-up: a call is put in sight and then looks for an agent, whether
// or not it looked before; an
// agent becomes available and then looks for a call; Go's atomics are
// sequentially consistent, so of two that overlap one sees the other. Whoever
// undoes a claim looks again for the agent, and whoever puts a call back looks
// again for the call.
//
// Lock-free: every loop that repeats does so because another goroutine
// completed a step, or completes a step itself before it repeats. A goroutine
// that stops for good at any instruction takes with it at most the call and
// the agent of its own operation.
//
// # When an operation takes effect
//
// Marked "<- linearization" in the code:
//
//	Enter         when the lane's top first includes the call; when the top was
//	              seen empty, if the call is matched before
//	Ready, Return when the agent's word becomes available, or a claim
//	NotReady, RemoveAgent, ChangeAgent  when the agent's word is replaced
//	Accept, Abandon  when the place's word becomes served or gone
//	Decline       when the place's word becomes waiting (the agent is out of
//	              the offer), and when the top includes the call again
//	a match       when the place's word becomes offered
//	Redefine, RetireClass  at the store of the definition, of the life word
//
// "Longest idle", and every rule for the agent, is judged at the claim, among
// the words that the scan saw one after another; "oldest call", and every rule
// for the call, at the loads of the tops before the claim: within a class that
// is one instant, across classes each class has its own. So a decision is
// exact whenever nothing else happens during it, and otherwise the one that
// was right for each agent and each class at some instant of it.
//
// # Bounds and costs
//
// Capacity is reserved by New and taken on entry; full is an answer. No
// operation on calls allocates, except that a class makes room for its first
// 9, 73, 585, 4,681, 37,449 calls at once (22 bytes a call) and keeps it.
// Definitions and profiles allocate. Enter costs a swap for each level of the
// class's tournament, O(log8 waiting of the class); Abandon and a match look
// at eight entries where the call was the one named. The agents' look costs
// one load a class it may serve and the oldest calls of one or two; the calls'
// look one load a block of 64 agents and one a free agent admitted. The Why of
// an offer is made from counters that changes of configuration keep, at no
// allocation and 0.05 to 0.1 microseconds; BenchmarkExplain measures it.
//
// Places, seats, the words and the cells of a lane, the heads of the shelves
// and of the sequence, and the counters of free agents have cache lines of
// their own. For the counters that alone took a tenth off a decision with two
// goroutines, and for the shelves (place.go), instead of one stack of free
// places, another tenth. The agents' words and the classes' keys stand eight to
// a line: apart they gained nothing that could be measured, as a scan then
// reads eight times the lines.
package queue
