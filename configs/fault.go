package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong at one place of a configuration's text. Line and
// Col count from 1, Col in characters; Line is 0 when the fault has no place
// (a file that can't be read).
type Fault struct {
	File string
	Line int
	Col  int
	Text string // what was found and what would be right; never a secret
}

// String gives "FILE:LINE:COL: text" on one line.
func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Text)
}

// Faults is everything wrong with a text, in the order of the text. It is the
// error of Load and Parse.
type Faults []Fault

// Error gives one line a fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// sorted puts the faults in the order of the text and drops repetitions.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(f)
}
