package journal

import "errors"

var (
	// ErrClosed says that the journal was closed before the event was safe.
	ErrClosed = errors.New("journal: closed")

	// ErrRefused says that the event got no number: memory or disk are short
	// and it was not essential, or it is too large.
	ErrRefused = errors.New("journal: event refused")

	// ErrUnknown says that no event has that number yet.
	ErrUnknown = errors.New("journal: no such event")

	// ErrLocked says that another process has the journal open.
	ErrLocked = errors.New("journal: in use by another process")

	errDamaged = errors.New("journal: damaged segment")
)
