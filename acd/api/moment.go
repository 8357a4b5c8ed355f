package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Moment is a time as the interface writes it: RFC 3339 in UTC, with exactly
// three digits of a second.
type Moment time.Time

const momentLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements json.Marshaler.
func (m Moment) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(m).UTC().Format(momentLayout) + `"`), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var t time.Time
	if err := json.Unmarshal(b, &t); err != nil {
		return fmt.Errorf("api: moment: %w", err)
	}
	*m = Moment(t)
	return nil
}

// Schema implements huma.SchemaProvider.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-03-01T08:00:00.000Z"}}
}

// moment is t, nil for nil.
func moment(t *time.Time) *Moment {
	if t == nil {
		return nil
	}
	m := Moment(*t)
	return &m
}
