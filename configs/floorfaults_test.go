package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func init() { faultCases = append(faultCases, floorFaults...) }

// floorFaults are those of what agents and callers meet, in the form of
// faultCases.
var floorFaults = []struct {
	name, sections string
	faults         []string
}{
	{"an end of after-call work that is none", "queues: [{id: parcels, wrap_up_end: §fixd}]",
		[]string{`wrap_up_end is "fixd": did you mean "fixed"? It is one of early, fixed, agent`}},
	{"after-call work that the agent ends and that takes no time", "queues: [{id: parcels, wrap_up: §0s, wrap_up_end: agent}]",
		[]string{"wrap_up is 0s, which is none, and wrap_up_end leaves its end to the agent: wrap_up is the longest it may take"}},
	{"a return of nobody", "queues: [{id: parcels, rona: {busy: {return: §5m}}}]",
		[]string{"return without a limit: nobody is taken out, so nobody comes back"}},
	{"a return that is no time", "queues: [{id: parcels, rona: {rejected: {return: §nevr}}}]",
		[]string{`return is "nevr": a duration is wanted, such as 15s, 500ms or 5m`}},
	{"an unknown miss", "queues: [{id: parcels, rona: {§noanswer: {limit: 2}}}]",
		[]string{`unknown key "noanswer" in rona: did you mean "no_answer"?`}},
	{"a disposition that cannot be dialled", "clients: [{id: courier, dispositions: [{code: §A1}]}]",
		[]string{`code is "A1": one to four digits are wanted, which agents dial behind *54`}},
	{"a disposition twice", "clients: [{id: courier, dispositions: [{code: '01'}, {code: §'01'}]}]",
		[]string{`code "01" stands already in line 4: codes are unique in a client`}},
	{"a required disposition without any", "clients: [{id: courier, disposition_required: §true}]",
		[]string{"a disposition is required and the client has none: list them under dispositions"}},
	{"a required disposition without a default", "clients: [{id: courier, dispositions: [{code: '01'}], disposition_required: §true}]",
		[]string{"a disposition is required, so disposition_default must say what a call gets that is not filed in time"}},
	// What callers hear.
	{"a prompt that there is not", "queues: [{id: parcels, greeting: §welcom}]",
		[]string{`there is no prompt "welcom" in the language en: did you mean "welcome"?`}},
	{"a prompt of one's own without a folder", "queues: [{id: parcels, client: courier, music: §bolero}]",
		[]string{`there is no prompt "bolero" in the language en: set prompts to the folder of your own`}},
	{"a prompt that is a path", "queues: [{id: parcels, greeting: [welcome, §../x]}]",
		[]string{`greeting has "../x": a prompt's name is up to 64 of a-z 0-9 _ - ; its file is NAME.wav in the folder of prompts`}},
	{"an unknown language", "clients: [{id: courier, language: §fr}, {id: airline}]",
		[]string{`language is "fr": it is one of en, zh`}},
	{"announcements of nothing", "queues: [{id: parcels, announce: §{every: 30s}}]",
		[]string{"announce without anything to say: position, wait or prompts"}},
	{"announcements without a pause", "queues: [{id: parcels, announce: {position: true, every: §1s}}]",
		[]string{`every is "1s": from 5s to 1h is wanted`}},
	{"a key that no telephone has", "queues: [{id: parcels, escape: {§12: {queue: parcels}}}]",
		[]string{`escape names the key "12": 0 to 9, * and # are wanted, in quotes`}},
	{"an exit to two places", "queues: [{id: parcels, empty: §{queue: parcels, number: '123'}}]",
		[]string{"empty leads to several places: one of queue, menu and number is wanted, or none to release the caller"}},
	{"an exit to nowhere", "queues: [{id: parcels, full: {queue: §letters}}]",
		[]string{`there is no queue "letters": defined are parcels`}},
	{"closed hours of a queue that has none", "queues: [{id: parcels, closed: §{say: closed}}]",
		[]string{"closed without hours: the queue is always open"}},
	{"an unknown calendar", "queues: [{id: parcels, hours: §office}]",
		[]string{`there is no calendar "office": no calendar is defined`}},
	{"a calendar's zone", "calendars: [{id: office, time_zone: §Chengdu, open: 'daily 00:00-24:00'}]",
		[]string{`time_zone is "Chengdu": a time zone of the IANA's list is wanted, such as Asia/Shanghai`}},
	{"a calendar's hours", "calendars: [{id: office, open: [§'mon-fri', §'mon-fry 09:00-18:00', §'mon 09:00-25:00', §'mon 09:00-09:00']}]",
		[]string{`open has "mon-fri": days and hours are wanted, such as mon-fri 09:00-18:00`,
			`open has "mon-fry 09:00-18:00": "mon-fry" is no day: mon, tue, wed, thu, fri, sat, sun or daily is wanted`,
			`open has "mon 09:00-25:00": "25:00" is no time of day: 00:00 to 24:00 is wanted`,
			`open has "mon 09:00-09:00": it ends when it begins: a whole day is 00:00-24:00`}},
	{"a calendar's holidays", "calendars: [{id: office, open: 'daily 00:00-24:00', holidays: [§'2027-13-01', §'2027-02-02..2027-02-01']}]",
		[]string{`holidays has "2027-13-01": a day or a range of days is wanted, such as 2026-10-01 or 2026-10-01..2026-10-07`,
			`holidays has "2027-02-02..2027-02-01": it ends before it begins`}},
	{"a calendar that never opens", "calendars: [§{id: office}]",
		[]string{`calendar without open: it says when somebody is there, such as "mon-fri 09:00-18:00"`}},
	{"a menu without keys", "menus: [§{id: main, prompt: welcome}]",
		[]string{`menu "main" needs a prompt, which tells callers the keys, and keys`}},
	{"a number that leads to two places", "numbers: [{number: '1', queue: parcels, menu: §main}]\n\nmenus: [{id: main, client: courier, prompt: welcome, keys: {1: {queue: parcels}}}]",
		[]string{"a number leads to a queue or to a menu, not to both"}},
	{"a pause without a unit", "queues: [{id: parcels, pause: {limit: §30}}]",
		[]string{`limit is "30": a duration has a unit, such as 30s`}},

	// Phones and agents.
	{"a phone that cannot be reached", "phones: [§{id: '2001'}]",
		[]string{"phone without password and contact: it registers with the one or is found at the other"}},
	{"a phone that is an agent's", "phones: [{id: §'8001', password: x}]",
		[]string{`phone "8001" has the id of the agent in line 9: both would register with it`}},
	{"a pin that cannot be dialled", "agents: [{id: '8001', pin: §secret}]",
		[]string{"pin: 4 to 16 digits are wanted, which the agent dials"}},
	{"a phone that is asked too often", "sip: {qualify: §100ms}",
		[]string{`qualify is "100ms": 0s for never, or from 1s to 1h is wanted`}},
	{"a default disposition that there is not", "clients: [{id: courier, dispositions: [{code: '01'}, {code: '02'}], disposition_default: §'9'}]",
		[]string{`disposition_default is "9", which is none of the client's codes: 01, 02`}},
}

