package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
	"switchroom/configs"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	aSecret  = "whsec_bmV2ZXIgc2hvd24gdG8gYW55Ym9keSBhdCBhbGw="
	anotherS = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIHNhbWUga2luZA=="
)

// receiver is the other side: it says yes or no and keeps what it took.
type receiver struct {
	t      *testing.T
	secret string

	mu    sync.Mutex
	says  func(seq uint64, tries int) (int, error)
	tries map[uint64]int
	got   []acd.Event
	most  int // requests at a time
	now   int
}

func newReceiver(t *testing.T) *receiver {
	return &receiver{t: t, secret: aSecret, tries: map[uint64]int{}, says: func(uint64, int) (int, error) { return 204, nil }}
}

// RoundTrip implements http.RoundTripper.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	require.NoError(r.t, err)
	require.NoError(r.t, Verify(r.secret, req.Header, body, time.Now(), time.Minute))
	var ev acd.Event
	require.NoError(r.t, json.Unmarshal(body, &ev))
	r.mu.Lock()
	r.now++
	r.most = max(r.most, r.now)
	r.tries[ev.Seq]++
	says, tries := r.says, r.tries[ev.Seq]
	r.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	status, err := says(ev.Seq, tries)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
	if err != nil {
		return nil, err
	}
	if status < 300 {
		r.got = append(r.got, ev)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

func (r *receiver) say(f func(seq uint64, tries int) (int, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.says = f
}

func (r *receiver) taken() []acd.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]acd.Event(nil), r.got...)
}

// scene is a journal with a set of webhooks in a bubble.
type scene struct {
	*Set
	t      *testing.T
	j      *journal.Journal
	hooks  []configs.Webhook
	mu     sync.Mutex
	passed []uint64
	logs   *observer.ObservedLogs
	stop   func()
}

// configured, configure, pass and over share hooks and passed with the set's
// goroutines.
func (s *scene) configured() []configs.Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks
}

func (s *scene) configure(hooks ...configs.Webhook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = hooks
}

func (s *scene) pass(_, _ string, seq uint64, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed = append(s.passed, seq)
}

func (s *scene) over() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.passed)
}

func (r *receiver) triesOf(seq uint64) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries[seq]
}

func hookOf(id string) configs.Webhook {
	return configs.Webhook{ID: id, URL: "http://127.0.0.1:1/hidden?key=1", Secret: aSecret, Events: []string{"call."}, Parallel: 4,
		Timeout: 10 * time.Second, GiveUp: time.Hour}
}

func openJournal(t *testing.T) *journal.Journal {
	j, err := journal.Open(journal.Config{FS: simdisk.New(), SegmentBytes: 1 << 20})
	require.NoError(t, err)
	return j
}

func begin(t *testing.T, j *journal.Journal, dir string, to http.RoundTripper, hooks ...configs.Webhook) *scene {
	core, logs := observer.New(zapcore.DebugLevel)
	s := &scene{t: t, j: j, hooks: hooks, logs: logs}
	var err error
	s.Set, err = New(Config{Dir: dir, Journal: j, Hooks: s.configured, Log: zap.New(core),
		Shape: func(ev *acd.Event, _ string) ([]byte, bool) {
			body, err := json.Marshal(ev)
			require.NoError(t, err)
			return body, ev.Kind != "call.secret"
		},
		Passed: s.pass})
	require.NoError(t, err)
	s.transport = to
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	synctest.Wait()
	return s
}

// tell appends events of calls in turn, and waits until they are safe.
func (s *scene) tell(n, calls int) {
	last := uint64(0)
	for i := range n {
		last = s.j.Append(acd.Event{Kind: acd.CallHeld, Time: time.Now(), Call: fmt.Sprint("c", i%calls), Client: "courier", Reason: fmt.Sprint(i)})
	}
	require.NoError(s.t, s.j.Commit(context.Background(), last))
}

// ordered demands that the events of each call came in their order, each once
// or, if again is set, more often in a row with others of its call.
func ordered(t *testing.T, got []acd.Event) {
	last := map[string]uint64{}
	for _, ev := range got {
		require.Greater(t, ev.Seq, last[ev.Call], "of call %s", ev.Call)
		last[ev.Call] = ev.Seq
	}
}

