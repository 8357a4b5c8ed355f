package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/media"

	"go.uber.org/zap"
)

// speech is what the switch says to a call's caller. The call's goroutine owns
// it. Nothing that is said holds up the call: the queue is entered before the
// greeting begins, and a connection ends whatever is being said.
type speech struct {
	voice   acd.Voice // while it waits
	guide   acd.Guide // while it is led
	playing media.PlayID
	next    lead          // what DoLead begins
	emptyAt time.Duration // when to look again whether somebody is there; 0: never
	hops    int           // from queue to queue and menu to menu
	tapeFor *acd.Seat     // a recording waits for the notice's end
	whisper media.PlayID  // what the agent hears before it is connected
}

// lead is a menu, or what is said on the way to an exit.
type lead struct {
	why  acd.Cause
	menu *acd.Menu
	exit acd.Exit
}

// hopsMax bounds how often a call may be sent on without a key of its caller's.
const hopsMax = 10

// say says prompts over whatever the caller hears.
func (c *call) say(names []string) {
	if len(names) == 0 {
		return
	}
	clip := c.x.clip(c.x.plan.Load().languageOf(c.core.Plan.Client), names)
	if c.caller.media == nil || clip == nil {
		c.inbox.put(message{kind: fromFloor, ask: func(c *call) {
			if c != nil {
				c.spoken()
			}
		}})
		return
	}
	c.speech.playing = c.session.Announce(c.caller.media, clip)
}

// played: a clip has ended.
func (c *call) played(e media.Event) {
	switch e.Play {
	case 0:
	case c.speech.playing:
		c.spoken()
	case c.speech.whisper:
		c.speech.whisper = 0
		c.arrange(true)
		c.tapeWaits()
	}
}

// spoken: what was last said to the caller is over.
func (c *call) spoken() {
	c.speech.playing = 0
	switch {
	case c.speech.tapeFor != nil:
		c.speech.voice.Noticed()
		c.tapeNow()
	case c.core.State() == acd.Led:
		c.guided(c.speech.guide.Ended(c.x.clock.now()))
	default:
		c.say(c.speech.voice.Ended())
	}
}

// enters begins what a waiting caller hears.
func (c *call) enters(now acd.Instant) {
	s := &c.speech
	s.playing = 0
	c.say(s.voice.Begin(now, c.x.plan.Load().script(c.queue.config, c.core.Plan.Client), c.core.Plan.Record))
	s.emptyAt = 0
	if c.queue.config.Treatment.Empty != nil {
		s.emptyAt = now.Mono + emptyEvery
	}
}

// emptyEvery is how soon a waiting caller is told that everybody has left.
const emptyEvery = 5 * time.Second

// deadline is when the call has something to do by itself; 0: never.
func (c *call) deadline() time.Duration {
	first := c.core.Deadline()
	for _, d := range [...]time.Duration{c.speech.voice.Deadline(), c.speech.guide.Deadline(), c.speech.emptyAt, c.taping.deadline} {
		if d != 0 && (first == 0 || d < first) {
			first = d
		}
	}
	return first
}

// due does what is due.
func (c *call) due() {
	c.step(acd.CallInput{Kind: acd.InputDeadline})
	now := c.x.clock.now()
	c.tapeDue(now)
	switch c.core.State() {
	case acd.Waiting:
		if c.speech.emptyAt != 0 && now.Mono >= c.speech.emptyAt {
			c.speech.emptyAt = now.Mono + emptyEvery
			if t := &c.queue.config.Treatment; t.Empty != nil && !c.x.somebodyFor(c.queue) {
				c.leaves(acd.NoAgents, exitOf(t.Empty))
				return
			}
		}
		c.say(c.speech.voice.Due(now, c.place))
	case acd.Ringing:
		c.say(c.speech.voice.Due(now, c.place))
	case acd.Led:
		c.guided(c.speech.guide.Due(now))
	}
}

// quiet ends what only waiting and led callers hear, once the call is neither.
func (c *call) quiet() {
	state := c.core.State()
	if state != acd.Waiting && state != acd.Ringing {
		c.speech.voice.Stop()
		c.speech.emptyAt = 0
	}
	if state != acd.Led {
		c.speech.guide = acd.Guide{}
	}
}

// keyed takes a key of the caller's: a menu's, or one to leave the queue.
func (c *call) keyed(key byte) {
	switch c.core.State() {
	case acd.Led:
		c.speech.hops = 0
		c.guided(c.speech.guide.Key(key))
	case acd.Waiting:
		if x, ok := c.queue.config.Treatment.Escape[string(key)]; ok {
			c.speech.hops = 0
			c.leaves(acd.Escaped, exitOf(&x))
		}
	}
}

