package dtmf

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInfoBodiesAreRead(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       Key
	}{
		{RelayType, "Signal=5\r\nDuration=160\r\n", Key{'5', 160 * time.Millisecond}},
		{RelayType, "Signal= *\nDuration= 250", Key{'*', 250 * time.Millisecond}},
		{"Application/DTMF-Relay; charset=utf-8", "signal=#", Key{'#', infoLength}},
		{RelayType, "Signal=11\r\nDuration=1\r\n", Key{'#', 40 * time.Millisecond}},
		{RelayType, "Signal=a\r\nDuration=99999999\r\n", Key{'A', 8 * time.Second}},
		{RelayType, "Duration=100\r\nSignal=10", Key{'*', 100 * time.Millisecond}},
		{DigitType, "7", Key{'7', infoLength}},
		{DigitType, "12\r\n", Key{'A', infoLength}},
	} {
		got, err := ParseInfo(c.kind, []byte(c.body))
		require.NoError(t, err, c.body)
		require.Equal(t, c.want, got, c.body)
	}
}

func TestOtherBodiesAreRefused(t *testing.T) {
	for _, c := range [][2]string{
		{"text/plain", "5"}, {"", "5"}, {RelayType, ""}, {RelayType, "Duration=5"}, {RelayType, "Signal=16"},
		{RelayType, "Signal=5\r\nDuration=x"}, {RelayType, "Signal=5\r\nDuration=-1"}, {RelayType, "Signal=\x00"},
		{DigitType, "123"}, {DigitType, ""}, {DigitType, "x"}, {RelayType, "Signal=5" + string(make([]byte, 300))},
	} {
		_, err := ParseInfo(c[0], []byte(c[1]))
		require.ErrorIs(t, err, ErrNotDTMF, "%q", c)
	}
}

func FuzzParseInfo(f *testing.F) {
	f.Add(RelayType, []byte("Signal=5\r\nDuration=160\r\n"))
	f.Add(DigitType, []byte("*"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		key, err := ParseInfo(kind, body)
		if err != nil {
			return
		}
		again, err := ParseInfo(RelayType, RelayBody(key))
		if err != nil || again.Digit != key.Digit || again.Length != key.Length.Truncate(time.Millisecond) {
			t.Fatalf("%+v became %+v, %v", key, again, err)
		}
	})
}
