package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Diff says what differs between two configurations, one line a difference,
// such as `queue parcels: ring_timeout 15s -> 20s`. Secrets are not shown,
// only that they changed. Nil when nothing differs.
func Diff(old, new *Config) []string {
	var lines []string
	a, b := reflect.ValueOf(*old), reflect.ValueOf(*new)
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if field.Name == "Version" || field.Name == "Warnings" {
			continue
		}
		name := keyOf(field.Name)
		if isNamed(field.Type) {
			lines = append(lines, diffList(strings.TrimSuffix(name, "s"), a.Field(i), b.Field(i))...)
			continue
		}
		lines = append(lines, diffValue(name, a.Field(i), b.Field(i))...)
	}
	return lines
}

// fixed are the keys that a running switch can't change: sockets are bound and
// files are open.
var fixed = []string{"sip.listen", "sip.advertise", "sip.t1", "sip.tls.", "sip.dns", "media.", "http.listen", "data", "database",
	"recording.free_alarm", "recording.free_refuse", "recording.encryption.", "recording.archive."}

// NeedsRestart gives those lines of Diff that a reload can't put in force.
func NeedsRestart(old, new *Config) []string {
	var lines []string
	for _, line := range Diff(old, new) {
		if slices.ContainsFunc(fixed, func(key string) bool {
			return strings.HasPrefix(line, key+" ") || strings.HasSuffix(key, ".") && strings.HasPrefix(line, key)
		}) {
			lines = append(lines, line)
		}
	}
	return lines
}

// isNamed says whether t is a list of things that have an id, its first field.
func isNamed(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct &&
		slices.Contains([]string{"ID", "Number"}, t.Elem().Field(0).Name)
}

// diffList compares things by their ids, whatever their order. The order of
// agents counts for one strategy, so a new order alone is a difference too.
func diffList(name string, a, b reflect.Value) []string {
	var lines, before, after []string
	ids := func(list reflect.Value, id string) (reflect.Value, bool) {
		for i := range list.Len() {
			if list.Index(i).Field(0).String() == id {
				return list.Index(i), true
			}
		}
		return reflect.Value{}, false
	}
	for i := range a.Len() {
		id := a.Index(i).Field(0).String()
		if _, ok := ids(b, id); !ok {
			lines = append(lines, fmt.Sprintf("%s %s: removed", name, id))
			continue
		}
		before = append(before, id)
	}
	for i := range b.Len() {
		now := b.Index(i)
		id := now.Field(0).String()
		was, ok := ids(a, id)
		if !ok {
			lines = append(lines, fmt.Sprintf("%s %s: added", name, id))
			continue
		}
		after = append(after, id)
		for j := 1; j < now.NumField(); j++ {
			lines = append(lines, diffValue(name+" "+id+": "+keyOf(now.Type().Field(j).Name), was.Field(j), now.Field(j))...)
		}
	}
	if !slices.Equal(before, after) {
		lines = append(lines, name+"s: in another order")
	}
	return lines
}

// diffValue compares one value, a section by its fields.
func diffValue(name string, a, b reflect.Value) []string {
	if reflect.DeepEqual(a.Interface(), b.Interface()) {
		return nil
	}
	if _, pair := a.Interface().(PortRange); a.Kind() == reflect.Struct && !pair {
		var lines []string
		for i := range a.NumField() {
			lines = append(lines, diffValue(name+"."+keyOf(a.Type().Field(i).Name), a.Field(i), b.Field(i))...)
		}
		return lines
	}
	if slices.ContainsFunc([]string{"password", "secret", "tokens", ": pin", "database"}, func(secret string) bool { return strings.HasSuffix(name, secret) }) {
		return []string{name + " changed"}
	}
	if empty(a) && empty(b) { // nil and empty lists say the same
		return nil
	}
	return []string{fmt.Sprintf("%s %s -> %s", name, show(a), show(b))}
}

func empty(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

// show writes a value about as the file does.
func show(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return short(x)
	case PortRange:
		return fmt.Sprintf("%d-%d", x.Min, x.Max)
	case string:
		return quote(x)
	case *Caps:
		if x == nil {
			return "as usual"
		}
		return fmt.Sprintf("{calls %d, hourly %d}", x.Calls, x.Hourly)
	case []Ring:
		rings := make([]string, len(x))
		for i, r := range x {
			rings[i] = fmt.Sprintf("{after %s, sites %v, skills %v}", short(r.After), r.Sites, r.Skills)
		}
		return "[" + strings.Join(rings, " ") + "]"
	default:
		return fmt.Sprint(x)
	}
}

// keyOf gives the file's key of a field: RingTimeout is ring_timeout, SIP sip.
func keyOf(field string) string {
	var b strings.Builder
	r := []rune(field)
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 && (unicode.IsLower(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
