package auth

import "errors"

var (
	// ErrConfig: the server's configuration has no realm, one that cannot be
	// quoted, or no key.
	ErrConfig = errors.New("auth: unusable configuration")
	// ErrNoChallenge: none of the challenges can be answered.
	ErrNoChallenge = errors.New("auth: no challenge that can be answered")
	// ErrRealm: the challenges are for another realm than ours at that peer.
	ErrRealm = errors.New("auth: challenge for another realm")
	// ErrRefused: the peer did not accept our credentials.
	ErrRefused = errors.New("auth: credentials refused")

	errMalformed = errors.New("auth: malformed")
)
