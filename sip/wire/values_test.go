package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddressesOfHeadersThatAreLeftAsText(t *testing.T) {
	got, ok := Addresses(`"Li, Wei" <sip:+86@c;user=phone> ; Screen = yes , <tel:+86-10>, sip:a@b;reason="x y";counter=1`)
	require.True(t, ok)
	require.Len(t, got, 3)
	require.Equal(t, "Li, Wei", got[0].Display)
	require.Equal(t, "sip:+86@c;user=phone", got[0].URI.String())
	require.Equal(t, "yes", got[0].Params.GetOr("screen", ""))
	require.Equal(t, "tel:+86-10", got[1].URI.String())
	require.Equal(t, "x y", got[2].Params.GetOr("reason", ""))
	require.Equal(t, "1", got[2].Params.GetOr("counter", ""))

	got, ok = Addresses("")
	require.True(t, ok)
	require.Empty(t, got)
	for _, bad := range []string{",", "<sip:a@b>,", "<sip:a@b", "*", "sip:a@b,x", "<sip:a@b>;=", `"a <sip:a@b>`} {
		_, ok := Addresses(bad)
		require.False(t, ok, bad)
	}
	got, ok = Addresses(strings.Repeat("<sip:a@b>,", 20) + "<sip:a@b>")
	require.False(t, ok)
	require.Len(t, got, 16)
}

// hostile are messages made to cost time; each is as long as may be.
func hostile() map[string]string {
	fill := func(head, unit, tail string) string {
		return with("To", head+strings.Repeat(unit, (MaxMessage-len(invite)-len(head)-len(tail))/len(unit))+tail+"\r\n")
	}
	return map[string]string{
		"parameters":     fill("To: <sip:a@b>", ";a=b", ""),
		"uri parameters": fill("To: <sip:a@b", ";a", ">"),
		"commas":         fill("Contact: <sip:a@b>", ",", ""),
		"contacts":       fill("Contact: <sip:a@b>", ",<sip:a@b>", ""),
		"quotes":         fill("To: ", `"a" `, "<sip:a@b>"),
		"open brackets":  fill("Contact: ", "<,", ""),
		"white space":    fill("Subject: a", " ", "b"),
		"white lists":    fill("Contact: a", " ", "b"),
		"folds":          fill("Subject: a", "\r\n ", "b"),
		"escapes":        fill("To: \"", `\\`, "\" <sip:a@b>"),
		"headers":        fill("To: <sip:a@b>", "\r\nA: b", ""),
		"once":           fill("To: <sip:a@b>", "\r\nRSeq: 1", ""),
		"vias":           fill("Via: SIP/2.0/UDP h", ",SIP/2.0/UDP h", ""),
		"require":        fill("Require: a", ",b", ""),
	}
}

func TestHostileMessagesAreRead(t *testing.T) {
	for name, raw := range hostile() {
		require.LessOrEqual(t, len(raw), MaxMessage, name)
		canonicalFixedPoint(t, raw)
		if m := Parse([]byte(raw), testRules); m.Verdict.Action == Accept {
			fixedPoint(t, m)
		}
	}
}

// BenchmarkHostile shows what the worst messages cost: none more than a few
// times what its length does.
func BenchmarkHostile(b *testing.B) {
	for name, raw := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse([]byte(raw), testRules)
			}
		})
	}
}

func BenchmarkSplitterByteByByte(b *testing.B) {
	raw := []byte(strings.Replace(hostile()["headers"], "Content-Length: 5", "Content-Length: 1000", 1))[:MaxMessage-1024]
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		var s Splitter
		for i := range raw {
			s.Write(raw[i : i+1])
			s.Next()
		}
	}
}
