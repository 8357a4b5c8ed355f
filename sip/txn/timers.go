package txn

import "time"

// Timers are the base values of RFC 3261 table 4. The zero value means the
// defaults of 500 ms, 4 s and 5 s.
type Timers struct {
	T1 time.Duration // estimate of a round trip
	T2 time.Duration // longest interval between repetitions of a non-INVITE request or a final response
	T4 time.Duration // how long a message stays in the network
}

const (
	defaultT1 = 500 * time.Millisecond
	defaultT2 = 4 * time.Second
	defaultT4 = 5 * time.Second

	// tryingAfter is how long an INVITE may stay without any answer (17.2.1).
	tryingAfter = 200 * time.Millisecond
	// timerD is the least that an INVITE client waits for repeated final
	// responses; the server's timer H may be longer than ours when its T1 is.
	timerD = 32 * time.Second
)

func (t Timers) orDefaults() Timers {
	if t.T1 <= 0 {
		t.T1 = defaultT1
	}
	if t.T2 <= 0 {
		t.T2 = defaultT2
	}
	if t.T4 <= 0 {
		t.T4 = defaultT4
	}
	return t
}

// Lifetime is 64*T1: timers B, F, H, J, L and M.
func (t Timers) Lifetime() time.Duration { return 64 * t.orDefaults().T1 }
