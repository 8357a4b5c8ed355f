package locate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// typeNAPTR is one that dnsmessage leaves raw (RFC 3403).
const typeNAPTR dnsmessage.Type = 35

var (
	// ErrNoName: the name does not exist, or has no such record.
	ErrNoName = errors.New("locate: no such name or record")
	// ErrServer: no server gave an answer that can be used.
	ErrServer = errors.New("locate: no answer from dns")
)

// answer is what one question brought: those of its records that were asked
// for, after any aliases.
type answer struct {
	addrs []netip.Addr
	srv   []srv
	naptr []naptr
	ttl   time.Duration // of the shortest-lived record on the way
}

type srv struct {
	target           string
	port             uint16
	priority, weight uint16
}

type naptr struct {
	order, preference uint16
	flags, service    string
	replacement       string
}

const (
	// recordsMax bounds what is taken of one answer.
	recordsMax = 64
	// aliasesMax bounds a chain of CNAMEs.
	aliasesMax = 8
)

// question builds a query.
func question(id uint16, name dnsmessage.Name, t dnsmessage.Type) ([]byte, error) {
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id, RecursionDesired: true})
	b.EnableCompression()
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	if err := b.Question(dnsmessage.Question{Name: name, Type: t, Class: dnsmessage.ClassINET}); err != nil {
		return nil, err
	}
	if err := b.StartAdditionals(); err != nil {
		return nil, err
	}
	var h dnsmessage.ResourceHeader
	if err := h.SetEDNS0(datagramMax, dnsmessage.RCodeSuccess, false); err != nil {
		return nil, err
	}
	if err := b.OPTResource(h, dnsmessage.OPTResource{}); err != nil {
		return nil, err
	}
	return b.Finish()
}

// datagramMax is what our resolvers may send by UDP (RFC 6891).
const datagramMax = 4096

// errTruncated: the rest is to be had by TCP.
var errTruncated = errors.New("locate: truncated")

// errForeign: a message that does not answer our question; the right one may
// still come.
var errForeign = errors.New("locate: not an answer to this question")

// parse reads the answer to a question. ErrNoName is a true answer.
func parse(message []byte, id uint16, name dnsmessage.Name, t dnsmessage.Type) (answer, error) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil || h.ID != id || !h.Response {
		return answer{}, errForeign
	}
	q, err := p.Question()
	if err != nil || q.Type != t || !strings.EqualFold(q.Name.String(), name.String()) {
		return answer{}, errForeign
	}
	switch {
	case h.Truncated:
		return answer{}, errTruncated
	case h.RCode == dnsmessage.RCodeNameError:
		return answer{}, ErrNoName
	case h.RCode != dnsmessage.RCodeSuccess:
		return answer{}, fmt.Errorf("%w: %s", ErrServer, h.RCode)
	}
	if err := p.SkipAllQuestions(); err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrServer, err)
	}
	records, err := records(&p)
	if err != nil {
		return answer{}, err
	}
	return pick(records, name.String(), t)
}

type record struct {
	name string
	ttl  time.Duration
	typ  dnsmessage.Type
	body dnsmessage.ResourceBody
}

func records(p *dnsmessage.Parser) ([]record, error) {
	var list []record
	for len(list) < recordsMax {
		r, err := p.Answer()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrServer, err)
		}
		if r.Header.Class == dnsmessage.ClassINET {
			list = append(list, record{r.Header.Name.String(), time.Duration(r.Header.TTL) * time.Second, r.Header.Type, r.Body})
		}
	}
	return list, nil
}

// pick follows aliases and takes the records of the type asked for.
func pick(list []record, name string, t dnsmessage.Type) (answer, error) {
	a := answer{ttl: time.Hour}
	for range aliasesMax {
		alias := ""
		for _, r := range list {
			if !strings.EqualFold(r.name, name) {
				continue
			}
			if c, ok := r.body.(*dnsmessage.CNAMEResource); ok {
				alias = c.CNAME.String()
				a.ttl = min(a.ttl, r.ttl)
			} else if r.typ == t && a.take(r.body) {
				a.ttl = min(a.ttl, r.ttl)
			}
		}
		if alias == "" || a.found() {
			break
		}
		name = alias
	}
	if !a.found() {
		return answer{}, ErrNoName
	}
	return a, nil
}

func (a *answer) found() bool { return len(a.addrs)+len(a.srv)+len(a.naptr) > 0 }

func (a *answer) take(body dnsmessage.ResourceBody) bool {
	switch b := body.(type) {
	case *dnsmessage.AResource:
		a.addrs = append(a.addrs, netip.AddrFrom4(b.A))
	case *dnsmessage.AAAAResource:
		a.addrs = append(a.addrs, netip.AddrFrom16(b.AAAA).Unmap())
	case *dnsmessage.SRVResource:
		a.srv = append(a.srv, srv{b.Target.String(), b.Port, b.Priority, b.Weight})
	case *dnsmessage.UnknownResource:
		n, ok := parseNAPTR(b.Data)
		if !ok {
			return false
		}
		a.naptr = append(a.naptr, n)
	default:
		return false
	}
	return true
}

// parseNAPTR reads RFC 3403 4.1's record data. The replacement is never
// compressed (RFC 3597 section 4).
func parseNAPTR(b []byte) (n naptr, ok bool) {
	if len(b) < 4 {
		return n, false
	}
	n.order, n.preference = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	b = b[4:]
	var texts [3]string // flags, services, regexp
	for i := range texts {
		if len(b) < 1 || len(b) < 1+int(b[0]) {
			return n, false
		}
		texts[i], b = string(b[1:1+b[0]]), b[1+b[0]:]
	}
	n.flags, n.service = strings.ToLower(texts[0]), strings.ToUpper(texts[1])
	var labels []string
	for len(b) > 0 && b[0] != 0 {
		size := int(b[0])
		if size > 63 || len(b) < 1+size {
			return n, false
		}
		labels, b = append(labels, string(b[1:1+size])), b[1+size:]
	}
	if len(b) != 1 {
		return n, false
	}
	n.replacement = strings.Join(labels, ".") + "."
	return n, true
}
