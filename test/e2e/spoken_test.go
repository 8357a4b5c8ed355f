package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// words are prompts that are tones: Hz by file name.
type words map[string]float64

// prompts puts them into a folder, which the configuration's key names.
func prompts(t *testing.T, all words, long time.Duration) string {
	t.Helper()
	dir := t.TempDir()
	for name, hz := range all {
		file := filepath.Join(dir, name+".wav")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, waveOf(toneULaw(hz, time.Second)[:int(long.Seconds()*8000)]), 0o600))
	}
	return "prompts: " + dir + "\n"
}

// said lists the words in the order in which they were heard, over whatever
// else there was. Words are told apart by where most of the sound is.
func (s *Sound) said(all words) (out []string) {
	heard := s.last(time.Hour)
	last, run := "", 0
	for at := 0; at+800 <= len(heard); at += 800 {
		found := ""
		for name, hz := range all {
			if share, rms := power(heard[at:at+800], hz); share > 0.5 && rms > 1000 {
				found = name
			}
		}
		if found != last {
			last, run = found, 0
		}
		if run++; run == 2 && found != "" {
			out = append(out, found)
		}
	}
	return out
}

// speaks waits until the words were said, one after the other.
func (s *Sound) speaks(all words, want ...string) {
	s.w.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !strings.Contains(strings.Join(s.said(all), " "), strings.Join(want, " ")) {
		if time.Now().After(deadline) {
			s.w.t.Fatalf("%s heard %v, wanted %v", s.name, s.said(all), want)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestCallersHearWhereTheyStandInTheirClientsLanguage(t *testing.T) {
	en := words{"en/position-next": 620, "en/position-before": 700, "en/2": 780, "en/position-after": 860, "en/wait-short": 1120}
	zh := words{"zh/position-next": 1450, "zh/position-before": 1550, "zh/2": 1900, "zh/position-after": 2100, "zh/wait-short": 2300}
	all := maps.Clone(en)
	maps.Copy(all, zh)
	queue := `
  - {id: %s, client: %s, rings: [{after: 0s}], wrap_up: 0s, announce: {first: 500ms, every: 5s, position: true, wait: true, prompts: [still]}}`
	all["still"] = 2600
	w := NewWorld(t, Options{
		Clients: `[{id: courier, name: Courier Express, language: en}, {id: bank, name: Bank, language: zh}]`,
		Numbers: `[{number: "4008001234", client: courier, queue: parcels}, {number: "4008001235", client: bank, queue: cards}]`,
		Queues:  fmt.Sprintf(queue, "parcels", "courier") + fmt.Sprintf(queue, "cards", "bank"),
		Extra:   prompts(t, all, 400*time.Millisecond)})
	w.SetAgent("8002", "not-ready")
	desk := w.Desk(1)
	for _, number := range []string{"4008001234", "4008001235"} { // how long it takes is known from those before
		served := w.Rings("13800000", number)
		ring := desk.Ring()
		ring.sound = w.Sound("agent", pcmu, 101)
		ring.sound.towards(ring.invite.body)
		ring.Answer(ring.sound.SDP("sendrecv"))
		w.AgentIs("8001", "talking")
		served.Hangup()
		ring.HungUp()
		w.AgentIs("8001", "ready")
	}
	w.SetAgent("8001", "not-ready")
	first := w.Rings("13800001", "4008001234")
	w.CallsAre(1, "waiting")
	second := w.Rings("13800002", "4008001234")
	third := w.Rings("13800003", "4008001235")
	w.CallsAre(3, "waiting")
	fourth := w.Rings("13800004", "4008001235")
	second.sound.speaks(all, "en/position-before", "en/2", "en/position-after", "en/wait-short", "still")
	third.sound.speaks(all, "zh/position-next", "zh/wait-short", "still")
	fourth.sound.speaks(all, "zh/position-before", "zh/2", "zh/position-after", "zh/wait-short", "still")
	// Again after five seconds, and then from where it has come to.
	first.sound.speaks(all, "en/position-next", "en/wait-short", "still", "en/position-next", "en/wait-short", "still")
	first.Hangup()
	second.sound.speaks(all, "still", "en/position-next")
	for _, k := range []*Talk{second, third, fourth} {
		k.Hangup()
	}
}

// Dual presses a key in the sound itself, as a telephone without events does.
func (s *Sound) Dual(low, high float64) {
	set := func(pair [2]float64) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.dual = pair
	}
	set([2]float64{low, high})
	time.Sleep(200 * time.Millisecond)
	set([2]float64{})
}

func TestAMenuTakesKeysHoweverTheyAreTold(t *testing.T) {
	w := NewWorld(t, Options{
		Numbers: `[{number: "4008001234", client: courier, menu: main}]`,
		Queues: usualQueue + `
  - {id: two, client: courier}
  - {id: three, client: courier}`,
		Extra: `
menus: [{id: main, client: courier, prompt: welcome, keys: {"1": {queue: parcels}, "2": {queue: two}, "3": {queue: three}}, timeout: 20s, otherwise: {say: goodbye}}]`})
	w.NobodyReady()
	gateway := w.Gateway()
	calls := func(from string, events uint8) *Talk {
		sound := w.Sound("caller", pcmu, events)
		k := gateway.Call(from, "4008001234", sound.SDP("sendrecv"))
		k.sound = sound
		k.Answered()
		w.Eventually(8*time.Second, "the menu speaks", func() bool { return sound.speech(300 * time.Millisecond) })
		return k
	}
	arrives := func(from, queue string) {
		w.Eventually(8*time.Second, from+" is in "+queue, func() bool {
			for _, c := range w.Calls() {
				if c.From == from {
					return c.State == "waiting" && c.Queue == queue
				}
			}
			return false
		})
	}
	stream := calls("13800001", 101)
	stream.sound.Press("1")
	arrives("13800001", "parcels")
	info := calls("13800002", 101)
	info.tell("application/dtmf-relay", "Signal=2\r\nDuration=160\r\n")
	arrives("13800002", "two")
	inband := calls("13800003", 0)
	inband.sound.Mute(true) // a caller who presses does not talk
	time.Sleep(100 * time.Millisecond)
	w.Eventually(10*time.Second, "the key is found in the sound", func() bool {
		inband.sound.Dual(697, 1477)
		time.Sleep(300 * time.Millisecond)
		for _, c := range w.Calls() {
			if c.From == "13800003" {
				return c.Queue == "three"
			}
		}
		return false
	})
	for _, k := range []*Talk{stream, info, inband} {
		k.Hangup()
	}
	w.CDRs(3)
}

func TestAnAgentHearsWhoseCallItIsBeforeItIsConnected(t *testing.T) {
	whisper := words{"bank": 2200}
	w := NewWorld(t, Options{
		Clients: `[{id: courier, name: Courier Express, whisper: bank}]`,
		Queues:  strings.Replace(usualQueue, "wrap_up: 0s", "wrap_up: 0s\n    whisper: before", 1),
		Extra:   prompts(t, whisper, time.Second)})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.desk.speaks(whisper, "bank")
	c.HearEachOther()
	// The agent heard the name before a sample of the caller, the caller music
	// and nothing of either until then.
	var order []string
	heard := c.desk.last(time.Hour)
	for at := 0; at+800 <= len(heard); at += 800 {
		for name, hz := range map[string]float64{"bank": 2200, "caller": tones["caller"]} {
			if share, rms := power(heard[at:at+800], hz); share > 0.8 && rms > 500 && (len(order) == 0 || order[len(order)-1] != name) {
				order = append(order, name)
			}
		}
	}
	require.Equal(t, []string{"bank", "caller"}, order)
	require.Empty(t, c.voice.said(whisper))
	time.Sleep(500 * time.Millisecond)
	record, tape := c.End()
	require.NotEmpty(t, record.Recording)
	share, _ := power(tape.Agent, 2200)
	require.Less(t, share, 0.01, "the whisper is on no tape")
}

func TestAWaitThatIsOverGoesToANumberOutside(t *testing.T) {
	w := NewWorld(t, Options{
		Trunks: `[{id: telecom, peers: [127.0.0.1], channels: 30, address: "sip:127.0.0.1:%PORT%"}]`,
		Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s}], wrap_up: 0s, max_wait: 1s, expired: {number: "0755123"}}`,
		Extra: `outbound: {routes: [{trunks: [telecom]}]}`})
	w.NobodyReady()
	carrier := w.Station("carrier", w.PhonePort(3))
	caller := w.Rings("13800001", "4008001234")
	caller.sound.HearsMusic()
	out := carrier.Ring()
	require.Contains(t, out.invite.start, "sip:0755123@")
	out.sound = w.Sound("agent2", pcmu, 101)
	out.sound.towards(out.invite.body)
	out.Answer(out.sound.SDP("sendrecv"))
	caller.sound.Hears("agent2")
	out.sound.Hears("caller")
	time.Sleep(700 * time.Millisecond)
	out.Hangup()
	caller.HungUp()
	r := w.CDR()
	require.Contains(t, r.kinds(), "queue/max-wait")
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, nil)
}
