package wire

import (
	"bytes"
	"strings"
)

// Frame is what a Splitter found.
type Frame uint8

const (
	More   Frame = iota // nothing whole yet: read on
	Whole               // a message
	Ping                // a double CRLF between messages: answer with CRLF (RFC 5626 3.5.1)
	Broken              // a head whose message's end cannot be known: answer what Parse says, then close
)

// Splitter cuts a stream into messages by Content-Length (18.3). It holds at
// most one message and the bytes of one Write beyond it. The zero value is
// ready. Not safe for concurrent use.
type Splitter struct {
	// Max is the size of the largest message let through; 0: MaxMessage.
	Max int

	buf     []byte
	start   int // of what was not given out
	scanned int // no end of head before this
	need    int // bytes of the message at start, once its head is there; 0: not known
	broken  bool
}

// Write adds bytes read from the stream. Call Next until it says More before
// the next Write. After Broken what is written is dropped.
func (s *Splitter) Write(p []byte) {
	if s.broken {
		return
	}
	if s.start > 0 {
		s.buf = append(s.buf[:0], s.buf[s.start:]...)
		s.start, s.scanned = 0, max(s.scanned-s.start, 0)
	}
	s.buf = append(s.buf, p...)
}

// Pending reports whether part of a message is held. Its owner closes a stream
// on which that lasts: 10 s are more than any peer needs.
func (s *Splitter) Pending() bool {
	return len(bytes.TrimLeft(s.buf[s.start:], "\r\n")) > 0
}

// Next takes out what comes next. The bytes are valid until the next Write.
// After Broken it says More for ever.
func (s *Splitter) Next() (Frame, []byte) {
	if s.broken {
		return More, nil
	}
	if s.need == 0 {
		if frame, done := s.leading(); done {
			return frame, nil
		}
	}
	rest := s.buf[s.start:]
	if s.need == 0 {
		if frame, head, done := s.measure(rest); done {
			return frame, head
		}
	}
	if len(rest) < s.need {
		return More, nil
	}
	message := rest[:s.need]
	s.start += s.need
	s.scanned, s.need = s.start, 0
	return Whole, message
}

// measure finds the end of the head of rest and with it what the message needs.
// It is done when there is nothing whole to come of it now.
func (s *Splitter) measure(rest []byte) (frame Frame, head []byte, done bool) {
	from := max(s.scanned-s.start-3, 0)
	end := bytes.Index(rest[from:], []byte("\r\n\r\n"))
	if end < 0 {
		s.scanned = len(s.buf)
		if len(rest) > s.limit() {
			return s.lose(rest[:s.limit()])
		}
		return More, nil, true
	}
	end += from + 4
	length, ok := contentLength(rest[:end])
	if !ok || length > s.limit()-end {
		return s.lose(rest[:min(end, s.limit())])
	}
	s.need = end + length
	return More, nil, false
}

// leading skips line ends before a start line (7.5). Two together are a ping.
func (s *Splitter) leading() (Frame, bool) {
	rest := s.buf[s.start:]
	switch {
	case len(rest) == 0:
		return More, true
	case bytes.HasPrefix(rest, []byte("\r\n\r\n")):
		s.start += 4
		return Ping, true
	case bytes.HasPrefix([]byte("\r\n\r\n"), rest): // may become a ping
		return More, true
	case bytes.HasPrefix(rest, []byte("\r\n")): // a pong, or sloppy
		s.start += 2
		return s.leading()
	}
	return More, false
}

func (s *Splitter) limit() int {
	if s.Max > 0 {
		return s.Max
	}
	return MaxMessage
}

func (s *Splitter) lose(head []byte) (frame Frame, broken []byte, done bool) {
	s.broken = true
	s.buf, s.start = nil, 0
	return Broken, head, true
}

// contentLength reads the one Content-Length of a head; false when there is
// none, more than one, or one that is no number.
func contentLength(head []byte) (length int, ok bool) {
	rest := string(head)
	found := 0
	for rest != "" {
		n := fieldEnd(rest)
		name, value, _ := strings.Cut(rest[:n], ":")
		if lookup(trimLWS(name)).kind == kindContentLength {
			found++
			v, valid := digits(trimLWS(value), 1<<31-1)
			if !valid {
				return 0, false
			}
			length = int(v)
		}
		rest = rest[n:]
	}
	return length, found == 1
}