func TestAQueuesPolicyForMissedOffersIsReadPieceByPiece(t *testing.T) {
	c, err := parse("x", []byte(with("queues: [{id: parcels, wrap_up_end: agent, rona: {no_answer: {limit: 3, return: 5m}, busy: {limit: 2, return: never}, reset: answered}}]")), debian)
	require.NoError(t, err)
	q := c.Queues[0]
	require.Equal(t, time.Hour, q.WrapUp, "the longest that is forgotten")
	require.Equal(t, Rona{NoAnswer: Miss{Limit: 3, Return: 5 * time.Minute}, Rejected: Miss{Limit: 1},
		Busy: Miss{Limit: 2, Delay: 15 * time.Second}, Unreachable: Miss{Delay: 30 * time.Second}, Reset: "answered"}, q.Rona)
}

func TestCalendarsKnowTheirHours(t *testing.T) {
	c, err := parse("x", []byte(with("calendars: [{id: office, time_zone: Asia/Shanghai, open: ['mon-fri 09:00-18:00', 'fri 22:00-02:00'], "+
		"holidays: ['2026-10-01..2026-10-07', '2026-12-25']}]")), debian)
	require.NoError(t, err)
	office := c.Calendars[0]
	for at, want := range map[string][2]bool{
		"2026-11-23 08:59": {false, false}, "2026-11-23 09:00": {true, false}, "2026-11-23 17:59": {true, false}, "2026-11-23 18:00": {false, false},
		"2026-11-28 12:00": {false, false}, "2026-11-27 23:00": {true, false}, "2026-11-28 01:59": {true, false}, "2026-11-28 02:00": {false, false},
		"2026-10-01 10:00": {false, true}, "2026-10-07 10:00": {false, true}, "2026-10-08 10:00": {true, false},
		"2026-12-25 23:00": {false, true}, "2026-12-26 01:00": {false, false}, // the night that began on a holiday
	} {
		moment, err := time.ParseInLocation("2006-01-02 15:04", at, office.Location())
		require.NoError(t, err)
		open, holiday := office.Is(moment)
		require.Equal(t, want, [2]bool{open, holiday}, at)
	}
}

func TestPromptsOfOnesOwnAreReadWholeAndGoBeforeTheBuiltInOnes(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "sounds", "zh"), 0o755))
	wav, err := os.ReadFile("prompts/en/1.wav")
	require.NoError(t, err)
	put := func(name string, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "sounds", name), text, 0o644))
	}
	put("bolero.wav", wav)
	put("zh/closed.wav", wav)
	text := with("prompts: sounds\n\nclients: [{id: courier, language: zh}, {id: airline}]\n\nqueues: [{id: parcels, client: courier, music: bolero}]")
	c, err := parse(filepath.Join(dir, "x.yaml"), []byte(text), debian)
	require.NoError(t, err)
	require.Len(t, c.Sounds, 2)
	require.Equal(t, "zh/bolero", c.Sounds[0].ID)
	require.Equal(t, filepath.Join(dir, "sounds", "bolero.wav"), c.Sounds[0].File)
	require.Equal(t, "zh/closed", c.Sounds[1].ID)
	require.Len(t, c.Sounds[1].Sum, 12)
	elsewhere, err := parse(filepath.Join(t.TempDir(), "x.yaml"), []byte(strings.Replace(text, "prompts: sounds", "prompts: "+filepath.Join(dir, "sounds"), 1)), debian)
	require.NoError(t, err)
	require.Equal(t, c.Sounds, elsewhere.Sounds, "a whole path is one wherever the configuration lies")

	stereo := append([]byte(nil), wav...)
	stereo[22] = 2
	for name, bad := range map[string][]byte{"no RIFF": []byte("hello"), "2 channels": stereo, "no samples": wav[:44], "cut short": wav[:20]} {
		put("bolero.wav", bad)
		_, err = parse(filepath.Join(dir, "x.yaml"), []byte(text), debian)
		require.ErrorContains(t, err, "x.yaml:8:48: prompt \"bolero\": ", name)
	}
}
