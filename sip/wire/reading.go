package wire

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// field is one line of a canonical head.
type field struct {
	kind  kind
	name  string
	value string
}

// reading is a message while it is read. Its text is canonical; everything in
// the message that comes of it is a part of that text.
type reading struct {
	rules  *Rules
	fields []field
	body   string
	ended  bool // the empty line after the head was there
	count  [kinds]int

	request         bool
	method, target  string
	version, phrase string
	status          int

	via    *sip.ViaHeader // the top one
	from   *sip.FromHeader
	to     *sip.ToHeader
	cseq   *sip.CSeqHeader
	length int // Content-Length; -1: none
	hops   int // Max-Forwards; -1: none
	uri    sip.Uri
	star   int // Contacts that are "*"
}

// scan parts a canonical text into start line, fields and body.
func (r *reading) scan(text string) Fault {
	r.length, r.hops = -1, -1
	start, rest, _ := strings.Cut(text, "\r\n")
	startFault := r.startLine(start)
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\r\n")
		if line == "" {
			r.ended, r.body = true, rest
			break
		}
		if len(r.fields) == maxFields {
			return FaultTooMany
		}
		r.fields = append(r.fields, readField(line))
		r.count[r.fields[len(r.fields)-1].kind]++
	}
	return startFault
}

func readField(line string) field {
	name, value, found := strings.Cut(line, ":")
	if !found {
		return field{}
	}
	return field{kind: lookup(name).kind, name: name, value: strings.TrimPrefix(value, " ")}
}

// startLine tells a request from a response and takes it apart. A line of
// neither sort counts as a request's: someone may be waiting for an answer.
func (r *reading) startLine(line string) Fault {
	first, rest, _ := strings.Cut(line, " ")
	if len(first) > 4 && strings.EqualFold(first[:4], "SIP/") {
		return r.statusLine(first, rest)
	}
	r.request = true
	r.method = first
	last := strings.LastIndexByte(rest, ' ')
	if last < 0 || !all(first, classToken) || len(first) > maxMethod {
		return FaultStartLine
	}
	r.target, r.version = rest[:last], rest[last+1:]
	if !isVersion(r.version) {
		return FaultStartLine
	}
	return NoFault
}

func (r *reading) statusLine(version, rest string) Fault {
	code, phrase, found := strings.Cut(rest, " ")
	status, ok := digits(code, 699)
	if !found || !ok || len(code) != 3 || status < 100 || !isClean(phrase) {
		return FaultStatus
	}
	if !strings.EqualFold(version, "SIP/2.0") {
		return FaultVersion
	}
	r.version, r.status, r.phrase = version, int(status), phrase
	return NoFault
}

// isVersion tells whether s is "SIP/" 1*DIGIT "." 1*DIGIT.
func isVersion(s string) bool {
	if len(s) < 4 || !strings.EqualFold(s[:4], "SIP/") {
		return false
	}
	major, minor, found := strings.Cut(s[4:], ".")
	_, ok1 := digits(major, 1<<32)
	_, ok2 := digits(minor, 1<<32)
	return found && ok1 && ok2
}

// first is the value of the first header of a kind.
func (r *reading) first(k kind) (string, bool) {
	for i := range r.fields {
		if r.fields[i].kind == k {
			return r.fields[i].value, true
		}
	}
	return "", false
}
