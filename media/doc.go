// Package media moves packets: it owns the RTP and RTCP sockets of every call,
// relays between the legs of a call, plays music and prompts, reports digits
// and quality, and hands what it hears to a tap.
//
// An [Engine] has a few event loops, each one goroutine on its own thread. A
// [Session] is one call; all its [Leg]s live on one loop, so a packet meets no
// lock, no atomic operation, no allocation, no log line and no file. Loops
// start at one; more are started when the running ones are full. On Linux a loop
// that carries some thirty calls or more reads in ticks of 2 ms: that is what makes
// a call cheap, and delays a packet by 1 ms on average.
//
// Goroutines: every exported method may be called from any goroutine,
// [Events.MediaEvent] and [Tap.Frame] included, and none waits for the loop;
// only [Engine.Close] blocks. What is asked of one session takes effect in the
// order asked. MediaEvent and Frame are called on the session's loop and hold
// up every call on it: they must return at once.
//
// What a leg accepts: packets from the address its session description agreed
// to, or from the address its signalling came from when [Params.Learn] names
// it. The port may differ; it is learned within the first few packets and then
// stays until the next [Leg.Connect]. Everything else is counted and dropped.
// No packet ends a call.
//
// A leg with [Params.SRTP] takes and sends protected packets alone (SRTP, keys by
// the signalling). What comes is authenticated before anything is learned from
// it; what taps, mixes and the other leg get is in the clear.
//
// What a leg sends: one SSRC for life, with sequence numbers and timestamps
// that stay continuous whatever the source is (RFC 3550, section 5.1).
//
// # Who hears whom
//
// [Session.Bridge] joins two legs, whose packets are passed on as they are. More
// than two are arranged by [Session.Mix], which is given for each leg whom it
// hears, or by its common cases:
//
//	s.Listen(boss, agent, caller)     // boss hears both, unheard
//	s.Whisper(boss, agent, caller)    // and the agent hears boss
//	s.Conference(caller, agent, boss) // everybody hears everybody: barge in, conference
//	s.Bridge(caller, agent)           // boss has left
//
// Only a leg that hears two or more is sent a mix, in which losses are concealed;
// a call that is listened to goes on as before, packet by packet. Changing from one arrangement to another
// breaks nobody's stream. Legs of two calls become one call by [Session.Take].
//
// # What is played
//
// A [Clip] is made once ([NewClip], [ReadClip] of a WAV file, [Join] of several)
// and shared by all who hear it.
//
//	s.Play(caller, media.MusicClip(), true)         // until StopPlay or Bridge
//	id := s.Announce(caller, youAreNumberSeven)     // over the music, which then goes on
//	...                                             // Event{Kind: PlayEnded, Play: id}
//	s.Bridge(caller, agent)                         // ends what is played to both, at once
//
// What is played to a leg covers its bridge or mix; a Bridge asked for while a
// prompt plays is heard with the next packet, so nothing delays an answer.
// [Session.Press] presses a key to a leg.
//
// # Taps
//
// [Session.Tap] hears all legs of a session as they were received, each with its
// [Side]; [Session.TapParty] hears one party's conversation: what it says, and
// whoever it hears at the time. A call recorded through the latter keeps its
// consultations and whispers to itself, and follows the caller from agent to
// agent. A recorder puts Caller on the left and mixes Agent and Other on the
// right, each side being one stream at a time: give the second agent of a
// conference the side Other. Pausing is the tap's own business (a recorder drops
// the frames and keeps their time as silence); a session's tap stays over every
// change of bridge, mix, codec and leg.
//
// The package knows nothing of SIP, queues or policy. Subpackages sdp, g711,
// tone and dtmf hold the formats.
package media
