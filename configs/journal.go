package configs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Journal is how long the journal keeps what.
type Journal struct {
	Retention time.Duration // of every entry
	Records   time.Duration // of call records, of the recordings' fate, of who looked at what, of configurations
	Patience  time.Duration // how much longer an entry waits for a reader that has not had it
}

func defaultJournal() Journal {
	return Journal{Retention: 90 * day, Records: Forever, Patience: 7 * day}
}

// Webhook is a program of a client's that is told what happens.
type Webhook struct {
	ID        string
	URL       string        // https, or http to this machine
	Secret    string        // secret: "whsec_" and 24 to 64 bytes in Base64
	OldSecret string        // secret: a second signature while the receiver changes over; "": none
	Client    string        // whose events, or "": everybody's
	Events    []string      // kinds, or their beginnings up to a dot
	Parallel  int           // requests at a time
	Timeout   time.Duration // of one request
	GiveUp    time.Duration // an event not taken for so long is passed over, with an alarm
	CA        string        // PEM file of who may vouch for the receiver; "": the system's authorities
}

func (d *decoder) journal(m *mapping, j *Journal) {
	if m == nil {
		return
	}
	defer m.done()
	read(m, "retention", &j.Retention, kept)
	read(m, "records", &j.Records, kept)
	m.duration("patience", &j.Patience, time.Hour, 90*day)
	at := m.place("records")
	d.later(func(c *Config) {
		if j := c.Journal; j.Records < j.Retention { // Forever is the largest
			d.fault(at, "records is %s: they are kept at least as long as everything else, which is %s", short(j.Records), short(j.Retention))
		}
	})
}

func (d *decoder) webhook(m *mapping) (w Webhook) {
	m.define(aWebhook, &w.ID)
	m.need("url", "it is where events are sent")
	m.need("secret", "it is what signs them")
	read(m, "url", &w.URL, webhookURL)
	m.signingSecret("secret", &w.Secret)
	m.signingSecret("old_secret", &w.OldSecret)
	m.refer("client", aClient, &w.Client)
	w.Events, w.Parallel, w.Timeout, w.GiveUp = []string{"call."}, 4, 10*time.Second, 3*day
	w.Events = m.kinds("events", w.Events, w.Client != "")
	m.integer("parallel", &w.Parallel, 1, 64)
	m.duration("timeout", &w.Timeout, time.Second, time.Minute)
	m.duration("give_up", &w.GiveUp, time.Minute, 30*day)
	read(m, "ca", &w.CA, optional(printable))
	return w
}

// webhookURL reads where events are sent: by TLS, but to this machine, and with
// nothing in it that a log must not show.
func webhookURL(s string) (string, error) {
	if _, err := printable(s); err != nil {
		return "", err
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || !isHost(bracket(u.Hostname())):
		return "", errors.New("a URL is wanted, such as https://crm.example.com/switchroom")
	case u.User != nil:
		return "", errors.New("a name and password have no place in it: the secret signs every request")
	case u.Fragment != "":
		return "", errors.New("what stands behind # is never sent: leave it out")
	case u.Scheme == "https":
		return s, nil
	case u.Scheme != "http":
		return "", errors.New("https is wanted")
	}
	if a, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && a.IsLoopback() {
		return s, nil
	}
	return "", errors.New("https is wanted: without TLS events are sent to this machine alone")
}

func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// signingSecret reads a secret as standardwebhooks.com writes it.
func (m *mapping) signingSecret(key string, dst *string) {
	m.secret(key, dst)
	if *dst == "" {
		return
	}
	text, ok := strings.CutPrefix(*dst, "whsec_")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) < 24 || len(raw) > 64 {
		m.d.fault(m.place(key), "%s: whsec_ and 24 to 64 random bytes in Base64 are wanted, such as the output of: echo whsec_$(head -c 32 /dev/urandom | base64)", key)
	}
}

// EventKinds are the beginnings of what a webhook may ask for, and of what one
// of a client may.
var (
	EventKinds       = []string{"call.", "agent.", "queue.", "recording.", "trunk."}
	ClientEventKinds = []string{"call.", "queue.", "recording."}
)

var kindPattern = regexp.MustCompile(`^[a-z]+\.[a-z-]*$`)

// kinds reads a list of kinds of events, or of their beginnings up to the dot.
func (m *mapping) kinds(key string, def []string, client bool) []string {
	if !m.has(key) {
		m.items(key)
		return def
	}
	allowed := EventKinds
	if client {
		allowed = ClientEventKinds
	}
	var all []string
	nodes := m.items(key)
	if _, list := m.value(key).(*ast.SequenceNode); list && len(nodes) == 0 {
		m.d.fault(m.place(key), "%s is empty: a webhook is told something", key)
	}
	for _, n := range nodes {
		text, ok := m.d.text(n, key)
		if !ok {
			continue
		}
		known := slices.ContainsFunc(allowed, func(begin string) bool { return strings.HasPrefix(text, begin) })
		switch {
		case !kindPattern.MatchString(text) || !known:
			m.d.fault(position(n), "%s is %s: a kind of event is wanted, such as call.record, or a beginning, one of %s", key, quote(text), strings.Join(allowed, ", "))
		case slices.Contains(all, text):
			m.d.fault(position(n), "%s names %s twice: once is enough", key, quote(text))
		default:
			all = append(all, text)
		}
	}
	return all
}

// String hides the secrets, whoever prints one.
func (w Webhook) String() string { return fmt.Sprintf("webhook %s to %s", w.ID, w.URL) }
