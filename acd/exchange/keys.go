package exchange

import (
	"strings"
	"time"

	"switchroom/acd"

	"go.uber.org/zap"
)

// Codes that an agent presses during a call, or dials on another line. Those
// with a number end with #.
//
//	*40       the second party takes the caller: completes a transfer
//	*41N#     hands the caller to N: an agent, a queue or a number
//	*42N#     consults N while the caller hears music
//	*43       all three talk
//	*44       lets the second party go: back to the caller
//	*45       leaves the others to themselves
//	*46       keeps what follows out of the recording
//	*47       until then
//	*48       records the call from now on, where its queue does so on demand
//
// And a supervisor in somebody's call:
//
//	*61 *62 *63   listens, whispers, barges in
//	*64           takes the agent's place
type inCall struct {
	argument bool
	do       func(c *call, p *party, number string) error
}

// inCallCodes are the codes by their first three keys.
var inCallCodes = map[string]inCall{
	"*40": {do: (*call).completeBy},
	"*41": {argument: true, do: (*call).transferBy},
	"*42": {argument: true, do: (*call).consultBy},
	"*43": {do: (*call).mergeBy},
	"*44": {do: (*call).abortBy},
	"*45": {do: (*call).leaveBy},
	"*46": {do: pauseBy},
	"*47": {do: resumeBy},
	"*48": {do: startBy},
	"*61": {do: modeBy(acd.Listen)},
	"*62": {do: modeBy(acd.Whisper)},
	"*63": {do: modeBy(acd.Barge)},
	"*64": {do: (*call).takeOverBy},
}

// keysWithin is how long a code may pause between two keys, and keysMax how
// long it may be.
const (
	keysWithin = 5 * time.Second
	keysMax    = 40
)

// keys collects what a party presses.
type keys struct {
	pressed string
	last    time.Duration
}

// press takes one key and gives the code and its number once it is whole.
func (k *keys) press(now time.Duration, key byte) (code inCall, number string, ok bool) {
	if now-k.last > keysWithin || len(k.pressed) >= keysMax {
		k.pressed = ""
	}
	k.last = now
	if key == '*' && len(k.pressed) <= 3 {
		k.pressed = "" // a code begins anew
	}
	if k.pressed == "" && key != '*' {
		return code, "", false
	}
	if len(k.pressed) < 3 {
		k.pressed += string(key)
	} else if key != '#' {
		k.pressed += string(key)
		return code, "", false
	}
	if len(k.pressed) < 3 {
		return code, "", false
	}
	code, known := inCallCodes[k.pressed[:3]]
	switch {
	case !known:
		k.pressed = ""
	case !code.argument:
		k.pressed, ok = "", true
	case key == '#':
		number, k.pressed, ok = k.pressed[3:], "", true
	}
	return code, number, ok
}

// pressed takes a key of the agent's or the supervisor's.
func (c *call) pressed(p *party, key byte) {
	role := c.roleOf(p)
	if role == acd.CallerParty {
		c.keyed(key)
	}
	if p.agent == nil || role != acd.AgentParty && role != acd.LineParty && role != acd.SupervisorParty {
		return
	}
	code, number, ok := p.keys.press(c.x.clock.now().Mono, key)
	if !ok {
		return
	}
	if err := code.do(c, p, number); err != nil {
		c.log.Info("code refused", zap.String("agent", p.seat.Agent), zap.Error(err))
		if p.media != nil {
			c.session.Announce(p.media, refuseClip())
		}
	}
}

// dialledCode reads a code that a phone dials on another line.
func dialledCode(dialled string) (code inCall, number string, ok bool) {
	if len(dialled) < 3 {
		return code, "", false
	}
	code, ok = inCallCodes[dialled[:3]]
	number = strings.TrimSuffix(dialled[3:], "#")
	return code, number, ok && code.argument == (number != "")
}
