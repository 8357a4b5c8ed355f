package media

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// feed gives in packets of 20 ms with the numbers of seqs, in time.
func feed(in *inbound, runs *uint64, seqs ...uint16) (verdicts []verdict) {
	for _, seq := range seqs {
		h := header{seq: seq, timestamp: uint32(int16(seq)) * 160, ssrc: 1}
		_, v := in.accept(&h, int64(int16(seq))*20*millisecond, runs)
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func TestNumbersAreFollowedOverTheirWrap(t *testing.T) {
	var in inbound
	var runs uint64
	require.Equal(t, []verdict{fresh, fresh, fresh, fresh}, feed(&in, &runs, 65534, 65535, 0, 1))
	require.EqualValues(t, 4, in.expected())
	require.Zero(t, in.lost())
	require.EqualValues(t, 1, runs)
}

func TestLossReorderAndDuplicatesAreTold(t *testing.T) {
	var in inbound
	var runs uint64
	require.Equal(t, []verdict{fresh, fresh, duplicate, fresh, late, duplicate, late, tooLate},
		feed(&in, &runs, 100, 105, 105, 190, 188, 188, 130, 101))
	require.EqualValues(t, 91, in.expected())
	require.EqualValues(t, 91-5, in.lost())
}

func TestPacketsBeforeTheFirstOneCount(t *testing.T) {
	var in inbound
	var runs uint64
	require.Equal(t, []verdict{fresh, late, fresh}, feed(&in, &runs, 10, 9, 11))
	require.EqualValues(t, 3, in.expected())
	require.Zero(t, in.lost())
}

func TestJumpNeedsASecondPacket(t *testing.T) {
	var in inbound
	var runs uint64
	require.Equal(t, []verdict{fresh, suspect, fresh, suspect, fresh, fresh},
		feed(&in, &runs, 100, 20000, 101, 20000, 20001, 20002))
	require.EqualValues(t, 2, runs)
	require.Zero(t, in.lost())
}

func TestSenderThatStartsAnewIsHeardAtOnce(t *testing.T) {
	var in inbound
	var runs uint64
	feed(&in, &runs, 5000, 5001)
	require.Equal(t, []verdict{suspect, fresh, fresh}, feed(&in, &runs, 4000, 4001, 4002), "numbers went back")
	h := header{seq: 9, ssrc: 2}
	_, v := in.accept(&h, 0, &runs)
	require.Equal(t, fresh, v, "another SSRC")
	require.EqualValues(t, 3, runs)
}

func TestJitterFollowsTheRecommendedEstimator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in inbound
		var runs uint64
		want, last := 0.0, 0.0
		for i, late := range rapid.SliceOfN(rapid.IntRange(0, 800), 2, 60).Draw(t, "delays in ticks") {
			h := header{seq: uint16(i), timestamp: uint32(i) * 160, ssrc: 1}
			at := int64(i*160+late) * int64(time.Second) / ClockRate
			in.accept(&h, at, &runs)
			if i > 0 {
				d := float64(late) - last
				want += (max(d, -d) - want) / 16 // RFC 3550, section 6.4.1
			}
			last = float64(late)
		}
		require.InDelta(t, want, float64(in.jitter)/16, 1)
	})
}

// A peer's stream shuffled, thinned and doubled: the counts must be those of a
// plain set.
func TestCountsAgreeWithASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in inbound
		var runs uint64
		start := rapid.Uint16().Draw(t, "start")
		seen := map[int]bool{0: true}
		high, got := 0, uint64(1)
		feedOne := func(n int) verdict {
			h := header{seq: start + uint16(n), ssrc: 1}
			_, v := in.accept(&h, 0, &runs)
			return v
		}
		feedOne(0)
		for _, step := range rapid.SliceOf(rapid.IntRange(-40, 60)).Draw(t, "steps") {
			n := max(high+step, 0)
			v := feedOne(n)
			switch {
			case seen[n]:
				require.Equal(t, duplicate, v)
			case n > high:
				require.Equal(t, fresh, v)
				high = n
				got++
			default:
				require.Equal(t, late, v)
				got++
			}
			seen[n] = true
		}
		require.Equal(t, uint64(high+1), in.expected())
		require.Equal(t, int64(high+1)-int64(got), in.lost())
	})
}
