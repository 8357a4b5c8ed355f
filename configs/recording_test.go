package configs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheNarrowestRetentionCounts(t *testing.T) {
	c, err := Parse("x", []byte(with("recording: {retention: 1d12h}\n\n"+
		"clients: [{id: courier, retention: 90d}, {id: airline}, {id: bank, retention: forever}]\n\n"+
		"queues: [{id: parcels, client: courier, retention: 36h}, {id: general}]")))
	require.NoError(t, err)
	for _, tt := range []struct {
		client, queue string
		keep          time.Duration
		rule          string
	}{
		{"courier", "parcels", 36 * time.Hour, "queue parcels"},
		{"courier", "general", 90 * day, "client courier"},
		{"airline", "general", 36 * time.Hour, "recording"},
		{"bank", "general", Forever, "client bank"},
		{"gone", "gone", 36 * time.Hour, "recording"},
	} {
		keep, rule := c.Kept(tt.client, tt.queue)
		require.Equal(t, tt.keep, keep, tt)
		require.Equal(t, tt.rule, rule)
	}
}

func TestWithoutAWordRecordingsAreKeptForever(t *testing.T) {
	c, err := Parse("x", []byte(base))
	require.NoError(t, err)
	keep, _ := c.Kept("courier", "parcels")
	require.Equal(t, Forever, keep)
	require.False(t, c.Recording.Encryption.On())
	require.Equal(t, "wav", c.Recording.Archive.Format)
}

func TestARetentionBelowADayIsWarnedOf(t *testing.T) {
	c, err := Parse("x", []byte(with("recording: {retention: 5m}")))
	require.NoError(t, err)
	require.Len(t, c.Warnings, 1)
	require.Contains(t, c.Warnings[0].String(), "retention is 5m: recordings are deleted on the day they are made")
}

func TestDiffShowsRetentionInDays(t *testing.T) {
	before, after := changed(t, "retention: forever", "retention: 90d", "cpu: 10", "cpu: 20")
	require.Equal(t, []string{"recording.retention forever -> 90d", "recording.archive.cpu 10 -> 20"}, Diff(before, after))
	require.Equal(t, []string{"recording.archive.cpu 10 -> 20"}, NeedsRestart(before, after))
}
