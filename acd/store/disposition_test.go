package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
)

func TestARecordSaysWhatItsCallCameToWheneverThatWasSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		say := func(call, code, note string) {
			w.add(acd.Event{Kind: acd.CallFiled, Call: call, Agent: "8001", Reason: code,
				Disposition: &acd.Disposition{Code: code, Name: "n" + code, Note: note}})
		}
		late := w.call(acd.CDR{Client: "c", Queue: "q", Agent: "8001"}, time.Second, time.Minute)
		unfiled := w.call(acd.CDR{Client: "c", Queue: "q", Agent: "8001"}, time.Second, time.Minute)
		say(late, "01", "first thought")
		say(late, "02", "second")
		early := w.id()
		say(early, "03", "")
		w.add(acd.Event{Kind: acd.CallArrived, Call: early})
		w.add(acd.Event{Kind: acd.CallRecord, Call: early, CDR: &acd.CDR{ID: early, Started: w.now, Ended: w.now}})
		w.sync()
		of := func(id string) *acd.Disposition {
			c, err := w.s.CDR(ctx, id)
			require.NoError(t, err)
			return c.Disposition
		}
		require.Equal(t, &acd.Disposition{Code: "02", Name: "n02", Note: "second"}, of(late))
		require.Equal(t, &acd.Disposition{Code: "03", Name: "n03"}, of(early))
		require.Nil(t, of(unfiled))
	})
}
