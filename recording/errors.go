package recording

import "errors"

var (
	// ErrDiskFull says that the free space is below the watermark.
	ErrDiskFull = errors.New("recording: disk full")
	// ErrNotFound says that there is no such recording; what is no UUID of a
	// call is not found either.
	ErrNotFound = errors.New("recording: not found")
	// ErrID says that a recording's id is not a UUIDv7.
	ErrID = errors.New("recording: id is not a version 7 UUID")
	// ErrExists says that the id is being recorded or was.
	ErrExists = errors.New("recording: id already recorded")
	// ErrHeld says that a legal hold keeps the recording from being deleted.
	ErrHeld = errors.New("recording: under legal hold")
	// ErrOpen says that the recording is still running.
	ErrOpen = errors.New("recording: not sealed yet")
	// ErrNoKey says that there is no key to encrypt for.
	ErrNoKey = errors.New("recording: no key to encrypt for")
	// ErrEncrypted says that only the owner of a private key can hear it.
	ErrEncrypted = errors.New("recording: encrypted")
	// ErrClosed says that the store is shutting down.
	ErrClosed = errors.New("recording: store closed")
)
