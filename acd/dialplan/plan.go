package dialplan

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"switchroom/configs"
)

var (
	// ErrNumber: what was dialled is no number.
	ErrNumber = errors.New("dialplan: not a number")
	// ErrNoRoute: no route leads to the number; without routes none does.
	ErrNoRoute = errors.New("dialplan: no route")
	// ErrBarred: a route says that the number is not to be called.
	ErrBarred = errors.New("dialplan: number barred")
)

// Call is a call out as it is to be made.
type Call struct {
	Number string // whole, as it goes into records: "+8613812345678"
	Caller string // the number shown, before a trunk's own form; "" for none
	Ways   []Way  // in the order in which they are tried; at least one
	Limit  time.Duration
	Hours  string // the calendar out of whose hours it may not be called; "": none
}

// Way is one trunk of a call.
type Way struct {
	Trunk  string
	Number string // as the trunk wants it
	Caller string // as the trunk wants it; "" for none
}

// Plan is the outbound part of one configuration.
type Plan struct {
	limit   time.Duration
	dialled []configs.Rewrite
	routes  []configs.OutRoute
	trunks  map[string]configs.TrunkOut
	callers map[string]string // by client
}

// New makes the plan of a configuration.
func New(c *configs.Config) *Plan {
	p := &Plan{limit: c.Outbound.Limit, dialled: c.Outbound.Dialled, routes: c.Outbound.Routes,
		trunks: map[string]configs.TrunkOut{}, callers: map[string]string{}}
	for _, t := range c.Trunks {
		p.trunks[t.ID] = t.Out
	}
	for _, n := range c.Numbers {
		if p.callers[n.Client] == "" {
			p.callers[n.Client] = n.Number
		}
	}
	for _, client := range c.Clients {
		if client.Caller != "" {
			p.callers[client.ID] = client.Caller
		}
	}
	return p
}

// Whole makes what was dialled a whole number: separators go, and what the
// configuration says of its beginning is done.
func (p *Plan) Whole(dialled string) (string, error) {
	bare := separators.Replace(dialled)
	if !isNumber(bare) {
		return "", fmt.Errorf("%w: %q", ErrNumber, dialled)
	}
	return rewrite(p.dialled, bare), nil
}

// separators are for people (RFC 3966 section 3).
var separators = strings.NewReplacer("-", "", ".", "", "(", "", ")", "", " ", "", "/", "")

// numberMax is the longest number that is dialled.
const numberMax = 32

func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "+")
	return digits != "" && len(s) <= numberMax && strings.Trim(digits, "0123456789*#") == ""
}

// Caller is the number that a client's calls out show unless a route says
// otherwise; "" when it has none.
func (p *Plan) Caller(client string) string { return p.callers[client] }

// Call says how dialled is called for a client. caller is shown in place of the
// client's own number where it is not "": a call that is passed on may keep its
// caller.
func (p *Plan) Call(client, dialled, caller string) (Call, error) {
	number, err := p.Whole(dialled)
	if err != nil {
		return Call{}, err
	}
	r := p.route(client, number)
	switch {
	case r == nil:
		return Call{}, fmt.Errorf("%w to %s", ErrNoRoute, number)
	case len(r.Trunks) == 0:
		return Call{}, fmt.Errorf("%w: %s", ErrBarred, number)
	}
	call := Call{Number: number, Caller: p.callers[client], Limit: p.limit, Hours: r.Hours}
	if r.Caller != "" {
		call.Caller = r.Caller
	}
	if caller != "" {
		call.Caller = caller
	}
	for _, id := range r.Trunks {
		t := p.trunks[id]
		call.Ways = append(call.Ways, Way{Trunk: id, Number: rewrite(t.Rewrite, number), Caller: rewrite(t.Callers, call.Caller)})
	}
	return call, nil
}

// route is the one for a number: a client's own before a common one, and of
// these the longest prefix.
func (p *Plan) route(client, number string) *configs.OutRoute {
	var best *configs.OutRoute
	for i := range p.routes {
		r := &p.routes[i]
		if r.Client != "" && r.Client != client || !strings.HasPrefix(number, r.Prefix) {
			continue
		}
		if best == nil || better(r, best) {
			best = r
		}
	}
	return best
}

func better(a, b *configs.OutRoute) bool {
	if own := a.Client != ""; own != (b.Client != "") {
		return own
	}
	return len(a.Prefix) > len(b.Prefix)
}

// rewrite gives a number the beginning that the rule of the longest prefix says;
// one with the number's length goes before one for any.
func rewrite(rules []configs.Rewrite, number string) string {
	if number == "" {
		return ""
	}
	var best *configs.Rewrite
	for i := range rules {
		r := &rules[i]
		if !strings.HasPrefix(number, r.Prefix) || r.Digits > 0 && r.Digits != len(number) {
			continue
		}
		if best == nil || len(r.Prefix) > len(best.Prefix) || len(r.Prefix) == len(best.Prefix) && r.Digits > best.Digits {
			best = r
		}
	}
	if best == nil {
		return number
	}
	rest := number[len(best.Prefix):]
	if best.To != "" {
		rest = strings.TrimPrefix(rest, "+") // which stands in front or nowhere
	}
	return best.To + rest
}
