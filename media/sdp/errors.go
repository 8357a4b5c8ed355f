package sdp

import (
	"errors"
	"fmt"
)

// What can be wrong with a description. ErrSyntax is owed a 400, the others a
// 488 with the warning that [Warning] gives.
var (
	// ErrSyntax: the text is no description, or one beyond our limits.
	ErrSyntax = errors.New("sdp: malformed description")
	// ErrNoAudio: no stream in it is one that could be our audio.
	ErrNoAudio = errors.New("sdp: no usable audio stream")
	// ErrTransport is the ErrNoAudio of a peer whose audio exists, but runs
	// over a transport that is not ours.
	ErrTransport = fmt.Errorf("%w: transport", ErrNoAudio)
	// ErrSecurity is an ErrTransport: the peer wants its packets protected and we
	// don't, or the other way round, or the keys are none that can be used.
	ErrSecurity = fmt.Errorf("%w: no agreement on SRTP", ErrTransport)
	// ErrNoCodec: there is audio, but in no codec of ours.
	ErrNoCodec = errors.New("sdp: no common codec")
	// ErrAddress: media would have to go where we don't send it: a group, a
	// broadcast, a host name, a system port, the other IP version.
	ErrAddress = errors.New("sdp: unusable media address")
)

// Warning returns the warn-code and text (RFC 3261, section 20.43) that belong
// into the Warning header of a 488 for err; 399 when there is no closer one.
func Warning(err error) (code int, text string) {
	switch {
	case errors.Is(err, ErrTransport):
		return 302, "Incompatible transport protocol"
	case errors.Is(err, ErrNoAudio):
		return 304, "Media type not available"
	case errors.Is(err, ErrNoCodec):
		return 305, "Incompatible media format"
	case errors.Is(err, ErrAddress):
		return 301, "Incompatible network address formats"
	}
	return 399, "Unacceptable session description"
}
