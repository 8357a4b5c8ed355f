package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"switchroom/acd/webhook"

	"github.com/stretchr/testify/require"
)

const hookSecret = "whsec_b25seSB0aGUgcmVjZWl2ZXIgb2YgdGhpcyB0ZXN0Pw=="

// receiver is a program that is told what happens. It can be down.
type receiver struct {
	t    *testing.T
	addr string

	mu     sync.Mutex
	server *http.Server
	seqs   map[string][]uint64 // by call
	kinds  map[string]int
	ids    map[string]int
}

func newHookReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, seqs: map[string][]uint64{}, kinds: map[string]int{}, ids: map[string]int{}}
	t.Cleanup(r.down)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = webhook.Verify(hookSecret, req.Header, body, time.Now(), time.Minute)
	}
	var ev struct {
		Seq    uint64
		Kind   string
		Call   string
		Client string
	}
	if err != nil || json.Unmarshal(body, &ev) != nil || ev.Client != "courier" {
		r.t.Errorf("%v: %s", err, body)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[req.Header.Get("webhook-id")]++; r.ids[req.Header.Get("webhook-id")] == 1 {
		r.seqs[ev.Call] = append(r.seqs[ev.Call], ev.Seq)
		r.kinds[ev.Kind]++
	}
}

// up listens, at the same address every time.
func (r *receiver) up() string {
	l, err := net.Listen("tcp", or(r.addr, "127.0.0.1:0"))
	require.NoError(r.t, err)
	r.addr = l.Addr().String()
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Second}
	go func(s *http.Server) { _ = s.Serve(l) }(r.server)
	return r.addr
}

func (r *receiver) down() {
	if r.server != nil {
		_ = r.server.Close()
		r.server = nil
	}
}

func (r *receiver) count(kind string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kinds[kind]
}

func TestAWebhookLosesNothingWhoeverIsDown(t *testing.T) {
	r := newHookReceiver(t)
	addr := r.up()
	w := NewWorld(t, Options{Queues: oneSite, Extra: fmt.Sprintf(`
webhooks:
  - {id: crm, url: "http://%s/hook", secret: "%s", client: courier, events: [call.], timeout: 2s}`, addr, hookSecret)})
	w.NobodyReady()
	g := w.Gateway()
	call := func(n int) {
		k := g.Call(fmt.Sprintf("1380000%04d", n), "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		k.Hangup()
	}
	call(1)
	w.Eventually(10*time.Second, "the receiver has the first record", func() bool { return r.count("call.record") == 1 })

	r.down()
	call(2)
	call(3)
	w.Eventually(10*time.Second, "the webhook is seen to be behind", func() bool {
		var list struct {
			Items []struct {
				State string
				Lag   int
			}
		}
		w.Get("/api/v1/webhooks", &list)
		return list.Items[0].State == "retrying" && list.Items[0].Lag > 0
	})
	w.CDRs(3)
	time.Sleep(100 * time.Millisecond)
	w.Kill() // and so is the switch
	w.Start()
	call(4)
	r.up()
	w.Eventually(40*time.Second, "the receiver has all records", func() bool { return r.count("call.record") == 4 })
	r.down() // its connections are none of a call's
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.seqs, 4)
	for call, seqs := range r.seqs {
		require.IsIncreasing(t, seqs, "events of call %s", call)
	}
	require.Equal(t, 4, r.kinds["call.arrived"])
}
