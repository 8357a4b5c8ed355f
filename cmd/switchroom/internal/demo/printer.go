package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
)

// printer writes the account, a line at a time, never moving back: what suits
// a terminal suits a log. It is used by one goroutine at a time.
type printer struct {
	out     io.Writer
	colours bool
	began   time.Time
	names   map[string]int // those met, in order
	err     error          // the first one met; nothing is written after it
}

// newPrinter colours only what somebody watches and who wants it
// (https://no-color.org).
func newPrinter(out io.Writer, terminal bool) *printer {
	colours := terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &printer{out: out, colours: colours, began: time.Now(), names: map[string]int{}}
}

// nameWidth is how many characters a name is given.
const nameWidth = 10

// line writes text as it is.
func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.out, fmt.Sprintf(format, args...))
	}
}

// at writes what happened to somebody, with the seconds since the beginning.
func (p *printer) at(when time.Time, who, format string, args ...any) {
	seconds := max(0, when.Sub(p.began).Seconds())
	p.line("%s  %s  %s", p.dim(fmt.Sprintf("%5.1f s", seconds)), p.tint(who, pad(who, nameWidth)), fmt.Sprintf(format, args...))
}

func (p *printer) title(text string) {
	p.line("")
	p.line("%s", p.code("1", text))
}

func (p *printer) dim(text string) string  { return p.code("2", text) }
func (p *printer) good(text string) string { return p.code("32", text) }
func (p *printer) bad(text string) string  { return p.code("31", text) }

// tint gives each name a colour of its own, as long as there are any.
func (p *printer) tint(name, text string) string {
	place, known := p.names[name]
	if !known {
		place = len(p.names)
		p.names[name] = place
	}
	return p.code(tints[place%len(tints)], text)
}

// tints are the twelve colours that are neither black nor white.
var tints = [...]string{"36", "33", "35", "32", "34", "31", "96", "93", "95", "92", "94", "91"}

func (p *printer) code(sgr, text string) string {
	if !p.colours {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// pad fills up to a width in characters.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-len([]rune(text))))
}

// plain makes text that came from outside safe to print: one line, no escapes.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
