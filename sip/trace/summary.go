package trace

import "strings"

// Summary is what a message is, in a few words: "INVITE, SDP", "200 OK to
// INVITE".
func (m *Message) Summary() string {
	start, rest, _ := strings.Cut(m.Text, "\n")
	start = strings.TrimSpace(start)
	head, body, _ := strings.Cut(rest, "\r\n\r\n")
	what, _, _ := strings.Cut(start, " ")
	if strings.HasPrefix(strings.ToUpper(start), "SIP/") {
		_, what, _ = strings.Cut(start, " ")
		if method := cseqMethod(head); method != "" {
			what += " to " + method
		}
	}
	if strings.HasPrefix(body, "v=0") {
		what += ", SDP"
	}
	return what
}

func cseqMethod(head string) string {
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "CSeq") {
			_, method, _ := strings.Cut(strings.TrimSpace(value), " ")
			return strings.TrimSpace(method)
		}
	}
	return ""
}
