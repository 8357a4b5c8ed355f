package sip

import (
	"iter"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
)

// request is one that came in, as it is handled.
type request struct {
	*sipgo.Request
	ua   *UA
	flow flow // where it came from
	back flow // where its responses go
	key  txn.Key
	from standing // what its source may do
}

func (in *request) toTag() string {
	tag, _ := in.To().Params.Get("tag")
	return tag
}

func (in *request) fromTag() string {
	tag, _ := in.From().Params.Get("tag")
	return tag
}

// uri is the Request-URI as written.
func (in *request) uri() string { return in.Recipient.String() }

// header is the value of the first header of a name, in lower case.
func (in *request) header(name string) string { return headerOf(in.Request, name) }

type headered interface{ Headers() []sipgo.Header }

// named are a message's headers of a name. sipgo's own look makes a lower case
// copy of every name it passes.
func named(m headered, name string) iter.Seq[sipgo.Header] {
	return func(yield func(sipgo.Header) bool) {
		for _, h := range m.Headers() {
			if strings.EqualFold(h.Name(), name) && !yield(h) {
				return
			}
		}
	}
}

func headerOf(m headered, name string) string {
	for h := range named(m, name) {
		return h.Value()
	}
	return ""
}

func headersOf(m headered, name string) []string {
	var values []string
	for h := range named(m, name) {
		values = append(values, h.Value())
	}
	return values
}

// lists tells whether a header that is a list of tokens holds one.
func lists(m headered, name, token string) bool {
	for h := range named(m, name) {
		for item := range strings.SplitSeq(h.Value(), ",") {
			item, _, _ = strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}
