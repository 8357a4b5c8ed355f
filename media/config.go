package media

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"time"
)

// Config says where an engine's sockets are and how long it waits.
type Config struct {
	// Listen is the address to bind. Its family decides what a leg can reach.
	Listen netip.Addr
	// Advertise is the address for our session descriptions. Invalid: Listen.
	Advertise netip.Addr
	// PortMin and PortMax bound the ports, both inclusive. A pair is an even
	// port for RTP and the odd one above it for RTCP. Both 0: 16384-32767.
	PortMin, PortMax uint16
	// Timeout is how long neither RTP nor RTCP may come from a peer that is
	// not on hold before [Timeout] is reported. 0: 30 s. Negative: never.
	Timeout time.Duration
	// Rest is how long a freed pair is not used. 0: 5 s. Negative: not at all.
	Rest time.Duration
	// Taken are ports of this host that others serve: nothing is sent there.
	Taken []uint16
	// MaxLoops bounds the event loops. 0: the number of CPUs.
	MaxLoops int
}

// The defaults of [Config].
const (
	DefaultPortMin = 16384
	DefaultPortMax = 32767
	DefaultTimeout = 30 * time.Second
	DefaultRest    = 5 * time.Second
)

// withDefaults returns c with its zero values filled in, or all its faults.
func (c Config) withDefaults() (Config, error) {
	if c.PortMin == 0 && c.PortMax == 0 {
		c.PortMin, c.PortMax = DefaultPortMin, DefaultPortMax
	}
	if !c.Advertise.IsValid() {
		c.Advertise = c.Listen
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Rest == 0 {
		c.Rest = DefaultRest
	}
	if c.MaxLoops == 0 {
		c.MaxLoops = runtime.NumCPU()
	}
	c.Listen, c.Advertise = c.Listen.Unmap(), c.Advertise.Unmap()
	return c, c.faults()
}

func (c Config) faults() error {
	var faults []error
	switch {
	case !c.Listen.IsValid():
		faults = append(faults, errors.New("media: listen address missing"))
	case c.Listen.IsMulticast():
		faults = append(faults, fmt.Errorf("media: listen address %v is multicast", c.Listen))
	case c.Advertise.IsUnspecified() || c.Advertise.IsMulticast():
		faults = append(faults, fmt.Errorf("media: %v can't be advertised", c.Advertise))
	}
	if c.PortMin < 1024 || firstPair(c.PortMin)+1 > int(c.PortMax) {
		faults = append(faults, fmt.Errorf("media: no port pair above 1023 in %d-%d", c.PortMin, c.PortMax))
	}
	if c.MaxLoops < 0 {
		faults = append(faults, fmt.Errorf("media: %d loops", c.MaxLoops))
	}
	return errors.Join(faults...)
}
