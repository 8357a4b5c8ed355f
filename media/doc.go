// Package media moves packets: it owns the RTP and RTCP sockets of every call,
// relays between the legs of a call, plays music and prompts, reports digits
// and quality, and hands what it hears to a tap.
//
// An [Engine] has a few event loops, each one goroutine on its own thread. A
// [Session] is one call; all its [Leg]s live on one loop, so a packet meets no
// lock, no atomic operation, no allocation, no log line and no file. Loops
// start at one; more are started when the running ones are full.
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
// What a leg sends: one SSRC for life, with sequence numbers and timestamps
// that stay continuous whatever the source is (RFC 3550, section 5.1).
//
// Who hears whom is a bridge of two legs, whose packets are passed on as they
// are, or a mix of more ([Session.Mix]), which decodes and delays and costs
// nothing to calls that have none.
//
// The package knows nothing of SIP, queues or policy. Subpackages sdp, g711,
// tone and dtmf hold the formats.
package media
