package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/api"
)

// serve answers on a loopback port; stop ends it and waits.
func (w *world) serve() (url string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.server.Serve(ctx, l) }()
	stop = func() {
		cancel()
		require.NoError(w.t, <-done)
	}
	return "http://" + l.Addr().String(), stop
}

// listener is one reader of the stream.
type listener struct {
	t    testing.TB
	resp *http.Response
	scan *bufio.Scanner
}

func listen(t testing.TB, url, token, query, last string) *listener {
	r, err := http.NewRequest("GET", url+"/api/v1/events"+query, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	l := &listener{t, resp, bufio.NewScanner(resp.Body)}
	require.True(t, l.scan.Scan())
	require.Equal(t, "retry: 2000", l.scan.Text())
	return l
}

// next reads one event.
func (l *listener) next() (id, name string, ev api.Event) {
	l.t.Helper()
	for l.scan.Scan() {
		key, value, _ := strings.Cut(l.scan.Text(), ": ")
		switch key {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			require.NoError(l.t, json.Unmarshal([]byte(value), &ev))
			return id, name, ev
		}
	}
	require.NoError(l.t, l.scan.Err())
	l.t.Fatal("the stream has ended")
	return
}

func (l *listener) close() { l.resp.Body.Close() }

func TestEventsArriveAndResumeWhereTheyStopped(t *testing.T) {
	w := newWorld(t)
	url, stop := w.serve()
	defer stop()
	w.journal.Append(acd.Event{Kind: acd.CallArrived, Call: "before"})
	require.NoError(t, w.journal.Commit(t.Context(), 1))
	l := listen(t, url, "t-qa", "", "")
	for i := range 5 {
		w.journal.Append(acd.Event{Time: began, Kind: acd.CallArrived, Call: fmt.Sprint("c", i), From: "a\nb", Dialog: "secret"})
	}
	id, name, ev := l.next()
	require.Equal(t, "2", id)
	require.Equal(t, "call.arrived", name)
	require.Equal(t, "c0", ev.Call)
	require.Equal(t, "a\nb", ev.From)
	id, _, _ = l.next()
	l.close()

	w.journal.Append(acd.Event{Kind: acd.CallEnded, Call: "last"})
	l = listen(t, url, "t-qa", "", id)
	defer l.close()
	var calls []string
	for range 4 {
		_, _, ev := l.next()
		calls = append(calls, ev.Call)
	}
	require.Equal(t, []string{"c2", "c3", "c4", "last"}, calls)

	all := listen(t, url, "t-qa", "?last_event_id=0", "")
	defer all.close()
	_, _, ev = all.next()
	require.Equal(t, "before", ev.Call)

	future := listen(t, url, "t-qa", "", "999999")
	defer future.close()
	w.journal.Append(acd.Event{Kind: acd.CallEnded, Call: "new"})
	_, _, ev = future.next()
	require.Equal(t, "new", ev.Call)
}

func TestEachListenerHearsWhatIsItsOwn(t *testing.T) {
	w := newWorld(t)
	url, stop := w.serve()
	defer stop()
	for _, ev := range []acd.Event{
		{Kind: acd.CallArrived, Call: "1", Client: "bank"},
		{Kind: acd.CallArrived, Call: "2", Client: "courier", Queue: "parcels"},
		{Kind: acd.AgentChanged, Call: "3", Client: "courier", Agent: "8001"},
		{Kind: acd.SwitchStarted, Call: "4"},
		{Kind: "audit.read", Call: "5", Client: "courier"},
		{Kind: acd.RecordingSealed, Call: "6", Client: "courier", Detail: json.RawMessage(`{"id":"6","length":2,"chunks":"AAAA"}`)},
		{Kind: "of.the.future", Call: "7", Client: "courier"},
		{Kind: acd.CallRecord, Call: "8", Client: "courier", CDR: &acd.CDR{ID: "8", Started: began}},
	} {
		w.journal.Append(ev)
	}
	require.NoError(t, w.journal.Commit(t.Context(), 8))
	for _, c := range []struct {
		token, query string
		want         string
	}{
		{"t-client", "", "2 6 8"},
		{"t-qa", "", "1 2 3 6 8"},
		{"t-supervisor", "", "1 2 3 6 8"},
		{"t-admin", "", "1 2 3 4 5 6 8"},
		{"t-qa", "&kinds=agent,recording.sealed", "3 6"},
		{"t-qa", "&client=bank", "1"},
		{"t-qa", "&queue=parcels", "2"},
		{"t-client", "&client=bank", ""},
	} {
		l := listen(t, url, c.token, "?last_event_id=0"+c.query, "")
		var got []string
		for range strings.Fields(c.want) {
			_, _, ev := l.next()
			got = append(got, ev.Call)
			if ev.Call == "6" {
				require.NotContains(t, string(ev.Detail), "chunks")
			}
		}
		l.close()
		require.Equal(t, c.want, strings.Join(got, " "), "%s%s", c.token, c.query)
	}
}

func TestTheHeadOfTheStreamHasAnEnd(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("t-qa", "HEAD", "/api/v1/events", "")
	require.Equal(t, 200, rec.Code)
	require.Equal(t, "text/event-stream", rec.Header().Get("Content-Type"))
}

func TestServingEndsWithItsStreams(t *testing.T) {
	w := newWorld(t)
	url, stop := w.serve()
	l := listen(t, url, "t-qa", "", "")
	defer l.close()
	stop()
	for l.scan.Scan() {
		require.Empty(t, l.scan.Text())
	}
}
