package store

import (
	"context"
	"database/sql"
	"time"

	"switchroom/acd/report"
)

// againText is how calls after a moment are asked for; which ones ends it.
const againText = `SELECT client, caller, started FROM cdrs WHERE started >= ? AND started < ? AND caller `

// scanFactor is how many rows of calls are read at the cost of looking for one
// caller's.
var scanFactor = 2

// returns gives the builder who called again after its span, for as long as it
// looks for calls that came back; those within the span it has got with the
// calls. Whether all calls of that time are read or those of the callers in
// question goes by which are fewer.
func (v *view) returns(ctx context.Context, b *report.Builder, client string) error {
	within := b.Returning()
	if within <= 0 {
		return nil
	}
	callers := b.Awaited()
	if len(callers) == 0 {
		return nil
	}
	for i, caller := range callers {
		callers[i] = clean(caller)
	}
	_, to := b.Span()
	span := []any{to.UnixMilli(), to.Add(within).UnixMilli()}
	calls := 0
	if err := v.each(ctx, `SELECT count(*) FROM cdrs WHERE started >= ? AND started < ?`, span, func(rows *sql.Rows) error { return rows.Scan(&calls) }); err != nil || calls == 0 {
		return err
	}
	came := func(rows *sql.Rows) error {
		var of, caller string
		var started int64
		err := rows.Scan(&of, &caller, &started)
		if err == nil && (client == "" || of == client) {
			b.Came(of, caller, time.UnixMilli(started))
		}
		return err
	}
	if calls <= scanFactor*len(callers) {
		return v.each(ctx, againText+`<> ''`, span, came)
	}
	return v.among(ctx, againText+`IN `, callers, span, came)
}
