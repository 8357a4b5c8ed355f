package sip

import (
	"strconv"
	"strings"
)

// causeIn reads the Reason headers of a request or response (RFC 3326). A
// Q.850 cause outweighs a SIP one.
func causeIn(m headered) Cause {
	var c Cause
	for h := range named(m, "reason") {
		for _, value := range splitList(h.Value()) {
			protocol, params, _ := strings.Cut(value, ";")
			number, text := 0, ""
			for p := range strings.SplitSeq(params, ";") {
				name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
				v = strings.Trim(strings.TrimSpace(v), `"`)
				switch strings.ToLower(strings.TrimSpace(name)) {
				case "cause":
					number, _ = strconv.Atoi(v)
				case "text":
					text = v
				}
			}
			switch strings.ToUpper(strings.TrimSpace(protocol)) {
			case "Q.850":
				if number > 0 && number < 128 {
					c.Q850, c.Text = number, text
				}
			case "SIP":
				if number >= 100 && number < 700 {
					c.SIP = number
					if c.Text == "" {
						c.Text = text
					}
				}
			}
		}
	}
	return c
}

// reasonLine writes the Reason header of a request or response that ends a leg.
func reasonLine(t *text, c Cause) {
	if c.Q850 <= 0 || c.Q850 > 127 {
		return
	}
	t.add("Reason: Q.850;cause=", strconv.Itoa(c.Q850))
	if c.Text != "" && clean(c.Text) {
		t.add(";text=", strings.TrimSpace(quoted(c.Text)))
	}
	t.add("\r\n")
}

// splitList cuts a header's value at the commas outside quotes and brackets.
func splitList(value string) []string {
	var items []string
	start, quote, angle := 0, false, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quote:
			i++
		case c == '"':
			quote = !quote
		case quote:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ',' && !angle:
			items = append(items, strings.TrimSpace(value[start:i]))
			start = i + 1
		}
	}
	if rest := strings.TrimSpace(value[start:]); rest != "" {
		items = append(items, rest)
	}
	return items
}
