package sip

import (
	"crypto/rand"
	"sync"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/auth"
)

// credentials are ours at one peer, shared by all requests to it.
type credentials struct {
	mu     sync.Mutex
	client *auth.Client
}

type attempt = auth.Attempt

func newCredentials(c auth.Credentials) *credentials {
	return &credentials{client: auth.NewClient(c, rand.Text)}
}

// authorize answers a challenge by sending the request anew with CSeq raised
// (RFC 3261 22.2). It is false when nobody here can or may: then the challenge
// is a failure as any other. x.mu is held.
func (x *exchange) authorize(now time.Time, res *sipgo.Response) bool {
	if x.creds == nil || x.out.method == "CANCEL" {
		return false
	}
	name, header := "www-authenticate", "Authorization"
	if res.StatusCode == 407 {
		name, header = "proxy-authenticate", "Proxy-Authorization"
	}
	x.creds.mu.Lock()
	value, err := x.creds.client.Answer(&x.tried, auth.Outgoing{Method: x.out.method, URI: x.out.uri,
		Body: x.out.body}, headersOf(res, name))
	x.creds.mu.Unlock()
	if err != nil {
		return false
	}
	again := *x.out
	again.seq = again.nextSeq()
	var t text
	t.line(header, value)
	again.auth = t
	next := &exchange{ua: x.ua, mu: x.mu, leg: x.leg, flow: x.flow, out: &again,
		then: x.then, creds: x.creds, tried: x.tried}
	if x.leg == nil {
		next.mu = &next.own
		next.enter()
		defer next.leave()
	} else {
		x.leg.renewed(x, next)
	}
	next.launch(now, newBranch())
	return true
}
