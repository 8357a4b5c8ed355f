package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Talk is one call as a station sees it. Its methods send one message, or wait
// for one; what order they come in is the test's business.
type Talk struct {
	s      *Station
	id     string
	tag    string // ours
	local  string // From or To value of ours
	remote string // and of the other side
	target string // where requests go
	in     chan message
	invite message // the one that began it, from either side
	final  message // the 200 that we got
	seq    int
	seen   map[string]bool
	sound  *Sound
}

// Call sends an INVITE for number from a caller. body may be empty: then the
// switch has to offer.
func (s *Station) Call(caller, number, body string) *Talk {
	s.t.Helper()
	talk := s.Prepare(caller, fmt.Sprintf("sip:%s@127.0.0.1:%d", number, s.w.SIP), body)
	s.send(talk.invite)
	return talk
}

// Prepare makes a call whose INVITE is not sent yet.
func (s *Station) Prepare(caller, uri, body string) *Talk {
	talk := &Talk{s: s, id: fmt.Sprintf("%016x@e2e", rand.Uint64()), tag: newTag(), target: uri, seq: 1,
		in: make(chan message, 200), seen: map[string]bool{}}
	talk.local = fmt.Sprintf("\"Caller\" <sip:%s@%s>;tag=%s", caller, s.addr(), talk.tag)
	talk.remote = "<" + uri + ">"
	if strings.HasPrefix(uri, "tel:") {
		talk.target = uri
	}
	talk.invite = talk.request("INVITE", 1).withSDP(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.talks[talk.id] = talk
	return talk
}

// request makes a request of this talk with a transaction of its own.
func (k *Talk) request(method string, seq int) message {
	m := message{start: fmt.Sprintf("%s %s SIP/2.0", method, k.target)}
	return m.with("Via", "SIP/2.0/"+k.s.transport()+" "+k.s.addr()+";branch="+newBranch()+";rport").
		with("From", k.local).with("To", k.remote).with("Call-ID", k.id).
		with("CSeq", fmt.Sprintf("%d %s", seq, method)).with("Contact", k.s.contact()).
		with("Max-Forwards", "70").with("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS")
}

// Expect waits for a message by its name ("BYE", "200 INVITE") and skips, on
// its way, provisional responses and repetitions. Anything else is a failure.
func (k *Talk) Expect(what string) message {
	k.s.t.Helper()
	return k.ExpectOneOf(what)
}

// ExpectOneOf is Expect when several are right.
func (k *Talk) ExpectOneOf(what ...string) message {
	k.s.t.Helper()
	return k.expectWithin(10*time.Second, what...)
}

func (k *Talk) expectWithin(patience time.Duration, what ...string) message {
	k.s.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case m := <-k.in:
			if k.seen[m.same()] {
				continue
			}
			k.seen[m.same()] = true
			for _, w := range what {
				if m.what() == w {
					k.learn(m)
					return m
				}
			}
			if s := m.status(); s >= 100 && s < 200 {
				continue
			}
			k.s.t.Fatalf("%s: wanted %v, got %s", k.s.user, what, m.what())
		case <-deadline:
			k.s.t.Fatalf("%s: waited in vain for %v", k.s.user, what)
			return message{}
		}
	}
}

// learn keeps what a response says of the dialog.
func (k *Talk) learn(m message) {
	if m.what() == "200 INVITE" {
		k.final = m
		if c := contactOf(m); c != "" {
			k.target = c
		}
	}
	if m.status() >= 180 && m.method() == "INVITE" {
		k.remote = m.get("To")
	}
	if m.method() == "INVITE" && m.status() == 0 {
		k.invite = m
	}
	if k.sound != nil && m.body != "" && (m.status() == 200 || m.status() == 183 || m.status() == 0) {
		k.sound.towards(m.body)
	}
}

// Repeats counts how often a message came in the time given.
func (k *Talk) Repeats(what string, within time.Duration) int {
	n, deadline := 0, time.After(within)
	for {
		select {
		case m := <-k.in:
			if m.what() == what {
				n++
			}
		case <-deadline:
			return n
		}
	}
}

// Quiet demands that nothing new comes for a while.
func (k *Talk) Quiet(d time.Duration) {
	k.s.t.Helper()
	deadline := time.After(d)
	for {
		select {
		case m := <-k.in:
			if !k.seen[m.same()] {
				k.s.t.Fatalf("%s: wanted silence, got %s", k.s.user, m.what())
			}
		case <-deadline:
			return
		}
	}
}

