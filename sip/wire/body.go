package wire

import (
	"bytes"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// SDP is the session description in a message's body, taken out of a multipart
// body where need be (RFC 5621); nil when there is none. Parts beyond the first
// that is one, and parts within parts, are not looked at.
func SDP(msg sip.Message) []byte {
	body := msg.Body()
	if len(body) == 0 {
		return nil
	}
	var contentType string
	for _, h := range msg.GetHeaders("Content-Type") {
		contentType = h.Value()
	}
	media := mediaType(contentType)
	if strings.EqualFold(media, sdpType) {
		return body
	}
	if !isMultipart(media) {
		return nil
	}
	boundary := boundaryOf(contentType)
	if boundary == "" {
		return nil
	}
	return sdpPart(body, []byte("--"+boundary))
}

// boundaryOf is the parameter boundary of a multipart type (RFC 2046 5.1.1).
func boundaryOf(contentType string) string {
	_, params, _ := strings.Cut(contentType, ";")
	for params != "" {
		param := params
		if end := indexOutsideQuotes(params, ';'); end >= 0 {
			param, params = params[:end], params[end+1:]
		} else {
			params = ""
		}
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(trim(name), "boundary") {
			continue
		}
		value = trim(value)
		if isQuoted(value) {
			value = value[1 : len(value)-1]
		}
		if len(value) > 70 || !isClean(value) {
			return ""
		}
		return value
	}
	return ""
}

func sdpPart(body, delimiter []byte) []byte {
	rest, ok := afterDelimiter(body, delimiter, true)
	for part := 0; ok && part < maxParts; part++ {
		var next []byte
		end := bytes.Index(rest, append([]byte("\r\n"), delimiter...))
		if end < 0 {
			return nil // the last part must be closed
		}
		next, ok = afterDelimiter(rest[end+2:], delimiter, false)
		head, content, found := bytes.Cut(rest[:end], []byte("\r\n\r\n"))
		if found && isSDPHead(string(head)) {
			return content
		}
		rest = next
	}
	return nil
}

// afterDelimiter is what follows a delimiter line; false after the last one.
func afterDelimiter(body, delimiter []byte, search bool) ([]byte, bool) {
	if search { // a preamble may stand before the first
		if !bytes.HasPrefix(body, delimiter) {
			i := bytes.Index(body, append([]byte("\r\n"), delimiter...))
			if i < 0 {
				return nil, false
			}
			body = body[i+2:]
		}
	}
	body = body[len(delimiter):]
	if bytes.HasPrefix(body, []byte("--")) {
		return nil, false
	}
	_, body, found := bytes.Cut(body, []byte("\n"))
	return body, found
}

func isSDPHead(head string) bool {
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(trim(name), "Content-Type") || strings.EqualFold(trim(name), "c") {
			return strings.EqualFold(mediaType(value), sdpType)
		}
	}
	return false
}
