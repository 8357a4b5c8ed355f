package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// greeted is a queue whose callers hear much before anybody comes.
const greeted = `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 5s, wrap_up: 0s, greeting: [welcome, still-busy],
     recording_notice: recording-notice, announce: {first: 1s, every: 5s, position: true, wait: true}, escape: {"9": {say: goodbye}}}`

// speech is something audible that is none of the parties' tones.
func (s *Sound) speech(d time.Duration) bool {
	heard := s.last(d)
	if _, rms := power(heard, 1000); len(heard) < 2000 || rms < 300 {
		return false
	}
	for _, hz := range tones {
		if share, _ := power(heard, hz); share > 0.5 {
			return false
		}
	}
	return true
}

func TestNothingThatIsSaidHoldsUpACall(t *testing.T) {
	w := NewWorld(t, Options{Queues: greeted})
	desk := w.Desk(1)
	caller := w.Sound("caller", pcmu, 101)
	k := w.Gateway().Call("13800001", "4008001234", caller.SDP("sendrecv"))
	k.sound = caller
	k.Answered()
	// The phone is rung while the greeting has hardly begun.
	ring := desk.Ring()
	require.Less(t, len(caller.packets()), 100, "packets of 20 ms of what takes seven seconds to say")
	agent := w.Sound("agent", pcmu, 101)
	ring.sound = agent
	agent.towards(ring.invite.body)
	ring.Answer(agent.SDP("sendrecv"))
	agent.Hears("caller") // at once, over the notice that the caller still hears
	caller.Hears("agent")
	w.Eventually(8*time.Second, "the recording runs", func() bool { return len(w.Calls()) == 1 && w.Calls()[0].Recording == "on" })
	time.Sleep(1500 * time.Millisecond)
	k.Hangup()
	ring.HungUp()
	record := w.CDR()
	require.NotEmpty(t, record.Recording)
	tape := w.Recording(record.Recording)
	require.Less(t, tape.Length(), record.Talked-2, "not a sample before the notice was heard")
	w.Holds(tape.Caller, "caller", 0.3, 1.2)
	w.Holds(tape.Agent, "agent", 0.3, 1.2)
	caller.Continuous()
}

func TestACallerLeavesTheQueueByAKeyAndAfterHoursHearsWhy(t *testing.T) {
	w := NewWorld(t, Options{
		Numbers: `
  - {number: "4008001234", client: courier, queue: parcels}
  - {number: "4008001235", client: courier, queue: night}
  - {number: "4008001236", client: courier, menu: main}`,
		Queues: greeted + `
  - {id: night, client: courier, hours: never, record: never, wrap_up: 0s}`,
		Extra: `
calendars: [{id: never, open: "mon 00:00-00:01", holidays: ["2020-01-01..2099-12-31"]}]
menus: [{id: main, client: courier, prompt: goodbye, nothing: goodbye, keys: {"1": {queue: parcels}, "2": {say: goodbye}}, timeout: 1s, repeats: 0, otherwise: {say: goodbye}}]`})
	w.SetAgent("8001", "not-ready")
	w.SetAgent("8002", "not-ready")
	gateway := w.Gateway()

	waits := w.Sound("caller", pcmu, 101)
	k := gateway.Call("13800001", "4008001234", waits.SDP("sendrecv"))
	k.sound = waits
	k.Answered()
	w.Eventually(5*time.Second, "is spoken to", func() bool { return waits.speech(500 * time.Millisecond) })
	waits.Press("9")
	k.HungUp() // after "goodbye"
	require.Equal(t, "escape", w.CDRs(1)[0].Cause)

	late := w.Sound("caller", pcmu, 101)
	k = gateway.Call("13800002", "4008001235", late.SDP("sendrecv"))
	k.sound = late
	k.Answered()
	w.Eventually(5*time.Second, "hears why", func() bool { return late.speech(500 * time.Millisecond) })
	k.HungUp()
	require.Equal(t, "holiday", w.CDRs(2)[0].Cause)

	chooses := w.Sound("caller", pcmu, 101)
	k = gateway.Call("13800003", "4008001236", chooses.SDP("sendrecv"))
	k.sound = chooses
	k.Answered()
	require.Equal(t, "led", w.CallsAre(1, "led")[0].State)
	chooses.Press("1") // during the prompt
	require.Equal(t, "parcels", w.CallsAre(1, "waiting")[0].Queue)
	k.Hangup()
	require.Equal(t, "abandoned", w.CDRs(3)[0].Cause)

	silent := w.Sound("caller", pcmu, 101)
	k = gateway.Call("13800004", "4008001236", silent.SDP("sendrecv"))
	k.sound = silent
	k.Answered()
	k.HungUp() // chose nothing and was told so
	require.Equal(t, "menu", w.CDRs(4)[0].Cause)
}

