//go:build !linux

package sip

import (
	"net"
	"net/netip"
)

// datagramWay is a shorter way out, which only Linux has.
type datagramWay struct{}

func newDatagramWay(*net.UDPConn) *datagramWay { return nil }

func (d *datagramWay) send([]byte, netip.AddrPort) bool { return false }
