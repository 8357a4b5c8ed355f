package wire

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/rfc*/*.dat")
	require.NoError(f, err)
	for _, file := range files {
		f.Add([]byte(read(f, filepath.Base(filepath.Dir(file)), filepath.Base(file))))
	}
	f.Add([]byte(invite))
}

// FuzzParse holds any input to what Parse promises: no panic, a verdict that can
// be carried out, and for what is accepted a fixed point.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		canonicalFixedPoint(t, string(raw))
		m := Parse(raw, testRules)
		switch m.Verdict.Action {
		case Accept:
			require.True(t, (m.Request == nil) != (m.Response == nil))
			require.Equal(t, NoFault, m.Verdict.Fault)
			fixedPoint(t, m)
			if m.Request != nil {
				require.NotEmpty(t, ServerKey(m.Request).Branch)
				SDP(m.Request)
			} else {
				SDP(m.Response)
			}
		case Refuse:
			require.NotEqual(t, NoFault, m.Verdict.Fault)
			require.GreaterOrEqual(t, m.Verdict.Status, 400)
			reply := AppendRefusal(nil, &m, source, testRules)
			var s Splitter
			s.Max = 1 << 20
			s.Write(reply)
			frame, whole := s.Next()
			require.Equal(t, Whole, frame)
			require.Equal(t, string(reply), string(whole), "one answer, no more")
		case Discard:
			require.NotEqual(t, NoFault, m.Verdict.Fault)
			require.Nil(t, m.Echo)
		}
	})
}

// FuzzSplitter holds any stream to coming out the same however it is cut, and to
// the bound on what is kept.
func FuzzSplitter(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := string(raw)
		whole := Splitter{Max: 2048}
		frames, messages := cut(&whole, text)
		var pieces []string
		for i := range len(text) {
			pieces = append(pieces, text[i:i+1])
			if i > 4000 {
				pieces = append(pieces, text[i+1:])
				break
			}
		}
		slow := Splitter{Max: 2048}
		gotFrames, got := cut(&slow, pieces...)
		require.Equal(t, frames, gotFrames)
		for i := range messages {
			if frames[i] != Broken { // what is seen of a broken one depends on when it was
				require.Equal(t, messages[i], got[i])
			}
		}
		for _, m := range messages {
			require.LessOrEqual(t, len(m), 2048)
		}
	})
}
