package sdp

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of what is read. Browsers' offers come to some 10 KB, 200 lines and
// 30 formats a stream; carriers' to a tenth of it.
const (
	bodyBytesMax  = 16 << 10
	lineBytesMax  = 2048
	linesMax      = 512
	streamsMax    = 16
	formatsMax    = 64
	tokenBytesMax = 64
)

// Description is a peer's description as it was read.
type Description struct {
	session string // o=: session id
	version string // o=: session version
	times   [][2]uint64
	cut     bool        // while a last line without an end is read
	conn    *connection // of the session
	dir     Direction   // of the session
	streams []*stream   // in the order of the text
}

// stream is one m= line with what follows it.
type stream struct {
	media   string
	port    uint16
	ports   int // how many, 1 unless the line says otherwise
	proto   string
	formats []string
	conn    *connection
	attrs   []attribute
	audio   *audio // nil unless this is audio over RTP that wasn't refused
}

type attribute struct {
	key, value string
	cut        bool // it may not be whole: what can't be read of it is left out
}

// Parse reads a description. Every error is an ErrSyntax; whether anything in
// it can be used is for [Answer] and [Accept] to say.
//
// It is liberal where nothing depends on strictness: bare LF, blank lines,
// lines of unknown types and a last line cut short by a wrong Content-Length
// are passed over (RFC 5118, section 4.6 as archived).
func Parse(body []byte) (*Description, error) {
	if len(body) > bodyBytesMax {
		return nil, fmt.Errorf("%w: %d octets", ErrSyntax, len(body))
	}
	text := string(body)
	if strings.IndexByte(text, 0) >= 0 {
		return nil, fmt.Errorf("%w: NUL", ErrSyntax)
	}
	lines := strings.Split(text, "\n")
	if len(lines) > linesMax {
		return nil, fmt.Errorf("%w: %d lines", ErrSyntax, len(lines))
	}
	d := &Description{}
	started := false
	for i, line := range lines {
		line = strings.TrimRight(line, "\r \t")
		if line == "" {
			continue
		}
		d.cut = started && i == len(lines)-1
		err := d.line(line, started)
		if err != nil && d.cut {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %s", ErrSyntax, i+1, err)
		}
		started = true
	}
	return d, d.finish()
}

// line takes one line in. The first one has to be the version.
func (d *Description) line(line string, started bool) error {
	if len(line) > lineBytesMax {
		return fmt.Errorf("%d octets long", len(line))
	}
	if len(line) < 2 || line[1] != '=' {
		return fmt.Errorf("no type")
	}
	kind, value := line[0], line[2:]
	if !started {
		if kind != 'v' || value != "0" {
			return fmt.Errorf("version 0 expected")
		}
		return nil
	}
	switch kind {
	case 'v':
		return fmt.Errorf("second version")
	case 'o':
		return d.origin(value)
	case 't':
		return d.time(value)
	case 'c':
		return d.connection(value)
	case 'm':
		return d.stream(value)
	case 'a':
		d.attribute(value)
	}
	return nil
}

// origin keeps the ids as text: they are numbers of any length (RFC 8866, 9).
func (d *Description) origin(value string) error {
	fields := strings.Fields(value)
	if len(fields) < 3 || d.session != "" {
		return fmt.Errorf("origin")
	}
	d.session, d.version = fields[1], fields[2]
	return nil
}

func (d *Description) time(value string) error {
	fields := strings.Fields(value)
	if len(fields) != 2 {
		return fmt.Errorf("time")
	}
	start, err1 := strconv.ParseUint(fields[0], 10, 64)
	stop, err2 := strconv.ParseUint(fields[1], 10, 64)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("time")
	}
	d.times = append(d.times, [2]uint64{start, stop})
	return nil
}

// connection gives the line to what it stands under. A stream may have more
// than one (layered groups); the first one counts.
func (d *Description) connection(value string) error {
	c, ok := parseConnection(value)
	if !ok {
		return fmt.Errorf("connection")
	}
	at := &d.conn
	if len(d.streams) > 0 {
		at = &d.streams[len(d.streams)-1].conn
	}
	if *at == nil {
		*at = &c
	}
	return nil
}

// stream reads "audio 49170[/2] RTP/AVP 0 8 101".
func (d *Description) stream(value string) error {
	fields := strings.Fields(value)
	if len(fields) < 4 || len(fields) > 3+formatsMax {
		return fmt.Errorf("media: %d fields", len(fields))
	}
	if len(d.streams) == streamsMax {
		return fmt.Errorf("more than %d streams", streamsMax)
	}
	for _, f := range fields {
		if !token(f) {
			return fmt.Errorf("media: %q", f)
		}
	}
	first, number, many := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return fmt.Errorf("port %q", first)
	}
	s := &stream{media: fields[0], port: uint16(port), ports: 1, proto: fields[2], formats: fields[3:]}
	if many {
		if s.ports, err = strconv.Atoi(number); err != nil || s.ports < 1 || s.ports > 0xFFFF {
			return fmt.Errorf("number of ports %q", number)
		}
	}
	d.streams = append(d.streams, s)
	return nil
}

func (d *Description) attribute(value string) {
	key, value, _ := strings.Cut(value, ":")
	if len(d.streams) > 0 {
		s := d.streams[len(d.streams)-1]
		s.attrs = append(s.attrs, attribute{key, value, d.cut})
		return
	}
	if dir, ok := parseDirection(key); ok {
		d.dir = dir
	}
}

// finish checks what can only be seen at the end, and reads the audio streams.
func (d *Description) finish() error {
	if d.session == "" {
		return fmt.Errorf("%w: no origin", ErrSyntax)
	}
	for _, s := range d.streams {
		if s.conn == nil {
			s.conn = d.conn
		}
		if s.media != "audio" || s.port == 0 || !s.plainRTP() && !s.secured() {
			continue
		}
		if s.conn == nil {
			return fmt.Errorf("%w: audio without an address", ErrSyntax)
		}
		a, err := readAudio(s, d.dir)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrSyntax, err)
		}
		s.audio = a
	}
	return nil
}

// token is whether s may be repeated in our text: visible ASCII, and short.
func token(s string) bool {
	if s == "" || len(s) > tokenBytesMax {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}
