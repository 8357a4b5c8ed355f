package report

import (
	"testing"
	"time"

	"switchroom/acd"

	"github.com/stretchr/testify/require"
)

// An agent that consults a queue is a visitor of it, served by whom it got,
// whoever talks to the caller afterwards.
func TestAConsultedQueueIsServedByItsOwnAgent(t *testing.T) {
	c := acd.CDR{ID: "id", Client: "c", Queue: "parcels", Agent: "a", Started: day, Duration: 60, Segments: []acd.Segment{
		{Kind: "queue", Queue: "parcels", Length: 5, Cause: "answered"},
		{Kind: "ring", Agent: "b", Site: "s", Queue: "returns", Start: 20, Length: 3, Cause: "answered"},
		{Kind: "queue", Agent: "b", Site: "s", Queue: "returns", Start: 15, Length: 8, Cause: "answered"},
		{Kind: "consult", Agent: "a", With: "b", Start: 23, Length: 10, Cause: "aborted"},
		{Kind: "talk", Agent: "a", Queue: "parcels", Start: 5, Length: 55, Cause: "caller-hangup"},
	}}
	var f Facts
	f.AddRecord(&c)
	require.Len(t, f.Visits, 2)
	require.Equal(t, []string{"parcels", "a"}, []string{f.Visits[0].Queue, f.Visits[0].Agent})
	v := f.Visits[1]
	require.Equal(t, []any{"returns", "b", "s", WasServed, 8 * time.Second, day.Add(15 * time.Second)},
		[]any{v.Queue, v.Agent, v.Site, v.Outcome, v.Wait, v.Entered})
	require.Len(t, f.Offers, 1)
	require.Equal(t, "returns", f.Offers[0].Queue)
}