func TestEveryEventArrivesOnceAndInItsCallsOrderWhateverTheReceiverDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := newReceiver(t), openJournal(t)
		rng := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		r.say(func(uint64, int) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			switch rng.IntN(4) {
			case 0:
				return 503, nil
			case 1:
				return 0, errors.New("connection reset")
			}
			return 200, nil
		})
		s := begin(t, j, t.TempDir(), r, hookOf("crm"))
		s.tell(300, 20)
		time.Sleep(30 * time.Minute)
		got := r.taken()
		require.Len(t, got, 300)
		ordered(t, got)
		require.LessOrEqual(t, r.most, 4)
		require.Greater(t, r.most, 1)
		st := s.Status()[0]
		require.Zero(t, st.Lag)
		require.Equal(t, "waiting", st.State)
		require.EqualValues(t, 300, st.Delivered)
		require.Greater(t, st.Failed, uint64(50))
		s.stop()
		require.NoError(t, j.Close())
	})
}

func TestAReceiverDownForTenMinutesLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := newReceiver(t), openJournal(t)
		up := time.Now().Add(10 * time.Minute)
		var tries atomic.Int32
		r.say(func(uint64, int) (int, error) {
			if time.Now().Before(up) {
				tries.Add(1)
				return 0, errors.New("connection refused")
			}
			return 200, nil
		})
		s := begin(t, j, t.TempDir(), r, hookOf("crm"))
		for range 100 {
			s.tell(50, 10) // nobody waits for the receiver
			time.Sleep(5 * time.Second)
		}
		st := s.Status()[0]
		require.Equal(t, "retrying", st.State)
		require.Equal(t, "connection refused", st.Fault)
		require.Greater(t, st.Lag, uint64(4000))
		require.Equal(t, s.Needed(), st.Next)
		time.Sleep(10 * time.Minute)
		got := r.taken()
		require.Len(t, got, 5000)
		ordered(t, got)
		require.Less(t, tries.Load(), int32(4*60), "four at a time, each less and less often")
		require.Equal(t, 1, s.logs.FilterMessage("webhook's receiver does not take events").Len())
		require.Equal(t, 1, s.logs.FilterMessage("webhook's receiver takes events again").Len())
		s.stop()
		require.NoError(t, j.Close())
	})
}

func TestARestartGoesOnWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j, dir := newReceiver(t), openJournal(t), t.TempDir()
		s := begin(t, j, dir, r, hookOf("crm"))
		s.tell(40, 5)
		time.Sleep(5 * time.Second)
		require.Len(t, r.taken(), 40)
		r.say(func(uint64, int) (int, error) { return 500, nil })
		s.tell(40, 5)
		time.Sleep(5 * time.Second)
		s.stop()

		r.say(func(uint64, int) (int, error) { return 200, nil })
		s = begin(t, j, dir, r, hookOf("crm"))
		time.Sleep(5 * time.Second)
		got := r.taken()
		require.Len(t, got, 80, "none lost, and after an orderly end none twice")
		ordered(t, got)

		// Another journal's place means nothing.
		s.stop()
		other := openJournal(t)
		require.NoError(t, j.Close())
		s = begin(t, other, dir, r, hookOf("crm"))
		s.tell(1, 1)
		time.Sleep(5 * time.Second)
		require.Len(t, r.taken(), 81)
		s.stop()
		require.NoError(t, other.Close())
	})
}

func TestAnEventThatIsRefusedAsSuchIsPassedOverAndToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := newReceiver(t), openJournal(t)
		r.say(func(seq uint64, _ int) (int, error) {
			switch seq {
			case 3:
				return 422, nil
			case 5:
				return 401, nil // no fault of the event's
			}
			return 200, nil
		})
		s := begin(t, j, t.TempDir(), r, hookOf("crm"))
		s.tell(10, 1)
		time.Sleep(20 * time.Minute)
		require.Equal(t, []uint64{3}, s.over())
		require.Equal(t, finalTries, r.triesOf(3))
		require.Len(t, r.taken(), 3, "what comes behind 5 waits for it")
		require.EqualValues(t, 5, s.Needed())
		time.Sleep(time.Hour)
		require.Equal(t, []uint64{3, 5}, s.over(), "given up in its time")
		require.Len(t, r.taken(), 8)
		require.EqualValues(t, 2, s.Status()[0].Passed)
		s.stop()
		require.NoError(t, j.Close())
	})
}

func TestOnlyWhatIsAskedForIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := newReceiver(t), openJournal(t)
		h := hookOf("crm")
		h.Client, h.Events = "courier", []string{"call.record", "recording."}
		j.Append(acd.Event{Kind: acd.CallRecord, Client: "courier", Call: "before"})
		require.NoError(t, j.Commit(context.Background(), 1))
		s := begin(t, j, t.TempDir(), r, h)
		for _, ev := range []acd.Event{
			{Kind: acd.CallRecord, Client: "courier", Call: "a"}, {Kind: acd.CallRecord, Client: "airline", Call: "b"},
			{Kind: acd.CallHeld, Client: "courier", Call: "c"}, {Kind: acd.RecordingSealed, Client: "courier", Call: "d"},
			{Kind: "call.recorded", Client: "courier", Call: "e"}, {Kind: "call.secret", Client: "courier"},
		} {
			j.Append(ev)
		}
		time.Sleep(10 * time.Second)
		got := r.taken()
		require.Len(t, got, 2, "a new webhook begins with what happens from now on")
		require.ElementsMatch(t, []string{"a", "d"}, []string{got[0].Call, got[1].Call})
		require.Zero(t, s.Status()[0].Lag)
		s.stop()
		require.NoError(t, j.Close())
	})
}

func TestAReloadChangesAddsAndForgetsWebhooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j, dir := newReceiver(t), openJournal(t), t.TempDir()
		s := begin(t, j, dir, r, hookOf("a"), hookOf("b"))
		r.say(func(uint64, int) (int, error) { return 500, nil })
		s.tell(4, 2)
		time.Sleep(5 * time.Second)
		b := s.at["b"]
		changed := hookOf("a")
		changed.Secret, changed.OldSecret = anotherS, aSecret // the receiver still checks by the old one
		bad := hookOf("c")
		bad.CA = "/nowhere/ca.pem"
		s.configure(changed, hookOf("b"), bad)
		s.Reload()
		time.Sleep(time.Second) // a try that is under way is let end
		synctest.Wait()
		require.Same(t, b, s.at["b"], "what was not edited goes on as it is")
		st := s.Status()
		require.Equal(t, "stopped", st[2].State)
		require.Contains(t, st[2].Fault, "ca.pem")
		r.say(func(uint64, int) (int, error) { return 200, nil })
		time.Sleep(time.Minute)
		require.Len(t, r.taken(), 8, "the changed one went on from its place")

		s.configure(hookOf("b"))
		s.Reload()
		time.Sleep(time.Second) // a try that is under way is let end
		synctest.Wait()
		require.Len(t, s.Status(), 1)
		require.NoFileExists(t, filepath.Join(dir, "a.json"))
		require.FileExists(t, filepath.Join(dir, "b.json"))
		s.stop()
		require.NoError(t, j.Close())
	})
}

func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j, dir := newReceiver(t), openJournal(t), t.TempDir()
		r.say(func(uint64, int) (int, error) { return 0, errors.New("no route") })
		h := hookOf("crm")
		h.GiveUp = time.Minute
		s := begin(t, j, dir, r, h)
		s.tell(3, 1)
		time.Sleep(10 * time.Minute)
		require.NotEmpty(t, s.over())
		var all strings.Builder
		for _, e := range s.logs.All() {
			fmt.Fprintln(&all, e.Message, e.ContextMap())
		}
		fmt.Fprintf(&all, "%+v %v", s.Status(), s.at["crm"].sender.secrets)
		text, err := os.ReadFile(filepath.Join(dir, "crm.json"))
		require.NoError(t, err)
		all.Write(text)
		raw, err := parseSecret(aSecret)
		require.NoError(t, err)
		for _, hidden := range []string{aSecret, strings.TrimPrefix(aSecret, "whsec_"), string(raw.key), "key=1"} {
			require.NotContains(t, all.String(), hidden)
		}
		s.stop()
		require.NoError(t, j.Close())
	})
}
