package media

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"go.uber.org/zap"
)

// A leg with keys takes and sends protected packets alone. What comes is
// authenticated before anything is learned from it or counted for the peer: its
// address, its SSRC, its numbers. A packet that isn't authentic is counted and
// dropped, however many come; no packet ends a call.
const (
	// replayWindow is how far behind the newest packet one may come, in
	// packets: more than what is still told apart further in.
	replayWindow = 128
	// streamsMax bounds the SSRCs that one key may be used for, as each has a
	// state: a peer that changes its SSRC more often has run wild.
	streamsMax = 64
)

// secure is the protection of one leg.
type secure struct {
	keys   Keys
	in     unsealer
	before unsealer // of the key before, whose last packets are still on their way
	until  int64    // and how long they are taken
	out    *srtp.Context
}

// unsealer opens what was protected with one key.
type unsealer struct {
	context          *srtp.Context
	ssrc, rtcpSSRC   uint32 // seen last
	known            bool   // ssrc is that of an authentic packet
	rtcpKnown        bool
	streams, reports int // SSRCs so far, and changes of them
}

// sealing is a loop's room for the work.
type sealing struct {
	rtp    rtp.Header
	rtcp   rtcp.Header
	packet [bytesMax + 64]byte
	spare  [bytesMax]byte
}

// protect puts keys in force. What has not changed goes on: a key that is used
// again from its beginning would give its secret away. A new key counts its
// rollovers from zero (RFC 4568 has no way to tell another number).
func (l *loop) protect(leg *Leg, keys Keys) {
	if keys == (Keys{}) {
		leg.secure = nil
		return
	}
	if l.sealing == nil {
		l.sealing = &sealing{}
	}
	old := leg.secure
	if old == nil {
		old = &secure{}
	}
	next := *old
	next.keys = keys
	var err error
	if keys.Suite != old.keys.Suite || keys.Remote != old.keys.Remote {
		next.before, next.until = old.in, l.now+oldFor
		next.in = unsealer{}
		next.in.context, err = keys.Suite.context(keys.Remote,
			srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	}
	if err == nil && (keys.Suite != old.keys.Suite || keys.Local != old.keys.Local) {
		next.out, err = keys.Suite.context(keys.Local)
	}
	if err != nil {
		// Deaf and mute rather than unprotected.
		l.engine.log.Error("media keys not usable", zap.Error(err))
		next = secure{keys: keys}
	}
	leg.secure = &next
}

// unseal authenticates and opens a packet in place; nil: it isn't the peer's.
func (l *loop) unseal(leg *Leg, control bool, src netip.AddrPort, b []byte) []byte {
	from := &leg.source
	if control {
		from = &leg.control
	}
	if len(b) < reportHead || b[0]&0xc0 != versionTwo || !control && len(b) < headerLen {
		l.refuseMalformed(leg, src, from)
		return nil
	}
	if src != from.current && from.rankOf(src, l.now) == stranger {
		l.refuseStranger(leg, from, src) // before it costs a cipher
		return nil
	}
	s := leg.secure
	old := s.before.context != nil && l.now < s.until
	if old { // a failure may leave the packet in pieces
		copy(l.sealing.spare[:], b)
	}
	plain, err := s.in.open(l.sealing, control, b)
	if err != nil && old {
		plain, err = s.before.open(l.sealing, control, l.sealing.spare[:len(b)])
	}
	switch {
	case err == nil:
		return plain
	case errors.Is(err, errReplayed()):
		leg.count.Duplicate++ // the network does that too
		l.count.Dropped++
	default:
		leg.count.Unauthentic++
		l.count.Unauthentic++
		leg.watchdog.foreign++
	}
	return nil
}

// errReplayed is the library's error for a packet that was opened before. It
// has no name there, so it is had by opening one twice.
var errReplayed = sync.OnceValue(func() error {
	k := NewSecret(AES128CM80)
	out, err := AES128CM80.context(k)
	if err != nil {
		return err
	}
	in, err := AES128CM80.context(k, srtp.SRTPReplayProtection(replayWindow))
	if err != nil {
		return err
	}
	b := make([]byte, headerLen)
	(&header{}).put(b)
	if b, err = out.EncryptRTP(nil, b, nil); err == nil {
		_, _ = in.DecryptRTP(nil, b, nil)
		_, err = in.DecryptRTP(nil, b, nil)
	}
	return errors.Unwrap(err)
})

var (
	errNoKey   = errors.New("media: no usable key")
	errStreams = errors.New("media: too many streams under one key")
)

// open opens a packet in place.
func (u *unsealer) open(room *sealing, control bool, b []byte) ([]byte, error) {
	if u.context == nil {
		return nil, errNoKey
	}
	if control {
		return u.openReport(room, b)
	}
	ssrc := binary.BigEndian.Uint32(b[8:])
	if !u.known || ssrc != u.ssrc {
		if _, known := u.context.ROC(ssrc); !known && u.streams == streamsMax {
			return nil, errStreams
		}
	}
	plain, err := u.context.DecryptRTP(b[:0], b, &room.rtp)
	if err != nil {
		return nil, err
	}
	if !u.known || ssrc != u.ssrc {
		u.streams = min(u.streams+1, streamsMax) // one that comes back counts again
		u.ssrc, u.known = ssrc, true
	}
	return plain, nil
}

func (u *unsealer) openReport(room *sealing, b []byte) ([]byte, error) {
	ssrc := binary.BigEndian.Uint32(b[4:])
	fresh := !u.rtcpKnown || ssrc != u.rtcpSSRC
	if fresh && u.reports == streamsMax {
		return nil, errStreams
	}
	plain, err := u.context.DecryptRTCP(b[:0], b, &room.rtcp)
	if err != nil {
		return nil, err
	}
	if fresh {
		u.reports++
		u.rtcpSSRC, u.rtcpKnown = ssrc, true
	}
	return plain, nil
}

// seal protects a packet of leg's; nil: it can't be, and must not go out. The
// result is valid until the next.
func (l *loop) seal(leg *Leg, control bool, packet []byte) []byte {
	out := leg.secure.out
	if out == nil {
		return nil
	}
	var sealed []byte
	var err error
	if control {
		sealed, err = out.EncryptRTCP(l.sealing.packet[:0], packet, &l.sealing.rtcp)
	} else {
		sealed, err = out.EncryptRTP(l.sealing.packet[:0], packet, &l.sealing.rtp)
	}
	if err != nil {
		return nil
	}
	return sealed
}
