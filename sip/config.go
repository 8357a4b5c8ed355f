package sip

import (
	"context"
	"net"
	"net/netip"
	"time"

	"switchroom/sip/trace"
)

// Config is what a UA is born with; it does not change while it runs.
type Config struct {
	// Listen holds "udp:HOST:PORT", "tcp:HOST:PORT", "tls:HOST:PORT", "ws:HOST:PORT"
	// and "wss:HOST:PORT". Port 0 takes a free one.
	Listen []string
	// TLS is needed for "tls:" and "wss:", and to connect where authorities are not the
	// system's.
	TLS TLS
	// Advertise is the host put into Via and Contact; "" uses the socket's own.
	Advertise string
	// Realm is the digest realm of the registrar. Default "switchroom".
	Realm string
	// UserAgent goes out as User-Agent and Server. Default "switchroom".
	UserAgent string
	// T1 is the round-trip estimate that all timers follow from (RFC 3261
	// 17.1.1.1). Default 500 ms.
	T1 time.Duration
	// DNS are the servers asked for names of trunks and fixed contacts; none:
	// those of /etc/resolv.conf.
	DNS []netip.AddrPort
	// MaxCallsPending bounds INVITEs admitted and not yet finally answered;
	// beyond it new ones get 503. Default 2000.
	MaxCallsPending int
	// Trace keeps the messages of calls; nil keeps none.
	Trace *trace.Store
	// Networks replaces the system's sockets where it is set.
	Networks Networks
}

// Networks lets a test or a special deployment bring its own sockets. The UA
// closes what it was given when Run returns.
type Networks struct {
	Packet []net.PacketConn // served as UDP, besides Config.Listen
	Stream []net.Listener   // served as TCP, besides Config.Listen
	// Dial opens stream connections; nil uses the system's.
	Dial func(ctx context.Context, address string) (net.Conn, error)
}

// Peers are those who may speak to the UA. The value is immutable once it was
// given to New or Reload.
type Peers struct {
	Trunks    []Trunk
	Accounts  []Account
	Admission Admission
}

// Trunk is a carrier or PBX that calls in and that calls go out through.
type Trunk struct {
	ID string
	// Peers are the source addresses that are this trunk.
	Peers []netip.Prefix
	// Address is the SIP URI that calls out go to; "" for a trunk that only
	// calls in.
	Address string
	// Channels caps the calls of both directions together; 0 is no cap.
	Channels int
	// ChannelsOut caps the calls out among them, so that calls in find room; 0 is
	// no cap but Channels.
	ChannelsOut int
	// Rate caps the calls set up each second, of both directions together, with
	// bursts of as many; 0 is no cap.
	Rate float64
	// Ping is how often the trunk is asked by OPTIONS whether it is there; after
	// three questions without an answer calls out are refused until two were
	// answered. 0 asks never.
	Ping time.Duration
	// Failover are the final responses of this trunk after which a Dial with
	// Routes goes on to the next one; nil: 408, 500, 502, 503 and 504. It goes on
	// in any case when nothing was heard, nothing could be sent or the answer is
	// a redirection, and never once the called phone rings.
	Failover []int
	// Patience is how long such a Dial waits for the first response of all,
	// Progress how long for one beyond 100, before it leaves a trunk for the next
	// one. Default 4 s and 15 s.
	Patience, Progress time.Duration
	// Username and Password answer a challenge of this trunk; "" answers none.
	Username, Password string
	// Identity is how it is told who calls, and whether it is believed.
	Identity IdentityForm
	// Registration is kept by us at the trunk's registrar, if it names one. Calls
	// from there are the trunk's, and without an Address calls out go there.
	Registration OwnRegistration
}

// Account is a phone that registers, or that has a fixed Contact and need not.
type Account struct {
	ID       string
	Password string
	// Contact is a SIP URI that is dialled with no registration.
	Contact string
	// Qualify is how often the phone is asked by OPTIONS whether it is there;
	// 0: never. See PhoneWatcher.
	Qualify time.Duration
}
