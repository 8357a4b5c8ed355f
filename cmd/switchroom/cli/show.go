package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list is how the API answers for more than one of a thing.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// printJSON prints a JSON text in readable form.
func (s *session) printJSON(text []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(text), "", "  "); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	b.WriteByte('\n')
	_, err := s.Stdout.Write(b.Bytes())
	return err
}

// printValue prints a value as JSON.
func (s *session) printValue(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	return s.printJSON(text)
}

// span writes seconds as people read them: 4.2s, 1m05s, 2h03m.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 0:
		return "-" + span(-seconds)
	case d < time.Minute:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + "s"
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// since writes how long ago a moment was; "" for none.
func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return span(max(0, time.Since(t).Seconds()))
}

// moment writes a time in the user's zone; "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func moment0(t *time.Time) string {
	if t == nil {
		return ""
	}
	return moment(*t)
}

// bytesOf writes a size.
func bytesOf(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

// skillsOf writes skills and levels in the order of names.
func skillsOf(skills map[string]int) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(skills)) {
		all = append(all, fmt.Sprintf("%s:%d", name, skills[name]))
	}
	return strings.Join(all, " ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// listed prints items as a table, or the JSON text when that was asked for.
func listed[T any](s *session, text []byte, t *table, items []T, row func(T) []string) error {
	if s.JSON {
		return s.printJSON(text)
	}
	for _, item := range items {
		t.row(row(item)...)
	}
	return t.write(s.Stdout)
}
