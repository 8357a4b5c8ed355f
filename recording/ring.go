package recording

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"

	"switchroom/media"
)

// ring carries frames from the media loop to the writer: one producer, one
// consumer, no lock, no allocation, no waiting.
//
// A record is a head and the payload, padded to 8 octets; one that would cross
// the end is preceded by a pad that fills it up.
//
//	 0      2     3      4      6       8     12      16        24
//	+------+-----+------+------+-------+-----+-------+---------+---------+
//	| size | side| codec| seq  |   -   | ts  | ssrc  | arrival | payload |
//	+------+-----+------+------+-------+-----+-------+---------+---------+
//
// Invariants: tail <= head <= tail + len(buf). Octets in [tail, head) belong to
// the consumer, the others to the producer. Storing head hands a record over;
// storing tail gives its octets back.
type ring struct {
	buf  []byte
	mask uint64

	_    [64]byte // the two ends' words on lines of their own: each side writes one and reads the other
	head atomic.Uint64
	seen uint64 // the producer's last look at tail
	_    [48]byte
	tail atomic.Uint64
	_    [56]byte

	dropped [3]atomic.Uint64 // frames without room, by side
	frame   media.Frame      // the consumer's
}

const (
	recordHead = 24
	recordPad  = 0xFFFF // size of a pad
	payloadMax = 2048   // longer than any packet on a wire
)

func newRing(size int) *ring {
	n := uint64(1) << bits.Len64(uint64(size-1))
	return &ring{buf: make([]byte, n), mask: n - 1}
}

func recordSize(payload int) uint64 { return uint64(recordHead+payload+7) &^ 7 }

// push copies f in. When there is no room it is dropped and counted.
func (r *ring) push(f *media.Frame) {
	if len(f.Payload) == 0 || int(f.Side) >= len(r.dropped) {
		return
	}
	need := recordSize(len(f.Payload))
	head := r.head.Load()
	at := head & r.mask
	pad := uint64(0)
	if rest := uint64(len(r.buf)) - at; rest < need {
		pad = rest
	}
	if len(f.Payload) > payloadMax || !r.room(head+pad+need) {
		r.dropped[f.Side].Add(1)
		return
	}
	if pad > 0 {
		binary.LittleEndian.PutUint16(r.buf[at:], recordPad)
		at = 0
	}
	b := r.buf[at : at+need]
	le := binary.LittleEndian
	le.PutUint16(b, uint16(len(f.Payload)))
	b[2], b[3] = byte(f.Side), byte(f.Codec)
	le.PutUint16(b[4:], f.Seq)
	le.PutUint32(b[8:], f.Timestamp)
	le.PutUint32(b[12:], f.SSRC)
	le.PutUint64(b[16:], uint64(f.Arrival))
	copy(b[recordHead:], f.Payload)
	r.head.Store(head + pad + need) // the consumer owns the record from here on
}

// room says whether head may move to the given place.
func (r *ring) room(head uint64) bool {
	if head-r.seen <= uint64(len(r.buf)) {
		return true
	}
	r.seen = r.tail.Load()
	return head-r.seen <= uint64(len(r.buf))
}

// drain passes to take each frame that was pushed before the call. The frame
// is valid during take alone.
func (r *ring) drain(take func(*media.Frame)) {
	f := &r.frame // one of its own would be garbage at every look
	le := binary.LittleEndian
	tail, head := r.tail.Load(), r.head.Load()
	for tail != head {
		b := r.buf[tail&r.mask:]
		size := le.Uint16(b)
		if size == recordPad {
			tail += uint64(len(b))
			continue
		}
		*f = media.Frame{
			Side: media.Side(b[2]), Codec: media.Codec(b[3]), Seq: le.Uint16(b[4:]),
			Timestamp: le.Uint32(b[8:]), SSRC: le.Uint32(b[12:]), Arrival: int64(le.Uint64(b[16:])),
			Payload: b[recordHead : recordHead+int(size)],
		}
		take(f)
		tail += recordSize(int(size))
		r.tail.Store(tail) // the producer may write over it from here on
	}
	r.tail.Store(tail)
}
