//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"switchroom/media"
)

// The attacker is a process of its own. It is told whom to attack and tells what
// it did: two lines of JSON.
type (
	target struct {
		Live   []netip.AddrPort // RTP ports of legs; RTCP is above each
		Rate   int              // packets a second to live ports, and as many to all ports in turn
		Length time.Duration
	}
	damage struct {
		Sent, Swept int64
		Heard       int64 // packets that came back: there must be none
	}
)

// attackers is how many source addresses it has: 127.0.66.1 and on.
const attackers = 32

// mark begins the sound of injected packets: no leg has this number.
const mark = 0x66666666

// attack is the attacker's process: RTP, telephone events, what looks like SRTP,
// RTCP too short or with BYE, DTLS, STUN, and nothing at all.
func attack(in io.Reader, out io.Writer) error {
	var t target
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	var fds []int
	for i := range attackers {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 66, byte(i + 1)}}); err != nil {
			return err
		}
		fds = append(fds, fd)
	}
	var d damage
	weapons, b := arsenal(), newBatch()
	start := time.Now()
	for n := 0; time.Since(start) < t.Length; {
		for due := int(time.Since(start).Seconds() * 2 * float64(t.Rate)); n < due; n += batchLen {
			for i := range batchLen {
				w := weapons[(n/batchLen+i)%len(weapons)]
				copy(b.buf[i][:], w)
				to := rawAddr(t.at(n + i))
				b.aim(i, len(w), &to)
			}
			fd := fds[n/batchLen%attackers]
			sent := int64(b.send(fd, batchLen))
			d.Sent += sent
			d.Swept += sent / 2
			d.Heard += int64(b.receive(fd, false))
		}
		time.Sleep(2 * time.Millisecond)
	}
	for _, fd := range fds {
		d.Heard += int64(b.receive(fd, false))
	}
	return json.NewEncoder(out).Encode(d)
}

// at is where packet n goes: every other one to a live port.
func (t *target) at(n int) netip.AddrPort {
	if n%2 == 0 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(media.DefaultPortMin+n/2%(media.DefaultPortMax-media.DefaultPortMin+1)))
	}
	live := t.Live[n/2%len(t.Live)]
	return netip.AddrPortFrom(live.Addr(), live.Port()+uint16(n/2/len(t.Live)%4/3)) // RTCP's one time in four
}

func arsenal() [][]byte {
	speech := make([]byte, packetLen)
	speech[0] = 0x80
	binary.BigEndian.PutUint32(speech[8:], mark)
	for i := legOff; i+4 <= packetLen; i += 4 {
		binary.BigEndian.PutUint32(speech[i:], mark)
	}
	key := append([]byte{0x80, 101, 0, 1, 0, 0, 0, 1, 0x66, 0x66, 0x66, 0x66}, 5, 0x80, 3, 0x20)
	other := append([]byte(nil), speech...)
	other[1], other[2] = 8, 0x77 // A-law, from far ahead
	srtp := append(append([]byte(nil), speech...), make([]byte, 10)...)
	dtls := append([]byte{22, 0xfe, 0xfd}, make([]byte, 60)...)
	stun := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	short := []byte{0x80, 201, 0, 1, 0, 0, 0, 1}
	bye := []byte{0x80, 201, 0, 1, 0, 0, 0x66, 0x66, 0x81, 203, 0, 1, 0, 0, 0x66, 0x66}
	return [][]byte{speech, key, other, srtp, dtls, stun, short, bye, speech[:14], {0x80}}
}

// onslaught starts the attacker against legs and returns what waits for its end.
func (o options) onslaught(legs []netip.AddrPort) (wait func() (damage, error), err error) {
	if o.attack == 0 {
		return func() (damage, error) { return damage{}, nil }, nil
	}
	p, err := startProcess("-attacker")
	if err != nil {
		return nil, err
	}
	err = json.NewEncoder(p.in).Encode(target{Live: legs, Rate: o.attack, Length: o.length + time.Second})
	return func() (d damage, err error) {
		defer p.end()
		return d, p.answers.Decode(&d)
	}, err
}
