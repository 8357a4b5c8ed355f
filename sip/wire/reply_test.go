package wire

import "net/netip"

var source = netip.MustParseAddrPort("203.0.113.7:40000")
