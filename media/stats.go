package media

import "time"

// LegStats describes one leg's traffic. Lost, Jitter and so on are what we
// measured of the peer's stream; the fields that begin with Remote are what the
// peer reported over RTCP of ours.
type LegStats struct {
	Received, ReceivedBytes uint64 // RTP packets accepted, octets of payload
	Sent, SentBytes         uint64 // RTP packets sent, octets of payload
	Lost                    int64  // expected minus received (RFC 3550, A.3)
	Late                    uint64 // came after a later one, still relayed
	TooLate                 uint64 // came too late to be of use, dropped
	Duplicate               uint64 // dropped
	Foreign                 uint64 // from a source that isn't accepted, dropped
	Malformed               uint64 // not RTP or RTCP, dropped
	Unauthentic             uint64 // of a leg with keys: not sealed with them, or sent again; dropped
	Unexpected              uint64 // payload types that nobody agreed to, dropped
	Unwanted                uint64 // came on hold, before Connect or from the old address, dropped
	Restarts                uint64 // changes of SSRC, jumps of sequence numbers
	SendErrors              uint64 // packets the kernel refused
	Digits                  uint64
	Timeouts                uint64

	ReportsReceived, ReportsSent uint64 // RTCP

	Jitter       time.Duration // interarrival jitter (RFC 3550, A.8)
	JitterMax    time.Duration
	RTT          time.Duration // 0: not known
	RemoteLost   int64
	RemoteLoss   float64 // 0 to 1, in the peer's last report
	RemoteJitter time.Duration

	// MOS is the listening quality of what the peer sent us, 1 to 4.41, by the
	// E-model (ITU-T G.107); 0 while nothing was received. RemoteMOS is that of
	// what we sent, as far as the peer reports it.
	MOS, RemoteMOS float64
}

// Loss returns the share of the peer's packets that were lost, 0 to 1.
func (s LegStats) Loss() float64 {
	expected := int64(s.Received) + s.Lost
	if s.Lost <= 0 || expected <= 0 {
		return 0
	}
	return float64(s.Lost) / float64(expected)
}

// Stats describes an engine. The counters are sums over all legs, past ones
// included; they are refreshed a few times a second.
type Stats struct {
	Loops, Sessions, Legs int
	// PortsInUse counts bound port pairs, PortsResting those that rest after
	// use, PortsTotal all of the range.
	PortsInUse, PortsResting, PortsTotal int
	PortFailures                         uint64 // NewLeg returned ErrNoPorts
	Players                              int    // legs something is played to

	PacketsIn, PacketsOut       uint64
	Foreign, Malformed, Dropped uint64
	Unauthentic                 uint64
	SendErrors                  uint64
	FramesSkipped               uint64 // not played because the loop was late
	Faults                      uint64 // kept from spreading beyond their session
	Timeouts                    uint64
	PeersRefused                uint64 // Connect to an address that CheckRemote refuses
}