// Ack acknowledges the answer that Expect("200 INVITE") got, with an answer to
// the switch's offer if the INVITE had none.
func (k *Talk) Ack(body string) {
	seq := k.final.cseq()
	k.s.send(k.request("ACK", seq).withSDP(body))
}

// Nack acknowledges a refusal, within the INVITE's transaction.
func (k *Talk) Nack(refusal message) {
	m := message{start: strings.Replace(k.invite.start, "INVITE", "ACK", 1)}
	m = m.with("Via", k.invite.get("Via")).with("From", k.invite.get("From")).with("To", refusal.get("To")).
		with("Call-ID", k.id).with("CSeq", fmt.Sprintf("%d ACK", k.invite.cseq())).with("Max-Forwards", "70")
	k.s.send(m)
}

// nackIn acknowledges the refusal of a re-INVITE.
func (k *Talk) nackIn(refusal message) {
	m := message{start: "ACK " + k.target + " SIP/2.0"}
	k.s.send(m.with("Via", refusal.get("Via")).with("From", k.local).with("To", refusal.get("To")).with("Call-ID", k.id).
		with("CSeq", fmt.Sprintf("%d ACK", refusal.cseq())).with("Max-Forwards", "70"))
}

// Cancel takes the INVITE back.
func (k *Talk) Cancel() { k.s.send(k.cancel()) }

func (k *Talk) cancel() message {
	m := message{start: strings.Replace(k.invite.start, "INVITE", "CANCEL", 1)}
	return m.with("Via", k.invite.get("Via")).with("From", k.invite.get("From")).with("To", k.invite.get("To")).
		with("Call-ID", k.id).with("CSeq", fmt.Sprintf("%d CANCEL", k.invite.cseq())).with("Max-Forwards", "70")
}

// Send sends a request in the dialog and returns it.
func (k *Talk) Send(method, body string) message {
	k.seq++
	m := k.request(method, k.seq).withSDP(body)
	k.s.send(m)
	return m
}

// Reinvite offers anew in the dialog; an empty body asks the switch to offer.
// It returns the answer, acknowledged unless it carries an offer.
func (k *Talk) Reinvite(body string) message {
	k.s.t.Helper()
	k.Send("INVITE", body)
	answer := k.Expect("200 INVITE")
	if body != "" {
		k.Ack("")
	}
	return answer
}

// reply answers the request that began the talk.
func (k *Talk) reply(status int, reason, body string) {
	k.respond(k.invite, status, reason, body)
}

func (k *Talk) respond(to message, status int, reason, body string) {
	k.local = to.get("To")
	r := to.reply(status, reason, k.tag)
	if to.method() != "CANCEL" && !strings.Contains(k.local, ";tag=") {
		k.local += ";tag=" + k.tag
	}
	if status < 300 {
		r = r.with("Contact", k.s.contact())
	}
	k.s.send(r.withSDP(body))
}

// Answer picks up and waits for the ACK.
func (k *Talk) Answer(body string) {
	k.s.t.Helper()
	k.reply(200, "OK", body)
	ack := k.Expect("ACK")
	if ack.body != "" && k.sound != nil {
		k.sound.towards(ack.body)
	}
}

// Hangup says BYE and waits for the answer.
func (k *Talk) Hangup() {
	k.s.t.Helper()
	k.Send("BYE", "")
	k.Expect("200 BYE")
}

// HungUp waits for BYE and answers it.
func (k *Talk) HungUp() message {
	k.s.t.Helper()
	bye := k.Expect("BYE")
	k.respond(bye, 200, "OK", "")
	return bye
}

// Cancelled waits for CANCEL and ends the INVITE as one should.
func (k *Talk) Cancelled() {
	k.s.t.Helper()
	cancel := k.Expect("CANCEL")
	k.s.send(cancel.reply(200, "OK", k.tag))
	k.reply(487, "Request Terminated", "")
	k.Expect("ACK")
}

// Refuse declines the INVITE and waits for the ACK.
func (k *Talk) Refuse(status int) {
	k.s.t.Helper()
	k.reply(status, "No", "")
	k.Expect("ACK")
}

// Refused waits for a refusal and acknowledges it.
func (k *Talk) Refused(status int) message {
	k.s.t.Helper()
	m := k.Expect(fmt.Sprintf("%d INVITE", status))
	k.Nack(m)
	return m
}

// Answered waits for the answer and acknowledges it.
func (k *Talk) Answered() message {
	k.s.t.Helper()
	m := k.Expect("200 INVITE")
	require.NotEmpty(k.s.t, m.body)
	k.Ack("")
	return m
}
