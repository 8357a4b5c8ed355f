package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"switchroom/acd"
)

// filed takes in what a call came to. The last word counts, whether the call's
// record is there already or not.
func (f *fold) filed(ev *acd.Event) error {
	if ev.Disposition == nil || ev.Call == "" {
		return fmt.Errorf("%w: disposition without a call", errPoison)
	}
	text, err := json.Marshal(ev.Disposition)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	f.batch.last(dispositionRows, clean(ev.Call), clean(ev.Call), string(text))
	return nil
}

// recordColumns are those of a record in a query on cdrs, for scanRecord.
const recordColumns = `cdr, (SELECT d.text FROM dispositions d WHERE d.call = cdrs.id) AS filed`

// scanRecord reads a record together with what the call came to.
func scanRecord(rows *sql.Rows, c *acd.CDR) error {
	var text, filed sql.RawBytes
	if err := rows.Scan(&text, &filed); err != nil {
		return err
	}
	if err := acd.ParseCDR(text, c); err != nil || filed == nil {
		return err
	}
	c.Disposition = nil
	return json.Unmarshal(filed, &c.Disposition)
}
