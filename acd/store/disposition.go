package store

import (
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
	err = f.exec(`INSERT INTO dispositions (call, text) VALUES (?, ?)
		ON CONFLICT (call) DO UPDATE SET text = excluded.text`, ev.Call, string(text))
	if err != nil {
		return err
	}
	return f.fileRecord(ev.Call)
}

// fileRecord puts what is known of a call's disposition into its record.
func (f *fold) fileRecord(call string) error {
	return f.exec(`UPDATE cdrs SET cdr = json_set(cdr, '$.disposition', json((SELECT text FROM dispositions WHERE call = ?)))
		WHERE id = ? AND EXISTS (SELECT 1 FROM dispositions WHERE call = ?)`, call, call, call)
}
