package media

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/require"
)

func sampleCompound() compound {
	return compound{
		ssrc: 0x01020304, sender: true, ntp: 0xdead_beef_1234_5678, rtp: 99, packets: 7, octets: 1120,
		blocks: []block{{ssrc: 5, fraction: 64, lost: -3, highest: 0x1ffff, jitter: 12, lsr: 0xbeef1234, dlsr: 65536}},
		name:   []byte("abcdefghijklmnop"), bye: true,
	}
}

func TestReportIsReadByTheReference(t *testing.T) {
	c := sampleCompound()
	b := make([]byte, 512)
	packets, err := rtcp.Unmarshal(b[:c.put(b)])
	require.NoError(t, err)
	require.Len(t, packets, 3)
	sr := packets[0].(*rtcp.SenderReport)
	require.EqualValues(t, 0x01020304, sr.SSRC)
	require.EqualValues(t, uint64(0xdead_beef_1234_5678), sr.NTPTime)
	require.EqualValues(t, 99, sr.RTPTime)
	require.EqualValues(t, 7, sr.PacketCount)
	require.EqualValues(t, 1120, sr.OctetCount)
	require.Equal(t, []rtcp.ReceptionReport{{SSRC: 5, FractionLost: 64, TotalLost: 0xfffffd,
		LastSequenceNumber: 0x1ffff, Jitter: 12, LastSenderReport: 0xbeef1234, Delay: 65536}}, sr.Reports)
	sdes := packets[1].(*rtcp.SourceDescription)
	require.Equal(t, "abcdefghijklmnop", sdes.Chunks[0].Items[0].Text)
	require.Equal(t, []uint32{0x01020304}, packets[2].(*rtcp.Goodbye).Sources)

	c.sender, c.blocks, c.bye = false, nil, false
	packets, err = rtcp.Unmarshal(b[:c.put(b)])
	require.NoError(t, err)
	require.IsType(t, &rtcp.ReceiverReport{}, packets[0])
}

func TestBlockIsReadAsItWasWritten(t *testing.T) {
	for _, lost := range []int32{0, 5, -3, 0x7fffff, -0x800000} {
		want := sampleCompound().blocks[0]
		want.lost = lost
		b := make([]byte, reportBlock)
		want.put(b)
		var got block
		got.parse(b)
		require.Equal(t, want, got)
	}
}

func TestShortOrTornReportsAreRefused(t *testing.T) {
	c := sampleCompound()
	b := make([]byte, 512)
	good := b[:c.put(b)]
	require.True(t, validCompound(good))
	for n := range good {
		if n == packetLen(good) || n == len(good)-reportHead {
			continue // whole packets of the compound, a report first
		}
		require.False(t, validCompound(good[:n]), "%d octets", n)
	}
	for name, spoil := range map[string]func([]byte){
		"version 1":              func(b []byte) { b[0] = 1<<6 | 1 },
		"not a report first":     func(b []byte) { b[1] = description },
		"padding in the first":   func(b []byte) { b[0] |= paddingBit },
		"more blocks than there": func(b []byte) { b[0] = versionTwo | 31 },
	} {
		bad := bytes.Clone(good)
		spoil(bad)
		require.False(t, validCompound(bad), name)
	}
}

func TestNTPTimeCountsFrom1900(t *testing.T) {
	require.EqualValues(t, uint64(2208988800)<<32|1<<31, ntp(time.Unix(0, 5e8)))
}

func TestRoundTripIsWhatTheReportsLeaveOver(t *testing.T) {
	var r reports
	const now = 1000 << 16
	r.note(&block{lsr: now - 3<<16, dlsr: 2 << 16, lost: 4, fraction: 128, jitter: 80}, now)
	require.EqualValues(t, time.Second, r.rtt)
	var s LegStats
	r.fill(&s)
	require.EqualValues(t, 4, s.RemoteLost)
	require.Equal(t, 0.5, s.RemoteLoss)
	require.Equal(t, 10*time.Millisecond, s.RemoteJitter)
	r.note(&block{lsr: now + 5<<16, dlsr: 0}, now)
	require.EqualValues(t, time.Second, r.rtt, "nonsense is not taken")
}

func TestLossOfAnIntervalIsThatOfTheInterval(t *testing.T) {
	var leg Leg
	var runs uint64
	feed(&leg.in, &runs, 0, 1, 2, 3)
	require.Zero(t, leg.block(0).fraction)
	feed(&leg.in, &runs, 4, 5, 8, 9) // two of six lost
	k := leg.block(0)
	require.EqualValues(t, 256*2/6, k.fraction)
	require.EqualValues(t, 2, k.lost)
	require.EqualValues(t, 9, k.highest)
	feed(&leg.in, &runs, 10, 11)
	require.Zero(t, leg.block(0).fraction)
	require.EqualValues(t, 2, leg.block(0).lost)
}

func TestScoreFallsWithLossAndDelay(t *testing.T) {
	require.InDelta(t, 4.4, mos(0, 0, 0), 0.02)
	require.InDelta(t, 4.0, mos(0.03, 50*time.Millisecond, 0), 0.25)
	last := 5.0
	for _, loss := range []float64{0, 0.01, 0.05, 0.2, 1} {
		now := mos(loss, 0, 0)
		require.Less(t, now, last)
		require.GreaterOrEqual(t, now, 1.0)
		last = now
	}
	require.Less(t, mos(0, 800*time.Millisecond, 0), mos(0, 100*time.Millisecond, 0)-0.5)
	require.Equal(t, 1.0, mos(1, 10*time.Second, time.Second))
}

func FuzzReport(f *testing.F) {
	c := sampleCompound()
	b := make([]byte, 512)
	f.Add(b[:c.put(b)])
	f.Add([]byte{0x80, 201, 0, 1, 0, 0, 0, 1})
	f.Add([]byte{0x81, 201, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		if !validCompound(b) {
			return
		}
		l := &loop{}
		leg := &Leg{alive: true}
		for rest := b; len(rest) > 0; rest = rest[packetLen(rest):] {
			l.readReport(leg, rest[:packetLen(rest)], 0)
		}
		if packets, err := rtcp.Unmarshal(b); err == nil {
			require.NotEmpty(t, packets)
		}
	})
}
