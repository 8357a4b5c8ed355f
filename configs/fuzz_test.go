package configs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse holds that any text gives either a configuration or faults, each
// on one printable line with a place in the text, and the same every time.
func FuzzParse(f *testing.F) {
	f.Add(string(Default()))
	f.Add(mustRead(f, "switchroom.yaml"))
	f.Add("")
	f.Add("a:\n\t- b")
	f.Add(strings.Repeat("[", 100))
	f.Add(strings.Repeat("- ", 100))
	f.Add("\xff")
	f.Add("\ufeffdata: x")
	f.Add("data: |\r\n  x\r\n? [a]\r\n")
	for _, c := range faultCases {
		text, _ := marked(with(c.sections))
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse("x.yaml", []byte(text), PortRange{32768, 60999})
		again, errAgain := parse("x.yaml", []byte(text), PortRange{32768, 60999})
		require.Equal(t, err, errAgain)
		if err == nil {
			require.Equal(t, c, again)
			require.Nil(t, Diff(c, again))
			return
		}
		require.Nil(t, c)
		faults, ok := err.(Faults)
		require.True(t, ok)
		require.NotEmpty(t, faults)
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 2
		for _, fault := range faults {
			require.NotContains(t, fault.Text, "\n")
			require.NotContains(t, fault.Text, "\x1b")
			require.LessOrEqual(t, fault.Line, lines)
			require.Positive(t, fault.Line)
			require.Positive(t, fault.Col)
		}
	})
}
