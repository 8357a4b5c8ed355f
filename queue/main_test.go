package queue

import (
	"flag"
	"os"
	"testing"
)

// The state machine of the oracle needs long walks: a call that comes back to
// an agent who declined it is a dozen steps away from an empty floor.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.steps", "70")
	flag.Parse()
	os.Exit(m.Run())
}
