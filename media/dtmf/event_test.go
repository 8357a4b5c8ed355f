package dtmf

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEventsAreReadAsWritten(t *testing.T) {
	require.Equal(t, []byte{11, 0x8A, 0x03, 0x20}, Event{Code: 11, End: true, Volume: 10, Duration: 800}.AppendTo(nil))
	rapid.Check(t, func(t *rapid.T) {
		want := Event{
			Code: rapid.Uint8().Draw(t, "code"), End: rapid.Bool().Draw(t, "end"),
			Volume: rapid.Uint8Range(0, 63).Draw(t, "volume"), Duration: rapid.Uint16().Draw(t, "duration"),
		}
		got, err := ParseEvent(want.AppendTo(nil))
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
	_, err := ParseEvent([]byte{1, 2, 3})
	require.ErrorIs(t, err, ErrNotDTMF)
}

func TestKeysAndCodesAreInverse(t *testing.T) {
	for code := range uint8(16) {
		digit, ok := Digit(code)
		require.True(t, ok)
		back, ok := Code(digit)
		require.True(t, ok)
		require.Equal(t, code, back)
	}
	_, ok := Digit(16)
	require.False(t, ok, "flash is no key")
	_, ok = Code('x')
	require.False(t, ok)
	code, _ := Code('d')
	require.EqualValues(t, 15, code)
}

// press returns all packets of a key press.
func press(t require.TestingT, digit byte, length time.Duration) []Packet {
	p, err := NewPress(digit, length, 20*time.Millisecond)
	require.NoError(t, err)
	var out []Packet
	for {
		packet, ok := p.Next()
		if !ok {
			return out
		}
		out = append(out, packet)
	}
}

// RFC 4733, sections 2.5.1.1 to 2.5.1.4.
func TestAPressIsToldGrowingAndEndsThreeTimes(t *testing.T) {
	packets := press(t, '5', 90*time.Millisecond)
	var durations []uint16
	for i, p := range packets {
		require.Equal(t, i == 0, p.Marker)
		require.EqualValues(t, 5, p.Code)
		require.Zero(t, p.Offset)
		require.Equal(t, i >= len(packets)-3, p.End)
		durations = append(durations, p.Duration)
	}
	require.Equal(t, []uint16{160, 320, 480, 640, 720, 720, 720}, durations)
}

func TestAPressTooShortOrTooLongIsBounded(t *testing.T) {
	packets := press(t, '1', 0)
	require.EqualValues(t, 320, packets[len(packets)-1].Duration)
	p, err := NewPress('1', time.Hour, time.Hour)
	require.NoError(t, err)
	require.Equal(t, lengthMax, p.Length())
	_, err = NewPress('!', time.Second, 0)
	require.ErrorIs(t, err, ErrNotDTMF)
}

func receive(r *Receiver, start uint32, packets []Packet) (keys []Key) {
	for i, p := range packets {
		if key, ok := r.Packet(start+p.Offset, p.Event, time.Duration(i)*20*time.Millisecond); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func TestEachPressIsReportedOnce(t *testing.T) {
	var r Receiver
	require.Equal(t, Idle, r.State())
	require.Equal(t, []Key{{'7', 100 * time.Millisecond}}, receive(&r, 8000, press(t, '7', 100*time.Millisecond)))
	require.Equal(t, Released, r.State())
	require.Equal(t, []Key{{'7', 60 * time.Millisecond}}, receive(&r, 12000, press(t, '7', 60*time.Millisecond)), "the same key again")
}

func TestAPressIsReportedOnceWhateverIsLostDoubledOrSwapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Receiver
		start := rapid.Uint32().Draw(t, "start") // wraps round as well
		digits := rapid.SliceOfN(rapid.SampledFrom([]byte("0123456789*#ABCD")), 1, 5).Draw(t, "digits")
		var got []byte
		now := time.Duration(0)
		for _, digit := range digits {
			packets := press(t, digit, time.Duration(rapid.IntRange(40, 400).Draw(t, "ms"))*time.Millisecond)
			kept := rapid.SliceOfNDistinct(rapid.IntRange(0, len(packets)-1), 1, -1, rapid.ID).Draw(t, "kept, in any order")
			kept = append(kept, kept[rapid.IntRange(0, len(kept)-1).Draw(t, "doubled")])
			for _, i := range kept {
				now += 20 * time.Millisecond
				if key, ok := r.Packet(start, packets[i].Event, now); ok {
					got = append(got, key.Digit)
				}
			}
			start += 8000
		}
		if key, ok := r.Expire(now + time.Second); ok {
			got = append(got, key.Digit)
		}
		require.Equal(t, string(digits), string(got))
	})
}

func TestAKeyWhoseEndIsLostExpires(t *testing.T) {
	var r Receiver
	packets := press(t, '3', 100*time.Millisecond)
	require.Empty(t, receive(&r, 0, packets[:4]))
	require.Equal(t, Pressed, r.State())
	_, ok := r.Expire(200 * time.Millisecond)
	require.False(t, ok)
	key, ok := r.Expire(400 * time.Millisecond)
	require.True(t, ok)
	require.Equal(t, Key{'3', 80 * time.Millisecond}, key)
	_, ok = r.Expire(time.Hour)
	require.False(t, ok)
}

func TestALongKeyIsOneKeyInSegments(t *testing.T) {
	packets := press(t, '#', 20*time.Second)
	require.EqualValues(t, 2*segmentMax, packets[len(packets)-1].Offset)
	var r Receiver
	require.Equal(t, []Key{{'#', 20 * time.Second}}, receive(&r, 4294960000, packets))
}

func TestStragglersAndOtherEventsAreCounted(t *testing.T) {
	var r Receiver
	receive(&r, 8000, press(t, '1', 50*time.Millisecond))
	_, ok := r.Packet(4000, Event{Code: 2, End: true, Duration: 400}, 0)
	require.False(t, ok)
	_, ok = r.Packet(16000, Event{Code: 16, End: true}, 0)
	require.False(t, ok)
	require.EqualValues(t, 2, r.Stray())
}

func TestResetReportsTheKeyThatIsDown(t *testing.T) {
	var r Receiver
	r.Packet(100, Event{Code: 4, Duration: 160}, 0)
	key, ok := r.Reset()
	require.True(t, ok)
	require.EqualValues(t, '4', key.Digit)
	require.Equal(t, Idle, r.State())
	require.Equal(t, "idle pressed released State(9)", Idle.String()+" "+Pressed.String()+" "+Released.String()+" "+State(9).String())
}

func TestOneKeyInTwoFormsCountsOnce(t *testing.T) {
	const at = 10 * time.Second
	var o Once
	require.True(t, o.Fresh('1', InRTP, at))
	require.False(t, o.Fresh('1', InINFO, at+140*time.Millisecond))
	require.True(t, o.Fresh('1', InRTP, at+145*time.Millisecond), "pressed again")
	require.True(t, o.Fresh('1', InRTP, at+146*time.Millisecond), "and again")
	require.True(t, o.Fresh('1', InINFO, at+400*time.Millisecond), "too late to be the same")
	require.True(t, o.Fresh('2', InRTP, at+410*time.Millisecond), "another key")
}

func TestNothingIsAllocatedPerPacket(t *testing.T) {
	var r Receiver
	buf := make([]byte, 0, EventLen)
	var ts uint32
	require.Zero(t, testing.AllocsPerRun(100, func() {
		buf = Event{Code: 1, End: true}.AppendTo(buf[:0])
		e, _ := ParseEvent(buf)
		ts += 160
		r.Packet(ts, e, 0)
	}))
}

func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 0x80, 0, 160, 0, 0, 0, 9, 2, 0, 0, 160})
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Receiver
		ended, keys := 0, 0
		for now := time.Duration(0); len(text) >= 8; now += 20 * time.Millisecond {
			ts := uint32(text[0])<<24 | uint32(text[1])<<16 | uint32(text[2])<<8 | uint32(text[3])
			e, err := ParseEvent(text[4:])
			if err != nil {
				t.Fatal(err)
			}
			if _, dtmf := Digit(e.Code); dtmf {
				keys++
			}
			if _, ok := r.Packet(ts, e, now); ok {
				ended++
			}
			text = text[8:]
		}
		if _, ok := r.Reset(); ok {
			ended++
		}
		// One packet ends one key at most: its own or the one before.
		if ended > keys {
			t.Fatalf("%d keys out of %d packets", ended, keys)
		}
	})
}
