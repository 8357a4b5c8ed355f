package sip

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"switchroom/sip/trace"
)

const (
	// datagramMax is the largest UDP payload there is.
	datagramMax = 65535
	// socketBuffer holds a burst of a thousand phones that register at once.
	socketBuffer = 4 << 20
)

// packetSocket is one UDP socket.
type packetSocket struct {
	conn  net.PacketConn
	udp   *net.UDPConn // conn, when it is the system's
	fast  *datagramWay // its shorter way out; nil mostly elsewhere than on IPv4
	local netip.AddrPort
	// host and port are what goes into Via and Contact.
	host  string
	port  uint16
	trace *trace.Store
}

func newPacketSocket(conn net.PacketConn, advertise string) (*packetSocket, error) {
	local, err := addrPort(conn.LocalAddr())
	if err != nil {
		return nil, err
	}
	s := &packetSocket{conn: conn, local: local, host: advertise, port: local.Port()}
	if udp, ok := conn.(*net.UDPConn); ok {
		s.udp, s.fast = udp, newDatagramWay(udp)
		_ = udp.SetReadBuffer(socketBuffer) // the kernel's limit is as good as we get
		_ = udp.SetWriteBuffer(socketBuffer)
	}
	if s.host == "" && !local.Addr().IsUnspecified() {
		s.host = hostText(local.Addr())
	}
	return s, nil
}

func (s *packetSocket) send(message []byte, to netip.AddrPort) error {
	if s.fast.send(message, to) {
		return nil
	}
	var err error
	if s.udp != nil {
		_, err = s.udp.WriteToUDPAddrPort(message, to)
	} else {
		_, err = s.conn.WriteTo(message, net.UDPAddrFromAddrPort(to))
	}
	if errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("send to %s: %w", to, ErrClosed)
	}
	return nil // a datagram not sent is a datagram lost: timers see to it
}

func (s *packetSocket) read(buffer []byte) (int, netip.AddrPort, error) {
	if s.udp != nil {
		n, from, err := s.udp.ReadFromUDPAddrPort(buffer)
		return n, plainAddr(from), err
	}
	n, addr, err := s.conn.ReadFrom(buffer)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	from, err := addrPort(addr)
	return n, from, err
}

// servePacket reads s until it is closed. No error and no message ends it.
func (ua *UA) servePacket(s *packetSocket) {
	buffer := make([]byte, datagramMax)
	for {
		n, from, err := s.read(buffer)
		switch {
		case err == nil:
			ua.receive(flow{packet: s, remote: from}, buffer[:n])
		case errors.Is(err, net.ErrClosed):
			return
		default:
			ua.count(readError)
			if !ua.pause(time.Millisecond) { // an error that repeats must not spin
				return
			}
		}
	}
}

// hostText is an address as it stands in a URI.
func hostText(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		return "[" + a.WithZone("").String() + "]"
	}
	return a.Unmap().String()
}
