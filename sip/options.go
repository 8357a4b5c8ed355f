package sip

import "switchroom/sip/wire"

// takeOptions tells what we can (RFC 3261 11.2). It answers without state: the
// question is a keep-alive far more often than a question.
func (ua *UA) takeOptions(in *request) {
	status := 200
	headers := []wire.Header{{Name: "Allow", Value: allow}, {Name: "Accept", Value: sdpType},
		{Name: "Supported", Value: supported}, {Name: "Contact", Value: contactOf("", in.flow)}}
	if wait := ua.refusing(); wait > 0 {
		status = 503
		headers = append(headers, wire.Header{Name: "Retry-After", Value: seconds(wait)})
	}
	in.decline(status, headers...)
}
