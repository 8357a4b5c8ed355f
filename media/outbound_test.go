package media

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sentPacket is what a peer got, with when.
type sentPacket struct {
	header
	at int64
}

// Whatever sources take turns, with gaps, loss and clocks of their own: the
// peer sees one SSRC, numbers that rise by what was lost within a source and by
// one where it changes, and timestamps that follow the time that passed.
func TestStreamStaysContinuousOverAnyChangeOfSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outbound{ssrc: 42, seq: rapid.Uint16().Draw(t, "seq"), ts: rapid.Uint32().Draw(t, "ts")}
		now, run := int64(1e9), uint64(0)
		var last *sentPacket
		for range rapid.IntRange(1, 8).Draw(t, "sources") {
			run++
			number := rapid.Uint32Range(1<<16, 1<<17).Draw(t, "number")
			ts := rapid.Uint32().Draw(t, "timestamp")
			length := rapid.SampledFrom([]uint32{80, 160, 240, 320, 480}).Draw(t, "length")
			now += rapid.Int64Range(0, 5e9).Draw(t, "pause")
			for i := range rapid.IntRange(1, 20).Draw(t, "packets") {
				lost := rapid.SampledFrom([]uint32{0, 0, 0, 1, 3}).Draw(t, "lost")
				if i == 0 {
					lost = 0
				}
				number, ts = number+lost, ts+lost*length
				now += int64(lost) * int64(length) * 125000
				var h header
				require.True(t, o.number(sample{run: run, number: number, timestamp: ts, length: length}, now, &h))
				require.EqualValues(t, 42, h.ssrc)
				require.Equal(t, i == 0, h.marker, "a talkspurt begins with each source")
				if last != nil {
					requireFollows(t, last, &h, now, lost, i == 0)
				}
				last = &sentPacket{h, now}
				number, ts = number+1, ts+length
				now += int64(length) * 125000
			}
		}
	})
}

func requireFollows(t *rapid.T, last *sentPacket, h *header, now int64, lost uint32, turned bool) {
	require.Equal(t, last.seq+1+uint16(lost), h.seq)
	step, passed := int32(h.timestamp-last.timestamp), int32(ticks(now-last.at))
	require.Positive(t, step)
	if turned {
		require.InDelta(t, max(passed, 80), step, 480)
	} else {
		require.Equal(t, passed, step)
	}
}

func TestReorderingWithinASourceIsKept(t *testing.T) {
	o := outbound{seq: 9, ts: 1000}
	at := func(n uint32) uint16 {
		var h header
		require.True(t, o.number(sample{run: 1, number: n, timestamp: n * 160, length: 160}, int64(n)*20*millisecond, &h))
		return h.seq
	}
	first := at(100)
	require.Equal(t, first+2, at(102))
	require.Equal(t, first+1, at(101))
	require.Equal(t, first+3, at(103))
}

func TestWhatCameBeforeTheChangeIsNotSentAfterIt(t *testing.T) {
	o := outbound{}
	var h header
	require.True(t, o.number(sample{run: 1, number: 100, length: 160}, 0, &h))
	require.True(t, o.number(sample{run: 2, number: 500, length: 160}, 1, &h))
	require.False(t, o.number(sample{run: 2, number: 499, length: 160}, 2, &h), "its number is the other source's")
}

func TestSkippedPacketLeavesNoGap(t *testing.T) {
	o := outbound{}
	var h header
	send := func(n uint32) (uint16, bool) {
		ok := o.number(sample{run: 1, number: n, timestamp: n * 160, length: 160}, int64(n)*20*millisecond, &h)
		return h.seq, ok
	}
	first, _ := send(10)
	o.skip(1, 11)
	o.skip(1, 11)
	o.skip(2, 12) // another source's
	next, _ := send(12)
	require.Equal(t, first+1, next)
	_, ok := send(10)
	require.False(t, ok, "older than what was skipped")
	o.skip(1, 14) // 13 was lost: that stays visible
	next, _ = send(15)
	require.Equal(t, first+3, next)
}

func TestTelephoneEventKeepsItsTimestampForAsLongAsItLasts(t *testing.T) {
	o := outbound{}
	var h header
	send := func(n, ts uint32, event bool) header {
		require.True(t, o.number(sample{run: 1, number: n, timestamp: ts, length: 160, event: event}, int64(n)*20*millisecond, &h))
		return h
	}
	speech := send(0, 0, false)
	for n := uint32(1); n <= 200; n++ { // four seconds on the key
		require.Equal(t, speech.timestamp+160, send(n, 160, true).timestamp)
	}
	after := send(201, 201*160, false)
	require.Equal(t, speech.timestamp+201*160, after.timestamp)
	require.False(t, after.marker)
}

func TestStepOfTheSourcesClockIsEvenedOut(t *testing.T) {
	const hour = uint32(3600 * ClockRate)
	for name, step := range map[string]uint32{"ahead an hour": hour, "back an hour": ^hour + 1} {
		o := outbound{}
		var h header
		o.number(sample{run: 1, number: 1, timestamp: 5, length: 160}, 0, &h)
		before := h
		o.number(sample{run: 1, number: 2, timestamp: 5 + step, length: 160}, 20*millisecond, &h)
		require.Equal(t, before.timestamp+160, h.timestamp, name)
		require.Equal(t, before.seq+1, h.seq, name)
		require.True(t, h.marker, name)
		o.number(sample{run: 1, number: 3, timestamp: 5 + step + 160, length: 160}, 40*millisecond, &h)
		require.Equal(t, before.timestamp+320, h.timestamp, name)
		require.False(t, h.marker, name)
	}
}

func TestPauseOfThreeSecondsIsThreeSecondsToThePeer(t *testing.T) {
	for name, resumed := range map[string]uint32{"the sender's clock went on": 160 + 3*ClockRate, "it stood still": 320} {
		o := outbound{}
		var h header
		o.number(sample{run: 1, number: 1, timestamp: 160, length: 160}, 0, &h)
		before := h.timestamp
		o.number(sample{run: 1, number: 2, timestamp: resumed, length: 160}, 3e9, &h)
		require.EqualValues(t, 3*ClockRate, h.timestamp-before, name)
	}
}
