package demo

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"go.uber.org/zap"

	"switchroom/media"
)

// place is where the demonstration happens: a loopback address for each party
// that has a house of its own, and free ports on it.
type place struct {
	theSwitch netip.Addr
	carrier   netip.Addr
	sites     map[string]netip.Addr

	sip     netip.AddrPort // the switch's, UDP and TCP
	api     netip.AddrPort
	trunk   netip.AddrPort // the carrier's
	engines map[netip.Addr]*media.Engine
}

// The RTP ports of the switch and of those around it. They are apart, as a
// switch sends nothing to ports of its own range on its own address, which
// all of them have where there is only 127.0.0.1.
const (
	switchPorts              = "21000-21399"
	peerPortMin, peerPortMax = 21400, 21999
)

// settle finds addresses and ports. Where the system has no more loopback
// addresses than one, all houses share it.
func settle() (*place, error) {
	home := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	p := &place{theSwitch: home, sites: map[string]netip.Addr{}, engines: map[netip.Addr]*media.Engine{}}
	p.carrier = houseOr(netip.AddrFrom4([4]byte{127, 0, 0, 2}), home)
	p.sites["chengdu"] = houseOr(netip.AddrFrom4([4]byte{127, 0, 0, 3}), home)
	p.sites["beijing"] = houseOr(netip.AddrFrom4([4]byte{127, 0, 0, 4}), home)
	var err error
	if p.sip, err = freePort(p.theSwitch); err != nil {
		return nil, err
	}
	if p.api, err = freePort(p.theSwitch); err != nil {
		return nil, err
	}
	p.trunk, err = freePort(p.carrier)
	return p, err
}

func houseOr(house, home netip.Addr) netip.Addr {
	c, err := net.ListenPacket("udp", netip.AddrPortFrom(house, 0).String())
	if err != nil {
		return home
	}
	_ = c.Close()
	return house
}

// freePort finds a port that is free for UDP and TCP.
func freePort(at netip.Addr) (netip.AddrPort, error) {
	var last error
	for range 20 {
		l, err := net.Listen("tcp", netip.AddrPortFrom(at, 0).String())
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("no free port: %w", err)
		}
		free, err := netip.ParseAddrPort(l.Addr().String())
		if err == nil {
			var c net.PacketConn
			if c, err = net.ListenPacket("udp", free.String()); err == nil {
				_ = c.Close()
			}
		}
		_ = l.Close()
		if err == nil {
			return free, nil
		}
		last = err
	}
	return netip.AddrPort{}, fmt.Errorf("no free port: %w", last)
}

// engine is the media of a house, started when first asked for.
func (p *place) engine(at netip.Addr, log *zap.Logger) (*media.Engine, error) {
	if e := p.engines[at]; e != nil {
		return e, nil
	}
	e, err := media.NewEngine(media.Config{Listen: at, PortMin: peerPortMin, PortMax: peerPortMax, MaxLoops: 1}, log)
	if err == nil {
		p.engines[at] = e
	}
	return e, err
}

// close ends the media of all houses.
func (p *place) close() error {
	var errs []error
	for _, e := range p.engines {
		errs = append(errs, e.Close())
	}
	return errors.Join(errs...)
}
