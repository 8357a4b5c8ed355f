package wire

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
)

// readVia reads one value of Via in canonical form (RFC 3261 20.42).
func readVia(s string) (*sip.ViaHeader, Fault) {
	protocol, s, ok1 := strings.Cut(s, "/")
	version, s, ok2 := strings.Cut(s, "/")
	transport, s, ok3 := strings.Cut(s, " ")
	if !ok1 || !ok2 || !ok3 || !all(protocol, classToken) || !all(version, classToken) || !all(transport, classToken) {
		return nil, FaultVia
	}
	hostport, params := s, ""
	if end := strings.IndexByte(s, ';'); end >= 0 {
		hostport, params = s[:end], s[end:]
	}
	host, port, ok := readHostPort(hostport)
	if !ok {
		return nil, FaultVia
	}
	via := &sip.ViaHeader{
		ProtocolName: protocol, ProtocolVersion: version, Transport: transport, Host: host, Port: port,
	}
	if f := readParams(params, FaultVia, &via.Params); f != NoFault {
		return nil, f
	}
	for i, p := range via.Params {
		switch p.K {
		case "received": // RFC 5118 4.5: both forms are read, the one without brackets is written
			via.Params[i].V = strings.TrimSuffix(strings.TrimPrefix(p.V, "["), "]")
		case "rport":
			if _, ok := digits(p.V, 65535); !ok && p.V != "" {
				return nil, FaultVia
			}
		}
	}
	return via, NoFault
}

// branchFault judges the branch of the top Via. None, or one without the magic
// cookie, is an RFC 2543 element's and is matched by other fields; the cookie
// alone names nothing.
func branchFault(via *sip.ViaHeader) Fault {
	branch := via.Params.GetOr("branch", "")
	switch {
	case len(branch) > maxTag || branch != "" && !all(branch, classToken):
		return FaultVia
	case strings.EqualFold(branch, txn.Cookie):
		return FaultBranch
	}
	return NoFault
}
