package sip

import (
	"bytes"
	"time"

	"switchroom/sip/auth"
)

// login is what a trunk proves itself with when it speaks from elsewhere than its
// peers' addresses.
type login struct {
	secret auth.Secret
	trunk  *trunk
}

// authenticates tells whether a trunk may call from any address with its
// credentials. Those of one that we register at are ours there, not its here.
func (t *Trunk) authenticates() bool {
	return t.Username != "" && t.Password != "" && !t.Registration.asked()
}

// introductions are the requests by which a trunk of no known address may begin.
var introductions = [][]byte{[]byte("INVITE "), []byte("OPTIONS "), []byte("ACK ")}

// introduces tells whether a message from a stranger may be that of a trunk that
// is going to authenticate.
func (p *plan) introduces(raw []byte) bool {
	if len(p.logins) == 0 {
		return false
	}
	for _, start := range introductions {
		if bytes.HasPrefix(raw, start) {
			return true
		}
	}
	return false
}

// proven is the trunk whose credentials a request brings; nil when it brings none
// or wrong ones and has been told so, as far as it is told anything. Whether there
// is such a user shows neither in the answer nor in time.
func (ua *UA) proven(now time.Time, in *request) *trunk {
	p := ua.plan.Load()
	if len(p.logins) == 0 {
		ua.snub(in)
		return nil
	}
	j := ua.judge(now, in, "", func(user string) *auth.Secret {
		if l := p.logins[user]; l != nil {
			return &l.secret
		}
		return nil
	})
	switch j.Outcome {
	case auth.Allow:
		return p.logins[j.User].trunk
	case auth.Challenge:
		ua.challenge(in, j)
	case auth.Blocked:
		ua.count(droppedThrottled)
	}
	return nil
}
