package media

import (
	"testing"

	"github.com/pion/rtcp"
)

// What a peer with the right key seals, however mad, and what anybody sends.
func FuzzProtected(f *testing.F) {
	f.Add(packetBytes(f, newPacket(0, frameOf(1))), false)
	f.Add(packetBytes(f, newPacket(101, []byte{5, 0x80, 1, 0})), false)
	report, err := (&rtcp.ReceiverReport{SSRC: 1}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(report, true)
	f.Fuzz(func(t *testing.T, b []byte, control bool) {
		if len(b) > bytesMax-64 {
			return
		}
		l, x, y := deskLoop(t, PCMU, PCMA)
		k := newLock(t, AES128CM80)
		p := x.params
		p.SRTP = k.keys
		l.connect(x, p)
		l.connect(y, p)
		from := described
		if control {
			from = nextPort(described)
		}
		l.receive(x, control, from, append([]byte(nil), b...), 1, 1)
		if x.count.Received+x.reports.received != 0 {
			t.Fatal("what was not sealed was taken")
		}
		var sealed []byte
		if control {
			sealed, err = k.out.EncryptRTCP(nil, b, nil)
		} else {
			sealed, err = k.out.EncryptRTP(nil, b, nil)
		}
		if err != nil {
			return
		}
		l.receive(x, control, from, append([]byte(nil), sealed...), 2, 2)
		before := x.count
		l.receive(x, control, from, sealed, 3, 3)
		if x.count.Received != before.Received || x.reports.received > 1 {
			t.Fatal("what was sent again was taken again")
		}
	})
}
