package e2e

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// message is a SIP message as the tests' own peers read and write it. They
// share no code with the switch, so that the two cannot agree on a mistake.
type message struct {
	start   string
	headers [][2]string
	body    string
}

func parseMessage(b []byte) (message, error) {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return message{}, fmt.Errorf("no end of headers in %q", b)
	}
	lines := strings.Split(string(head), "\r\n")
	m := message{start: lines[0], body: string(body)}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return message{}, fmt.Errorf("not a header: %q", line)
		}
		m.headers = append(m.headers, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	if n, err := strconv.Atoi(m.get("Content-Length")); err != nil || n != len(m.body) {
		return message{}, fmt.Errorf("Content-Length %q with a body of %d", m.get("Content-Length"), len(m.body))
	}
	return m, nil
}

func (m message) String() string {
	var b strings.Builder
	b.WriteString(m.start + "\r\n")
	for _, h := range m.headers {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.body), m.body)
	return b.String()
}

// get is the first header of a name, or "".
func (m message) get(name string) string {
	for _, h := range m.headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

// all are the headers of a name.
func (m message) all(name string) []string {
	var out []string
	for _, h := range m.headers {
		if strings.EqualFold(h[0], name) {
			out = append(out, h[1])
		}
	}
	return out
}

// status is a response's, 0 for a request.
func (m message) status() int {
	if !strings.HasPrefix(m.start, "SIP/2.0 ") {
		return 0
	}
	n, _ := strconv.Atoi(m.start[8:11])
	return n
}

// method is a request's, or that of the request a response answers.
func (m message) method() string {
	if m.status() == 0 {
		method, _, _ := strings.Cut(m.start, " ")
		return method
	}
	_, method, _ := strings.Cut(m.get("CSeq"), " ")
	return method
}

func (m message) cseq() int {
	n, _, _ := strings.Cut(m.get("CSeq"), " ")
	v, _ := strconv.Atoi(n)
	return v
}

// what names the message for tests' expectations: "INVITE", "200 INVITE".
func (m message) what() string {
	if s := m.status(); s != 0 {
		return strconv.Itoa(s) + " " + m.method()
	}
	return m.method()
}

// same tells a repetition from something new.
func (m message) same() string { return m.what() + m.get("CSeq") + m.get("Via") + m.get("To") }

// reply begins the response to a request. tag is added to To when it has none.
func (m message) reply(status int, reason, tag string) message {
	r := message{start: fmt.Sprintf("SIP/2.0 %d %s", status, reason)}
	for _, h := range m.headers {
		switch strings.ToLower(h[0]) {
		case "via", "from", "call-id", "cseq", "record-route":
			r.headers = append(r.headers, h)
		case "to":
			if tag != "" && !strings.Contains(h[1], ";tag=") {
				h[1] += ";tag=" + tag
			}
			r.headers = append(r.headers, h)
		}
	}
	return r
}

func (m message) with(name, value string) message {
	m.headers = append(m.headers[:len(m.headers):len(m.headers)], [2]string{name, value})
	return m
}

func (m message) withSDP(body string) message {
	if body == "" {
		return m
	}
	m = m.with("Content-Type", "application/sdp")
	m.body = body
	return m
}

// between is the part of s between two marks, or "".
func between(s, from, to string) string {
	_, s, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	s, _, _ = strings.Cut(s, to)
	return s
}
