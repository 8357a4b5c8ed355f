package exchange

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/media"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

var crashDay = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

func openJournal(t *testing.T) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

// everything was recorded.
func everything(string) bool { return true }

// write appends events a second apart.
func write(t *testing.T, j *journal.Journal, events ...acd.Event) {
	t.Helper()
	last := uint64(0)
	for i, e := range events {
		e.Time = crashDay.Add(time.Duration(i) * time.Second)
		last = j.Append(e)
	}
	require.NoError(t, j.Commit(context.Background(), last))
}

func TestCallsThatACrashCutOffGetOneRecordEach(t *testing.T) {
	j := openJournal(t)
	write(t, j,
		acd.Event{Kind: acd.CallArrived, Call: "done", Client: "courier"},
		acd.Event{Kind: acd.CallArrived, Call: "talks", Client: "courier", From: "138", Number: "400", Trunk: "telecom", Queue: "parcels"},
		acd.Event{Kind: acd.CallQueued, Call: "talks", Queue: "parcels"},
		acd.Event{Kind: acd.CallRecord, Call: "done", CDR: &acd.CDR{ID: "done"}},
		acd.Event{Kind: acd.CallConnected, Call: "talks", Agent: "8001", Site: "chengdu"},
		acd.Event{Kind: acd.RecordingStarted, Call: "talks"},
		acd.Event{Kind: acd.CallArrived, Call: "waits"},
		acd.Event{Kind: Alive},
	)
	left, err := Recover(context.Background(), j, "boot", everything)
	require.NoError(t, err)
	got := left.Records
	require.Len(t, got, 2)
	c := got[0]
	require.Equal(t, "talks", c.ID)
	require.Equal(t, "system", c.Cause)
	require.Equal(t, "8001", c.Agent)
	require.Equal(t, "talks", c.Recording)
	require.Equal(t, 2.0, c.Waited)
	require.Equal(t, 3.0, c.Talked, "until the last sign of life")
	require.Equal(t, 6.0, c.Duration)
	require.Empty(t, got[1].Agent)

	again, err := Recover(context.Background(), j, "boot", everything)
	require.NoError(t, err)
	require.Empty(t, again.Records, "a second start finds nothing")
}

func TestRecoveryFoldsFromTheLastCheckpoint(t *testing.T) {
	j := openJournal(t)
	queued := crashDay.Add(-time.Hour)
	cp, err := json.Marshal(checkpoint{Since: 3, Calls: []acd.CallView{
		{ID: "old", Client: "bank", Started: queued, Queued: &queued},
		{ID: "settled", Client: "bank", Started: queued},
	}})
	require.NoError(t, err)
	write(t, j,
		acd.Event{Kind: acd.CallArrived, Call: "before"}, // not in the list: it was over
		acd.Event{Kind: acd.CallRecord, Call: "settled", CDR: &acd.CDR{ID: "settled"}},
		acd.Event{Kind: Alive},
		acd.Event{Kind: acd.CallArrived, Call: "between"},
		acd.Event{Kind: Checkpoint, Detail: cp},
		acd.Event{Kind: acd.CallArrived, Call: "after"},
		acd.Event{Kind: acd.CallRecord, Call: "after", CDR: &acd.CDR{ID: "after"}},
	)
	left, err := Recover(context.Background(), j, "boot", everything)
	require.NoError(t, err)
	got := left.Records
	var ids []string
	for _, c := range got {
		ids = append(ids, c.ID)
	}
	require.Equal(t, []string{"between", "old"}, ids)
	require.Equal(t, "bank", got[1].Client)
	require.Greater(t, got[1].Duration, 3600.0)
}

func TestRecordEndsWithTheRunThatHadTheCallNotWithALaterStart(t *testing.T) {
	j := openJournal(t)
	cp, err := json.Marshal(checkpoint{Since: 1, Calls: []acd.CallView{{ID: "long", Client: "bank", Started: crashDay.Add(-time.Minute)}}})
	require.NoError(t, err)
	write(t, j,
		acd.Event{Kind: Alive, Boot: "crashed"},
		acd.Event{Kind: Checkpoint, Boot: "crashed", Detail: cp},
		acd.Event{Kind: acd.CallArrived, Boot: "crashed", Call: "young"},
		acd.Event{Kind: Alive, Boot: "crashed"},
		acd.Event{Kind: acd.SwitchStarted, Boot: "failed to start"},
		acd.Event{Kind: acd.RecordingSealed, Boot: "mends", Call: "long"},
	)
	left, err := Recover(context.Background(), j, "mends", everything)
	require.NoError(t, err)
	got := left.Records
	require.Len(t, got, 2)
	require.Equal(t, 63.0, got[0].Duration)
	require.Equal(t, "long", got[0].Recording, "of a recording that began before the checkpoint")
	require.Equal(t, 1.0, got[1].Duration)
}

