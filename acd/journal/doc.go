// Package journal keeps what happened: one append-only, checksummed log of
// acd.Event that survives a kill, a power cut and a full disk. Call records,
// reports, the event stream and the release of calls that a crash cut off are
// all read from it; nothing else on disk is the truth about the past.
//
// Appending numbers an event and hands it to one writer goroutine; it never
// touches the disk and so never waits for it. The writer collects what came
// in meanwhile, writes it at once and lets one fdatasync serve all of it
// (group commit). Readers see only what is synced, so nobody downstream ever
// knows more than a restart would.
//
// # When the disk is in the way
//
// A slow disk makes events pile up in memory, up to Config.MaxPending. Beyond
// that, and whenever the disk has no room for the segment after this one,
// only essential events (the records of calls and what is needed to bill
// them) are taken; what is turned away is counted, gets no number, and is
// told by one event of kind Gap once there is room again. Essential events
// find room because the segment after the current one is always allocated
// beforehand: a full disk still has a whole segment for them.
//
// # What Open promises
//
// Whatever bytes a crash left, Open succeeds as long as the folder can be
// read: a torn tail is cut, damage in the middle is stepped over, a segment
// that can't be understood is set aside under another name. A number that was
// used is never used again, so there may be holes in the numbering after
// damage, after compaction, and nowhere else.
//
// The bytes are drawn in FORMAT.md. The package must not know what events
// mean, but for which of them are essential.
//
// Append, Commit, Read and Status may be called from any goroutine. A Reader
// belongs to one goroutine at a time.
package journal
