package txn

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew; commit the difference only if you can explain it")

var origin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// happening is a column of the tables: an event, or a deadline that passes.
type happening struct {
	name string
	ev   Event
	at   time.Duration // after the state was entered
}

func response(status int) Event { return Event{Kind: Response, Status: status} }

func respond(status int) Event {
	return Event{Kind: Respond, Status: status, Message: fmt.Appendf(nil, "%d", status)}
}

var happenings = []happening{
	{name: "start", ev: Event{Kind: Start, Message: []byte("request")}},
	{name: "response 99", ev: response(99)},
	{name: "response 100", ev: response(100)},
	{name: "response 183", ev: response(183)},
	{name: "response 200", ev: response(200)},
	{name: "response 302", ev: response(302)},
	{name: "response 486", ev: response(486)},
	{name: "response 700", ev: response(700)},
	{name: "request again", ev: Event{Kind: Request}},
	{name: "ack", ev: Event{Kind: Ack}},
	{name: "respond 99", ev: respond(99)},
	{name: "respond 100", ev: respond(100)},
	{name: "respond 180", ev: respond(180)},
	{name: "respond 200", ev: respond(200)},
	{name: "respond 408", ev: respond(408)},
	{name: "respond 486", ev: respond(486)},
	{name: "cancelled", ev: Event{Kind: Cancelled}},
	{name: "transport down", ev: Event{Kind: TransportDown}},
	{name: "due too early", ev: Event{Kind: Due}, at: time.Millisecond},
	{name: "due at 200ms", ev: Event{Kind: Due}, at: 200 * time.Millisecond},
	{name: "due at T1", ev: Event{Kind: Due}, at: 500 * time.Millisecond},
	{name: "due at T4", ev: Event{Kind: Due}, at: 5 * time.Second},
	{name: "due at 64*T1", ev: Event{Kind: Due}, at: 32 * time.Second},
}

// path leads a new transaction into a state.
type path struct {
	name   string
	events []Event
}

// expiry is a Due at whatever the deadline is.
var expiry = Event{Kind: Due, Status: -1}

var start = Event{Kind: Start, Message: []byte("request")}

var paths = map[Kind][]path{
	InviteClient: {
		{"idle", nil},
		{"calling", []Event{start}},
		{"proceeding", []Event{start, response(180)}},
		{"proceeding, cancelled", []Event{start, response(180), {Kind: Cancelled}}},
		{"accepted", []Event{start, response(200)}},
		{"completed", []Event{start, response(486)}},
		{"terminated", []Event{start, {Kind: TransportDown}}},
	},
	NonInviteClient: {
		{"idle", nil},
		{"trying", []Event{start}},
		{"proceeding", []Event{start, response(100)}},
		{"completed", []Event{start, response(200)}},
		{"terminated", []Event{start, {Kind: TransportDown}}},
	},
	InviteServer: {
		{"idle", nil},
		{"proceeding, nothing sent", []Event{start}},
		{"proceeding, 180 sent", []Event{start, respond(180)}},
		{"accepted", []Event{start, respond(200)}},
		{"completed", []Event{start, respond(486)}},
		{"confirmed", []Event{start, respond(486), {Kind: Ack}}},
		{"terminated", []Event{start, respond(200), expiry}},
	},
	NonInviteServer: {
		{"idle", nil},
		{"trying", []Event{start}},
		{"proceeding", []Event{start, respond(100)}},
		{"completed", []Event{start, respond(200)}},
		{"terminated", []Event{start, {Kind: TransportDown}}},
	},
}

// TestEveryStateTimesEveryEvent compares each cell with testdata.
func TestEveryStateTimesEveryEvent(t *testing.T) {
	for kind := InviteClient; kind <= NonInviteServer; kind++ {
		for _, reliable := range []bool{false, true} {
			transport := "unreliable"
			if reliable {
				transport = "reliable"
			}
			name := strings.ReplaceAll(kind.String(), " ", "-") + "-" + transport + ".txt"
			t.Run(name, func(t *testing.T) {
				got := table(kind, reliable)
				file := filepath.Join("testdata", name)
				if *rewrite {
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			})
		}
	}
}

func table(kind Kind, reliable bool) string {
	var b strings.Builder
	for _, p := range paths[kind] {
		fmt.Fprintf(&b, "%s (deadline %s)\n", p.name, after(begin(kind, reliable, p)))
		for _, h := range happenings {
			tx := begin(kind, reliable, p)
			b.WriteString("  " + cell(tx, h) + "\n")
		}
	}
	return b.String()
}

func begin(kind Kind, reliable bool, p path) *Transaction {
	tx := New(kind, reliable, Timers{})
	for _, ev := range p.events {
		now := origin
		if ev.Kind == Due && ev.Status == expiry.Status {
			now = tx.Deadline()
		}
		tx.Step(now, ev, nil)
	}
	return tx
}

func after(tx *Transaction) string {
	if tx.Deadline().IsZero() {
		return "none"
	}
	return tx.Deadline().Sub(origin).String()
}

func cell(tx *Transaction, h happening) string {
	unexpected, deadline := tx.Unexpected(), tx.Deadline()
	actions := tx.Step(origin.Add(h.at), h.ev, nil)
	var does []string
	for _, a := range actions {
		s := a.Op.String()
		if a.Op == Send {
			s += " " + string(a.Message)
		}
		does = append(does, s)
	}
	line := fmt.Sprintf("%-15s -> %-10s %s", h.name, tx.State(), strings.Join(does, ", "))
	if !tx.Deadline().Equal(deadline) {
		line += " [deadline " + after(tx) + "]"
	}
	if tx.Unexpected() > unexpected {
		line += " (unexpected)"
	}
	return strings.TrimRight(line, " ")
}
