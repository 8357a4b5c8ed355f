package configs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// large is a configuration of so many agents and numbers.
func large(n int) []byte {
	var b strings.Builder
	b.WriteString("sites: [{id: chengdu}]\ntrunks: [{id: t, peers: [127.0.0.1]}]\nqueues:\n")
	for i := range n / 10 {
		fmt.Fprintf(&b, "  - {id: q%d, rings: [{sites: [chengdu], skills: {parcels: 3}}]}\n", i)
	}
	b.WriteString("numbers:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {number: \"400%d\", queue: q%d}\n", i, i%(n/10))
	}
	b.WriteString("agents:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {id: \"%d\", name: Li Wei, site: chengdu, password: \"digest secret\", skills: {parcels: 5, mandarin: 4}}\n", i)
	}
	return []byte(b.String())
}

func TestALargeFloorIsRead(t *testing.T) {
	c, err := parse("large.yaml", large(2000), PortRange{})
	require.NoError(t, err)
	require.Len(t, c.Agents, 2000)
	require.Len(t, c.Numbers, 2000)
	require.Empty(t, c.Warnings)
}

func BenchmarkParse(b *testing.B) {
	text := large(1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse("large.yaml", text, PortRange{}); err != nil {
			b.Fatal(err)
		}
	}
}
