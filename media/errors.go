package media

import "errors"

var (
	// ErrNoPorts means that no port pair is free or that none could be bound.
	ErrNoPorts = errors.New("media: no free port pair")
	// ErrClosed means that the session or the engine was closed.
	ErrClosed = errors.New("media: closed")
	// ErrRemote means that nothing may be sent to an address.
	ErrRemote = errors.New("media: address refused")
)
