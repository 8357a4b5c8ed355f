package sip

// Stats is a snapshot. All but Counters return to their baseline when no call
// is up.
type Stats struct {
	Legs, Transactions, Timers, Bindings, Connections int
	// Counters by reason, only ever growing.
	Counters map[string]uint64
}
