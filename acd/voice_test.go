package acd

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/configs/prompts"
)

func TestACallerHearsTheNoticeThenTheGreetingThenWhereItStands(t *testing.T) {
	var v Voice
	s := &Script{Language: "en", Notice: []string{"recording-notice"}, Greeting: []string{"welcome"},
		First: 30 * time.Second, Every: time.Minute, Position: true, Wait: true, Turn: []string{"still-busy", "welcome"}}
	at3 := func() Place { return Place{Position: 3, Wait: 100 * time.Second} }
	require.Equal(t, []string{"recording-notice"}, v.Begin(at(0), s, true))
	require.True(t, v.OwesNotice())
	require.Equal(t, []string{"welcome"}, v.Ended())
	require.False(t, v.OwesNotice())
	require.Empty(t, v.Ended())
	require.Equal(t, 30*time.Second, v.Deadline())
	require.Empty(t, v.Due(at(29*time.Second), at3))
	require.Equal(t, "position-before 3 position-after wait-before 2 wait-minutes still-busy", strings.Join(v.Due(at(30*time.Second), at3), " "))
	require.Equal(t, 90*time.Second, v.Deadline())
	require.Empty(t, v.Due(at(90*time.Second), at3), "what is said is not interrupted")
	v.Ended()
	require.Contains(t, v.Due(at(150*time.Second), at3), "welcome", "in turn")
	v.Stop()
	require.Zero(t, v.Deadline())
	require.Empty(t, v.Ended())
	// Another queue: the notice was heard.
	require.Equal(t, []string{"welcome"}, v.Begin(at(200*time.Second), s, true))
}

func TestNothingIsToldThatIsNotKnownAndNobodyOfARecordingThatThereIsNot(t *testing.T) {
	var v Voice
	s := &Script{Language: "en", Notice: []string{"recording-notice"}, Every: time.Minute, Position: true, Wait: true}
	require.Empty(t, v.Begin(at(0), s, false))
	require.Empty(t, v.Due(at(time.Minute), func() Place { return Place{Wait: -1} }))
	require.Empty(t, v.Begin(at(0), nil, true))
	require.Zero(t, v.Deadline())
}

func TestNumbersAreSpokenAsOneSaysThem(t *testing.T) {
	for n, want := range map[int][2]string{
		0: {"0", "0"}, 7: {"7", "7"}, 10: {"10", "10"}, 12: {"12", "10 2"}, 20: {"20", "2 10"}, 21: {"20 1", "2 10 1"}, 99: {"90 9", "9 10 9"},
		100: {"1 100", "1 100"}, 105: {"1 100 5", "1 100 0 5"}, 110: {"1 100 10", "1 100 1 10"}, 999: {"9 100 90 9", "9 100 9 10 9"}, 5000: {"9 100 90 9", "9 100 9 10 9"},
	} {
		require.Equal(t, want[0], strings.Join(SpokenNumber("en", n), " "))
		require.Equal(t, want[1], strings.Join(SpokenNumber("zh", n), " "))
	}
	require.Equal(t, "wait-before both wait-minutes", strings.Join(SpokenWait("zh", 2*time.Minute), " "))
	require.Equal(t, "wait-before 2 wait-minutes", strings.Join(SpokenWait("en", 61*time.Second), " "))
	require.Equal(t, "wait-before 1 wait-minute", strings.Join(SpokenWait("en", time.Minute), " "))
	require.Equal(t, "wait-short", strings.Join(SpokenWait("en", 59*time.Second), " "))
	require.Equal(t, "wait-long", strings.Join(SpokenWait("en", 2*time.Hour), " "))
}

// Whatever is said exists.
func TestEverythingThatIsSpokenHasItsSound(t *testing.T) {
	for _, language := range prompts.Languages {
		for n := range 1000 {
			for _, say := range [][]string{SpokenNumber(language, n), SpokenPosition(language, n), SpokenWait(language, time.Duration(n)*time.Minute/2)} {
				for _, name := range say {
					require.True(t, prompts.Has(language, name), "%s %s", language, name)
				}
			}
		}
	}
}

func exampleMenu() *Menu {
	return &Menu{Prompt: []string{"press-1"}, Keys: map[byte]Exit{'1': {Queue: "parcels"}, '9': {Say: []string{"goodbye"}}},
		Invalid: []string{"menu-invalid"}, Nothing: []string{"menu-nothing"}, Timeout: 5 * time.Second, Repeats: 1, Otherwise: Exit{Queue: "general"}}
}

func TestAKeyChoosesEvenDuringThePrompt(t *testing.T) {
	var g Guide
	require.Equal(t, []string{"press-1"}, g.Open(exampleMenu()).Say)
	do := g.Key('1')
	require.Equal(t, "parcels", do.Exit.Queue)
	require.True(t, do.Hush)
	require.False(t, g.Leading())

	g.Open(exampleMenu())
	require.Equal(t, []string{"goodbye"}, g.Key('9').Say)
	require.Empty(t, g.Key('1'), "it has chosen")
	require.Equal(t, &Exit{Say: []string{"goodbye"}}, g.Ended(at(0)).Exit)
}

func TestAMenuIsRepeatedAsOftenAsItMayBe(t *testing.T) {
	var g Guide
	g.Open(exampleMenu())
	require.Empty(t, g.Ended(at(0)))
	require.Equal(t, 5*time.Second, g.Deadline())
	require.Empty(t, g.Due(at(4*time.Second)))
	require.Equal(t, []string{"menu-nothing"}, g.Due(at(5*time.Second)).Say)
	require.Zero(t, g.Deadline())
	require.Equal(t, []string{"press-1"}, g.Ended(at(6*time.Second)).Say)
	require.Equal(t, []string{"menu-invalid"}, g.Key('5').Say)
	require.Equal(t, "general", g.Ended(at(8*time.Second)).Exit.Queue)
}
