package exchange

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soon bounds what is waited for; no test depends on less.
const soon = 30 * time.Second
