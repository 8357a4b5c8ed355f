// Command kills ends the switch with SIGKILL at random moments while calls are
// up, again and again, and holds what the next start makes of it against what
// the carrier and the phones saw:
//
//	go run ./test/kills -n 200
//
// It exits with 1 when an answered call has no record or more than one, when a
// recording is missing, does not verify or lacks more than 200 ms, when the
// switch takes no calls 5 s after its start, or when a side of a call that was
// up is not told of its end within 5 s.
//
// -cdrs N begins with a journal of N finished calls. -dir keeps the data.
package main
