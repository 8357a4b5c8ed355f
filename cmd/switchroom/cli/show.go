package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
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
	switch whole := int(math.Round(seconds)); {
	case seconds < 0:
		return "-" + span(-seconds)
	case seconds < 59.95:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + "s"
	case whole < 3600:
		return fmt.Sprintf("%dm%02ds", whole/60, whole%60)
	default:
		return fmt.Sprintf("%dh%02dm", whole/3600, whole/60%60)
	}
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

func momentOf(t *time.Time) string {
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

// counted writes a number of things: 1 call, 2 calls.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
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
