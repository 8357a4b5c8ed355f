package api

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheMachinesZoneHasAName(t *testing.T) {
	zone := localZone()
	for _, at := range []time.Time{time.Now(), time.Unix(1_780_000_000, 0)} {
		_, ours := at.In(zone).Zone()
		_, theirs := at.In(time.Local).Zone()
		require.Equal(t, theirs, ours)
	}
	t.Setenv("TZ", "nowhere/at/all")
	require.Equal(t, time.Local, localZone())
}
