package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"switchroom/acd"
	"switchroom/acd/report"
)

// Offer is one offer of a call to an agent.
type Offer struct {
	Time     time.Time
	Agent    string
	Client   string
	Outcome  string
	Decision acd.Decision
}

// Offers gives the offers of a finished call, oldest first; ErrNotFound when
// the call is not known.
func (s *Store) Offers(ctx context.Context, call string) ([]Offer, error) {
	offers := []Offer{}
	err := s.ask(ctx, `SELECT at, agent, client, decision FROM decisions WHERE call = ? ORDER BY seq`, []any{clean(call)},
		func(rows *sql.Rows) error {
			var o Offer
			var at int64
			var text []byte
			if err := rows.Scan(&at, &o.Agent, &o.Client, &text); err != nil {
				return err
			}
			o.Time = time.UnixMilli(at).UTC()
			if err := json.Unmarshal(text, &o.Decision); err != nil {
				return err
			}
			offers = append(offers, o)
			return nil
		})
	if err != nil {
		return nil, err
	}
	cdr, err := s.CDR(ctx, call)
	if errors.Is(err, ErrNotFound) && len(offers) > 0 {
		return offers, nil // it goes on
	}
	if err != nil {
		return nil, err
	}
	outcomes(offers, &cdr)
	return offers, nil
}

// outcomes finds how each offer ended: an agent's offers of one call ended in
// the order in which they were made. One that a crash cut off ended with it.
func outcomes(offers []Offer, cdr *acd.CDR) {
	used := map[int]bool{}
	for i := range offers {
		offers[i].Outcome = cdr.Cause
		if slices.ContainsFunc(cdr.Segments, func(s acd.Segment) bool { return s.Kind == "talk" && s.Agent == offers[i].Agent }) {
			offers[i].Outcome = report.Connected
		}
		for n, s := range cdr.Segments {
			if s.Kind == "ring" && s.Agent == offers[i].Agent && !used[n] {
				used[n] = true
				offers[i].Outcome = report.OfferOutcome(s.Cause)
				break
			}
		}
	}
}
