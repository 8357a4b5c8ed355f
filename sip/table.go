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
	var hit []*exchange
	for _, x := range ua.clients {
		if x.flow.stream == s {
			hit = append(hit, x)
		}
	}
	for _, x := range ua.servers {
		if x.flow.stream == s && x.moved {
			hit = append(hit, x)
		}
	}
	ua.txMu.Unlock()
	now := time.Now()
	for _, x := range hit {
		ua.guard(func() *Leg { return x.leg }, func() {
			x.enter()
			defer x.leave()
			x.step(now, txn.Event{Kind: txn.TransportDown})
		})
	}
	ua.bindings.streamLost(s)
}
