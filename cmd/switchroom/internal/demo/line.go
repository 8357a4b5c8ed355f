package demo

import (
	"sync"

	"go.uber.org/zap"

	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"
)

// line is one call as a telephone sees it: what SIP says of it goes into the
// party's media, and into channels for whoever runs the call.
type line struct {
	party *party
	log   *zap.Logger
	up    chan struct{} // closed once both sides can talk
	over  chan struct{} // closed once the call has ended

	mu     sync.Mutex
	local  sdp.Local
	isUp   bool
	ended  bool
	status int // of a final failure
}

var _ sip.Sink = (*line)(nil)

func newLine(p *party, codecs []media.Codec, log *zap.Logger) *line {
	local := p.leg.Local()
	return &line{
		party: p, log: log, up: make(chan struct{}), over: make(chan struct{}),
		local: sdp.Local{
			Addr: local.Addr(), Port: local.Port(), SessionID: uint64(local.Port()), Version: 1,
			Codecs: codecs, DTMF: 101,
		},
	}
}

// offer is our session description for a call of ours.
func (l *line) offer() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sdp.Offer(l.local)
}

// answer is our description for a call to us. An INVITE without one is
// answered with an offer.
func (l *line) answer(offered []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if offered == nil {
		return sdp.Offer(l.local), nil
	}
	description, err := sdp.Parse(offered)
	if err != nil {
		return nil, err
	}
	body, params, err := sdp.Answer(description, l.local)
	if err == nil {
		l.party.leg.Connect(params)
	}
	return body, err
}

// LegEvent follows the call. It is called on SIP's goroutines.
func (l *line) LegEvent(e sip.Event) {
	switch e.Kind {
	case sip.Progress:
		l.accept(e.SDP)
	case sip.Answered, sip.Confirmed:
		l.accept(e.SDP)
		l.answered()
	case sip.Reanswered:
		l.accept(e.SDP)
	case sip.Offered:
		l.reoffered(e)
	case sip.Failed, sip.Ended:
		l.end(e.Status)
	}
}

// accept takes the peer's answer in, if there is one.
func (l *line) accept(body []byte) {
	if body == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	description, err := sdp.Parse(body)
	if err != nil {
		l.log.Warn("answer not understood", zap.Error(err))
		return
	}
	params, err := sdp.Accept(l.local, description)
	if err != nil {
		l.log.Warn("answer not accepted", zap.Error(err))
		return
	}
	l.party.leg.Connect(params)
}

// reoffered answers a change that the switch makes, such as a hold.
func (l *line) reoffered(e sip.Event) {
	l.mu.Lock()
	l.local.Version++
	l.mu.Unlock()
	body, err := l.answer(e.SDP)
	if err == nil {
		err = e.Leg.AcceptOffer(body)
	} else {
		err = e.Leg.RefuseOffer(488)
	}
	if err != nil {
		l.log.Warn("offer not answered", zap.Error(err))
	}
}

func (l *line) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isUp {
		l.isUp = true
		close(l.up)
	}
}

func (l *line) end(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended, l.status = true, status
		close(l.over)
	}
}

// failure is the status that ended the call before it was answered; 0: none.
func (l *line) failure() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}
