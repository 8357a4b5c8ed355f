package sip

import (
	"time"

	"switchroom/sip/txn"
)

// clientKey finds one of our requests: the branch is ours and random.
type clientKey struct{ branch, method string }

// remember puts a transaction where messages find it.
func (ua *UA) remember(x *exchange) {
	ua.txMu.Lock()
	defer ua.txMu.Unlock()
	if x.out != nil {
		ua.clients[clientKey{x.key.Branch, x.key.Method}] = x
	} else {
		ua.servers[x.key] = x
	}
}

// forget takes it out again.
func (ua *UA) forget(x *exchange) {
	ua.txMu.Lock()
	defer ua.txMu.Unlock()
	if x.out != nil {
		if k := (clientKey{x.key.Branch, x.key.Method}); ua.clients[k] == x {
			delete(ua.clients, k)
		}
	} else if ua.servers[x.key] == x {
		delete(ua.servers, x.key)
	}
}

func (ua *UA) server(k txn.Key) *exchange {
	ua.txMu.Lock()
	defer ua.txMu.Unlock()
	return ua.servers[k]
}

func (ua *UA) client(k txn.Key) *exchange {
	ua.txMu.Lock()
	defer ua.txMu.Unlock()
	return ua.clients[clientKey{k.Branch, k.Method}]
}

// streamLost tells the transactions and bindings that used a connection.
func (ua *UA) streamLost(s *stream) {
	ua.txMu.Lock()
	var some []*exchange
	for _, x := range ua.clients {
		if x.streamed {
			some = append(some, x)
		}
	}
	for _, x := range ua.servers {
		if x.streamed {
			some = append(some, x)
		}
	}
	ua.txMu.Unlock()
	now := time.Now()
	for _, x := range some {
		ua.guard(func() *Leg { return x.leg }, func() { x.streamLost(now, s) })
	}
	ua.bindings.streamLost(s)
	ua.wakeRegistrants(s)
}

// streamLost: a client transaction is lost with its connection. A server's
// response may yet go out on one of our own, unless that is what was lost.
func (x *exchange) streamLost(now time.Time, s *stream) {
	x.enter()
	defer x.leave()
	if x.flow.stream == s && (x.out != nil || x.moved) && !x.reconnect() {
		x.step(now, txn.Event{Kind: txn.TransportDown})
	}
}

// reconnect: an INVITE that has been heard waits on, as its response comes by
// another connection where this one is gone (RFC 3261 18.2.2). Of the connections
// that we open that is only so while the peer is there: it is opened anew, and
// where that fails there is nothing to wait for.
func (x *exchange) reconnect() bool {
	if x.out == nil || x.tx.Kind() != txn.InviteClient || x.tx.State() != txn.Proceeding {
		return false
	}
	s := x.flow.stream
	if !s.ours {
		return true
	}
	if x.moved {
		return false
	}
	f, err := x.ua.flowTo(x.flow.transport(), x.flow.remote, s.name, nil)
	if err != nil {
		return false
	}
	x.flow, x.moved = f, true
	return true
}