func TestAPauseKeepsSoundAndKeysOutOfTheRecording(t *testing.T) {
	w := NewWorld(t, Options{})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	time.Sleep(time.Second)
	id := w.Calls()[0].ID
	steer := func(action string) {
		status, body := w.Do("POST", "/api/v1/calls/"+id+"/recording", map[string]string{"action": action, "reason": "card"})
		require.Equal(t, 200, status, "%s", body)
	}
	paused := c.At()
	steer("pause")
	require.Equal(t, "paused", w.Calls()[0].Recording)
	c.voice.Press("59371846")
	time.Sleep(time.Second)
	resumed := c.At()
	steer("resume")
	time.Sleep(time.Second)
	record, tape := c.End()
	w.Silent(tape.Caller, paused+0.3, resumed-0.2)
	w.Silent(tape.Agent, paused+0.3, resumed-0.2)
	w.Holds(tape.Caller, "caller", resumed+0.3, resumed+0.8)
	text, err := filepath.Glob(w.path("data", "recordings", "*", "*", "*", record.Recording+".json"))
	require.NoError(t, err)
	require.Len(t, text, 1)
	meta, err := os.ReadFile(text[0])
	require.NoError(t, err)
	require.Contains(t, string(meta), `"kind": "pause"`)
	require.Contains(t, string(meta), `"kind": "resume"`)
	require.NotContains(t, string(meta), "59371846")
	journal, err := filepath.Glob(w.path("data", "journal", "*"))
	require.NoError(t, err)
	for _, name := range journal {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.False(t, strings.Contains(string(text), "59371846"), "%s holds the keys", name)
	}
}

func TestWhatIsNeverRecordedLeavesNothingOnDisk(t *testing.T) {
	w := NewWorld(t, Options{Queues: strings.Replace(usualQueue, "wrap_up: 0s", "wrap_up: 0s\n    record: never", 1)})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	time.Sleep(2 * time.Second)
	require.NoError(t, filepath.Walk(w.path("data"), func(path string, info os.FileInfo, err error) error {
		if err == nil && strings.HasSuffix(path, ".wav") {
			t.Errorf("%s is there", path)
		}
		if err == nil && strings.Contains(path, "recordings") && !info.IsDir() && info.Size() > 16<<10 {
			t.Errorf("%s has %d octets", path, info.Size())
		}
		return err
	}))
}

func TestAgentsWishesAndWhatTheyOweOutlastACrash(t *testing.T) {
	w := NewWorld(t, Options{
		Clients: `[{id: courier, name: Courier Express, dispositions: [{code: "01", name: found}, {code: "99", name: unfiled}], disposition_required: true, disposition_default: "99"}]`,
		Queues:  strings.Replace(usualQueue, "wrap_up: 0s", "wrap_up: 5m", 1)})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	record, _ := c.End()
	w.SetAgent("8002", "not-ready")
	w.AgentIs("8001", "wrap-up")
	status, _ := w.Do("DELETE", "/api/v1/agents/8001/wrap-up", nil)
	require.Equal(t, 409, status, "the call is to be filed first")
	time.Sleep(500 * time.Millisecond) // the journal's sync
	w.Kill()
	w.Start()
	require.Equal(t, "break", w.AgentIs("8002", "not-ready").Reason)
	w.AgentIs("8001", "wrap-up")
	status, body := w.Do("POST", "/api/v1/agents/8001/disposition", map[string]string{"code": "01", "note": "at the door", "call_id": record.ID})
	require.Equal(t, 200, status, "%s", body)
	status, body = w.Do("DELETE", "/api/v1/agents/8001/wrap-up", nil)
	require.Equal(t, 200, status, "%s", body)
	w.AgentIs("8001", "ready")
	w.Eventually(5*time.Second, "the record says what the call came to", func() bool {
		_, body := w.Do("GET", "/api/v1/cdrs/"+record.ID, nil)
		return strings.Contains(string(body), `"disposition":{"code":"01","name":"found","note":"at the door"}`)
	})
}

// An agent answers while the caller is still told that it is recorded, and puts
// it on hold in the middle of that: the notice is given anew and to its end
// before a sample is kept, and both hear each other before, and after.
func TestTheNoticeIsHeardWholeBeforeAnythingIsRecorded(t *testing.T) {
	w := NewWorld(t, Options{Queues: greeted})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.desk.Hears("caller")
	require.Equal(t, "notice", w.CallsAre(1, "talking")[0].Recording)
	c.agent.Reinvite(c.desk.SDP("sendonly"))
	w.AgentIs("8001", "held")
	time.Sleep(time.Second)
	require.Equal(t, "notice", w.Calls()[0].Recording, "on hold nothing is said, and so nothing is recorded")
	resumed := c.At()
	c.agent.Reinvite(c.desk.SDP("sendrecv"))
	w.Eventually(15*time.Second, "the recording runs", func() bool { return w.Calls()[0].Recording == "on" })
	began := c.At()
	require.Greater(t, began-resumed, 1.5, "the notice was heard from its beginning")
	c.HearEachOther()
	time.Sleep(1500 * time.Millisecond)
	record, tape := c.End()
	require.Less(t, tape.Length(), record.Talked-resumed-1.5, "not a sample before it was heard")
	w.Holds(tape.Caller, "caller", 0.3, 1.2)
	w.Holds(tape.Agent, "agent", 0.3, 1.2)
}
