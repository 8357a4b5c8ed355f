// Package recording keeps calls: a stereo WAV that any player opens at every
// moment, its JSON beside it, and the proof that neither was touched since.
//
//	media loop          Recorder.Frame -> ring          copies, never waits
//	writer, 14 times/s  rings -> timeline -> WAV        data first, then sizes
//	syncer, once/s      one sync for all, JSON replaced
//	sealer              hashes, JSON, signed chain, then Config.Sealed
//	archiver            finished WAVs become FLAC, if so configured
//
// On disk, below Config.Dir:
//
//	YYYY/MM/DD/<id>.wav    caller left, agent right, 8 kHz, G.711 as received
//	YYYY/MM/DD/<id>.flac   in the WAV's place once it is archived (package flac)
//	YYYY/MM/DD/<id>.swr    in its place from the start when encrypted (package vault)
//	YYYY/MM/DD/<id>.json   its [Meta]
//	tail-NNNNNNNN.log      checksums of what was not yet synced (package tail)
//	chain/YYYY-MM-DD.log   what was sealed, chained and signed (package ledger)
//
// An id is the call's UUIDv7, and the directory is the UTC day of the time in
// it, so a recording is found by its id alone; nothing a caller sent becomes
// part of a path, and every name is opened below an os.Root.
//
// The file's format follows the sound: the law both sides send, PCM16 when by
// the first tenth of a second two laws were heard. A codec that comes later is
// transcoded into the format the file has, and counted. A side's first packet
// stands where it arrived, the next ones by their timestamps (package timeline).
//
// Verify checks all of it offline. LegalHold, Expire and Erase keep and delete;
// each leaves its entry, the deletion its certificate, in the ledger; Deliver
// tells of the certificates until somebody has taken them. Recordings age by a
// calendar that only running time moves (package calendar).
//
// With keys configured ([Config.EncryptTo], [Config.EncryptFile]) a recording's
// data key is in memory alone, and gone with the process: recovery, sealing and
// verification work on the ciphertext. Keys that are missing or wrong refuse
// Start and are an alarm; nothing is ever written in the clear instead.
//
// An archived recording keeps the root, size and hash of the WAV it was, which
// Audio still gives, octet for octet; the ledger vouches for the FLAC besides.
// Opus is not offered: what it keeps is not what was said to the octet, so the
// chain over the original could not be proven from it, and of the encoders in
// pure Go none is old enough to be trusted with an archive.
//
// A failing, full or slow disk never reaches the caller of Frame: the ring
// fills, frames are dropped and counted, stretches that could not be written
// become silence marked in the JSON, [Config.Alarm] is told, and writing goes
// on by itself when the disk does.
//
// The package must not know calls' logic, SIP or routing. All methods of Store
// may be called from any goroutine; Frame from the one goroutine that carries
// the call's media; a Recorder's other methods from any. Config.Sealed and
// Config.Alarm are called by the store's goroutines.
package recording