func TestInboxDropsWhatFloodsItButNeverAnEnd(t *testing.T) {
	b := newInbox()
	for range inboxMax + 10 {
		b.put(message{kind: fromMedia, media: &media.Event{}})
	}
	b.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputRelease}})
	got := b.take()
	require.Len(t, got, inboxMax+1)
	require.Equal(t, fromControl, got[inboxMax].kind)
	require.Equal(t, 10, b.dropped)
	require.Empty(t, b.take())
}

// stands is the entry for a dialog that stands.
func stands(t *testing.T, boot, leg, target string) acd.Event {
	detail, err := json.Marshal(sip.Standing{Leg: leg, CallID: leg, Target: target})
	require.NoError(t, err)
	return acd.Event{Kind: acd.DialogUp, Boot: boot, Dialog: leg, Detail: detail}
}

func TestRecoveryFindsTheDialogsThatStandAtTheirPeers(t *testing.T) {
	j := openJournal(t)
	write(t, j,
		stands(t, "one", "a", "sip:1"),
		stands(t, "one", "b", "sip:2"),
		stands(t, "one", "a", "sip:3"), // moved
		acd.Event{Kind: acd.DialogOver, Boot: "one", Dialog: "b"},
		acd.Event{Kind: acd.SwitchStarted, Boot: "two"},
		stands(t, "two", "a", "sip:4"), // another run's, by the same name
	)
	left, err := Recover(context.Background(), j, "three", everything)
	require.NoError(t, err)
	require.Len(t, left.Dialogs, 2)
	require.ElementsMatch(t, []string{"sip:3", "sip:4"}, []string{left.Dialogs[0].Target, left.Dialogs[1].Target})

	write(t, j, acd.Event{Kind: acd.DialogOver, Boot: "three", Was: "one", Dialog: "a", Status: 481})
	left, err = Recover(context.Background(), j, "four", everything)
	require.NoError(t, err)
	require.Len(t, left.Dialogs, 1, "what a restart has ended is not ended again")
	require.Equal(t, "two", left.Dialogs[0].Boot)
}

func TestACheckpointTooLongForAnEntryComesInParts(t *testing.T) {
	j := openJournal(t)
	cp := func(part, parts int, calls ...string) acd.Event {
		c := checkpoint{Since: 1, Part: part, Parts: parts}
		for _, id := range calls {
			c.Calls = append(c.Calls, acd.CallView{ID: id, Version: "v1"})
			c.Dialogs = append(c.Dialogs, Dialog{Standing: sip.Standing{Leg: id}, Boot: map[bool]string{true: "older"}[id == "c"]})
		}
		detail, err := json.Marshal(c)
		require.NoError(t, err)
		return acd.Event{Kind: Checkpoint, Boot: "one", Detail: detail}
	}
	write(t, j,
		acd.Event{Kind: Alive, Boot: "one"},
		cp(0, 2, "a"), cp(1, 2, "b", "c"),
		cp(0, 3, "x"), cp(1, 3, "y"), // the crash came before the third
	)
	left, err := Recover(context.Background(), j, "two", everything)
	require.NoError(t, err)
	require.Len(t, left.Records, 3)
	require.Equal(t, "v1", left.Records[0].Version)
	require.Len(t, left.Dialogs, 3)
	require.Equal(t, []string{"one", "one", "older"}, []string{left.Dialogs[0].Boot, left.Dialogs[1].Boot, left.Dialogs[2].Boot})
}

func TestARecordDoesNotPromiseARecordingThatNeverCameToTheDisk(t *testing.T) {
	j := openJournal(t)
	write(t, j,
		acd.Event{Kind: acd.CallArrived, Call: "a"}, acd.Event{Kind: acd.RecordingStarted, Call: "a"},
		acd.Event{Kind: acd.CallArrived, Call: "b"}, acd.Event{Kind: acd.RecordingStarted, Call: "b"},
	)
	left, err := Recover(context.Background(), j, "boot", func(id string) bool { return id == "b" })
	require.NoError(t, err)
	require.Empty(t, left.Records[0].Recording)
	require.Equal(t, "b", left.Records[1].Recording)
}
