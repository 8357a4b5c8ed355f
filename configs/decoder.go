package configs

import (
	"fmt"
	"strconv"
)

// place is where something stands in the text, both counted from 1.
type place struct{ line, col int }

// decoder reads one text. It collects faults instead of stopping at the first,
// so a value it could not read keeps its default and reading goes on.
type decoder struct {
	file      string
	ephemeral PortRange // of the kernel; zero when unknown
	ids       map[kind]map[string]place
	refs      []reference
	checks    []func(*Config) // across sections, run once all are read
	sounds    []sound
	asked     func(key string) // told of every key that is looked for; or nil
	faults    Faults
	warnings  Faults
}

func (d *decoder) fault(at place, format string, args ...any) {
	d.faults = append(d.faults, d.at(at, format, args))
}

func (d *decoder) warn(at place, format string, args ...any) {
	d.warnings = append(d.warnings, d.at(at, format, args))
}

func (d *decoder) at(at place, format string, args []any) Fault {
	return Fault{File: d.file, Line: at.line, Col: at.col, Text: fmt.Sprintf(format, args...)}
}

// later runs check once every section is read, so that faults across sections
// are found together with all others. A value that could not be read has its
// default then, and a reference may lead nowhere.
func (d *decoder) later(check func(*Config)) { d.checks = append(d.checks, check) }

// quote shows a value in a fault: escaped, so that nothing in a file reaches a
// terminal as a control sequence, and cut at a readable length.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}
