package killing

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func TestKilledAtRandomEveryFilePlaysAndLacksItsEndAtMost(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		r, err := Loop(t.Context(), Options{Dir: t.TempDir(), Times: 3, Calls: 5, Longest: 1500 * time.Millisecond, Encrypt: encrypt, Rand: rand.New(rand.NewPCG(1, 2))})
		require.NoError(t, err)
		require.Equal(t, 15, r.Recordings)
		// A machine that keeps the speakers waiting keeps the writer waiting too.
		require.LessOrEqual(t, r.Missing, 200*time.Millisecond+4*r.Late+20*time.Millisecond)
	}
}
