package configs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Outbound says whom the switch may call through its trunks. Without routes
// that is nobody.
type Outbound struct {
	Limit   time.Duration // until a call out must be answered, all trunks together
	Dialled []Rewrite     // how what is dialled here becomes a whole number
	Routes  []OutRoute

	// Agents' own calls.
	RingTimeout time.Duration // of a phone that a call is made for
	WrapUp      time.Duration // after-call work; 0: none
	Record      string        // one of OutboundRecords
	Forbidden   []string      // beginnings of numbers that no agent may call, whatever its rights

	PerAgent  Caps // of one agent, unless it has its own; also what it has handed callers on to
	PerClient Caps // of one client, likewise
	Lock      Lock
}

// OutRoute is the trunks for the numbers that begin with Prefix. Of those that
// fit a number a client's own goes before a common one, and then the longest
// prefix.
type OutRoute struct {
	Prefix string   // of the whole number; "": every number
	Client string   // or "": every client
	Trunks []string // in the order in which they are tried; none: the number is barred
	Caller string   // shown in the client's stead, or ""
	Hours  string   // a calendar: out of it the number is barred; "": at any time
}

// Rewrite gives a number another beginning. Of those that fit the one with the
// longest prefix counts, and a number that none fits stays as it is.
type Rewrite struct {
	Prefix string // what goes
	Digits int    // length of the whole number that it is for; 0: any
	To     string // what comes instead
}

// TrunkOut is how calls go out through a trunk.
type TrunkOut struct {
	Channels int           // of the trunk's, how many at most; 0: all
	Failover []int         // final responses after which the next trunk is tried
	Patience time.Duration // for any response, if there is another trunk
	Progress time.Duration // for one beyond 100 Trying, likewise
	Rewrite  []Rewrite     // of called numbers
	Callers  []Rewrite     // of calling numbers
}

// defaultTrunkOut is that of a trunk that says nothing of it.
func defaultTrunkOut() TrunkOut {
	return TrunkOut{Failover: []int{408, 500, 502, 503, 504}, Patience: 4 * time.Second, Progress: 15 * time.Second}
}

func (d *decoder) outbound(m *mapping, o *Outbound) {
	if m == nil {
		return
	}
	defer m.done()
	m.duration("limit", &o.Limit, 5*time.Second, 10*time.Minute)
	d.ownCalls(m, o)
	o.Dialled = d.rewrites(m, "dialled")
	seen := map[[2]string]place{}
	o.Routes = each(m, "routes", "route", func(m *mapping) OutRoute { return d.outRoute(m, seen) })
}

func (d *decoder) outRoute(m *mapping, seen map[[2]string]place) (r OutRoute) {
	read(m, "prefix", &r.Prefix, optional(numberStart))
	m.refer("client", aClient, &r.Client)
	if !m.has("trunks") {
		d.fault(m.at, "route without trunks: name them in the order in which they are tried, or write trunks: [] for a number that is barred")
	}
	r.Trunks = m.referAll("trunks", aTrunk)
	read(m, "caller", &r.Caller, optional(dialled))
	m.refer("hours", aCalendar, &r.Hours)
	if len(r.Trunks) > trunksMax {
		d.fault(m.place("trunks"), "%d trunks: a call is tried on %d at most", len(r.Trunks), trunksMax)
	}
	key := [2]string{r.Client, r.Prefix}
	if first, twice := seen[key]; twice {
		d.fault(m.at, "a route for the same prefix and client stands already in line %d", first.line)
	}
	seen[key] = m.at
	for i, n := range m.listed("trunks") {
		if i >= len(r.Trunks) {
			break
		}
		at, id := position(n), r.Trunks[i]
		d.later(func(c *Config) {
			if t := slices.IndexFunc(c.Trunks, func(t Trunk) bool { return t.ID == id }); t >= 0 && !c.Trunks[t].calledAt() {
				d.fault(at, "trunk %s has neither an address nor a registrar: no call can go out through it", quote(id))
			}
		})
	}
	return r
}

// trunksMax is how many trunks one call is tried on.
const trunksMax = 16

// trunkOut reads how calls go out through a trunk.
func (d *decoder) trunkOut(m *mapping, o *TrunkOut, channels int) {
	if m == nil {
		return
	}
	defer m.done()
	m.integer("channels", &o.Channels, 0, 100_000)
	if o.Channels > channels {
		d.fault(m.place("channels"), "out has %d channels, the trunk %d: it is a part of them", o.Channels, channels)
	}
	if m.has("failover") {
		o.Failover = nil
	}
	for _, n := range m.items("failover") {
		status := 0
		m.d.integer(n, "failover", &status, 400, 699)
		if status > 0 && !slices.Contains(o.Failover, status) {
			o.Failover = append(o.Failover, status)
		}
	}
	m.duration("patience", &o.Patience, 500*time.Millisecond, 32*time.Second)
	m.duration("progress", &o.Progress, time.Second, 3*time.Minute)
	if o.Progress < o.Patience {
		d.fault(m.place("progress"), "progress is %s and patience %s: the first response of all comes first", short(o.Progress), short(o.Patience))
	}
	o.Rewrite = d.rewrites(m, "rewrite")
	o.Callers = d.rewrites(m, "callers")
}

func (d *decoder) rewrites(m *mapping, key string) []Rewrite {
	seen := map[string]place{}
	return each(m, key, "rewrite", func(m *mapping) (r Rewrite) {
		read(m, "prefix", &r.Prefix, optional(numberStart))
		m.integer("digits", &r.Digits, 0, 32)
		read(m, "to", &r.To, optional(numberStart))
		if !m.has("to") {
			d.fault(m.at, "rewrite without to: it is what takes the prefix's place, %s for nothing", quote(""))
		}
		id := fmt.Sprint(r.Prefix, "/", r.Digits)
		if first, twice := seen[id]; twice {
			d.fault(m.at, "the same prefix is rewritten already in line %d", first.line)
		}
		seen[id] = m.at
		return r
	})
}

var numberStartPattern = regexp.MustCompile(`^\+?[0-9*#]{0,32}$`)

func numberStart(s string) (string, error) {
	if !numberStartPattern.MatchString(s) {
		return "", errors.New("the beginning of a number is wanted: digits, * and #, optionally after a +")
	}
	return s, nil
}

// listed gives the elements of the list under key without taking it.
func (m *mapping) listed(key string) []ast.Node {
	if list, ok := m.value(key).(*ast.SequenceNode); ok {
		return list.Values
	}
	return nil
}