// wantsKeys reports whether the caller may have to press one.
func (c *call) wantsKeys() bool {
	return c.speech.next.menu != nil || c.speech.guide.Leading() || c.queue != nil && len(c.queue.config.Treatment.Escape) > 0
}

// leaves sends a call that waits, or that its queue did not take, to an exit.
func (c *call) leaves(why acd.Cause, x acd.Exit) {
	c.speech.next = lead{why: why, exit: x}
	if len(x.Say) == 0 {
		c.goTo(why, x)
		return
	}
	c.step(acd.CallInput{Kind: acd.InputGuide, Cause: why})
}

// begins is what DoLead asks for.
func (c *call) begins(why acd.Cause) {
	s := &c.speech
	s.playing = 0
	s.next.why = why
	if s.next.menu != nil {
		c.guided(s.guide.Open(s.next.menu))
		return
	}
	c.guided(s.guide.Leave(s.next.exit))
}

// guided does what the guide wants.
func (c *call) guided(g acd.Guiding) {
	if g.Hush && c.speech.playing != 0 {
		c.speech.playing = 0
		c.session.StopPlay(c.caller.media)
	}
	c.say(g.Say)
	if g.Exit != nil {
		c.goTo(c.speech.next.why, *g.Exit)
	}
}

// goTo sends the caller to an exit whose words have been said.
func (c *call) goTo(why acd.Cause, x acd.Exit) {
	p := c.x.plan.Load()
	c.speech.hops++
	q, menu := p.queues[x.Queue], p.menus[x.Menu]
	switch {
	case c.speech.hops > hopsMax:
		c.log.Warn("sent on too often", zap.String("why", string(why)))
		c.step(acd.CallInput{Kind: acd.InputDismiss, Cause: why})
	case q != nil:
		c.routes(p, why, q)
	case menu != nil:
		c.speech.next = lead{why: acd.InMenu, menu: menu}
		c.step(acd.CallInput{Kind: acd.InputGuide, Cause: acd.InMenu})
	case x.Number != "":
		c.step(acd.CallInput{Kind: acd.InputSend, Cause: why, Target: acd.Seat{Number: x.Number}})
	default:
		c.step(acd.CallInput{Kind: acd.InputDismiss, Cause: why})
	}
}

// routes sends the caller to a queue, or to where that one sends it.
func (c *call) routes(p *plan, why acd.Cause, q *queuePlan) {
	if refused, x := c.x.refusal(p, q, time.Now()); refused != "" {
		c.leaves(refused, x)
		return
	}
	if q != c.queue || !c.counted {
		room := p.roomIn(q.config.ID)
		if room == nil {
			x := acd.Exit{Say: []string{"full"}}
			if q.config.Treatment.Full != nil {
				x = exitOf(q.config.Treatment.Full)
			}
			c.leaves(acd.QueueFull, x)
			return
		}
		c.leaveQueue(acd.AgentParty)
		c.queue, c.counted, q = room, true, room
	} else {
		c.leaveQueue(acd.AgentParty)
		c.counted = q.take()
	}
	c.deeds = c.core.Route(c.x.clock.now(), why, p.callPlan(q, c.core.Plan.Client), c.deeds[:0])
	c.carryOutAll(c.x.clock.now())
}

// exits: the queue does not keep the call.
func (c *call) exits(why acd.Cause) {
	c.outside(&c.stay)
	t := &c.queue.config.Treatment
	if why == acd.QueueFull {
		c.leaves(why, exitOf(t.Full))
		return
	}
	c.leaves(why, exitOf(t.Expired))
}

// music is what a caller of this queue waits and is held with.
func (c *call) music() *media.Clip {
	if c.queue != nil && c.queue.config.Treatment.Music != "" {
		p := c.x.plan.Load()
		if clip := c.x.clip(p.languageOf(c.core.Plan.Client), []string{c.queue.config.Treatment.Music}); clip != nil {
			return clip
		}
	}
	return media.MusicClip()
}

// connects joins caller and agent. The agent may hear whose call it is: over
// the first moments, or, where the queue would rather have the caller wait that
// long, before.
func (c *call) connects() {
	c.speech.playing = 0
	p := c.x.plan.Load()
	var clip *media.Clip
	client := p.client(c.core.Plan.Client)
	if client != nil && client.Whisper != "" && c.agent != nil && c.agent.media != nil && c.queue != nil && c.queue.config.Treatment.Whisper != "never" {
		clip = c.x.clip(client.Language, []string{client.Whisper})
	}
	switch {
	case clip == nil:
		c.arrange(true)
	case c.queue.config.Treatment.Whisper == "before":
		c.speech.whisper = c.session.Announce(c.agent.media, clip)
	default:
		c.arrange(true)
		c.session.Announce(c.agent.media, clip)
	}
}
