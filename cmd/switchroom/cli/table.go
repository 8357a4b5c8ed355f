package cli

import (
	"io"
	"strings"
)

// table is rows under a header, aligned by what a terminal shows. A header
// that begins with ">" has its column flush right, as numbers want it.
type table struct {
	header []string
	rows   [][]string
}

func newTable(header ...string) *table { return &table{header: header} }

// row adds a row; its cells are made printable.
func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = printable(cells[i])
		if cells[i] == "" {
			cells[i] = "-"
		}
	}
	t.rows = append(t.rows, cells)
}

// write prints the table with two spaces between columns and none at the ends
// of lines.
func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.header))
	names := make([]string, len(t.header))
	for i, h := range t.header {
		names[i] = strings.TrimPrefix(h, ">")
		widths[i] = columns(names[i])
	}
	for _, r := range t.rows {
		for i, cell := range r {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	var b strings.Builder
	for _, r := range append([][]string{names}, t.rows...) {
		var line strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", widths[i]-columns(cell))
			if strings.HasPrefix(t.header[i], ">") {
				cell = pad + cell
			} else {
				cell += pad
			}
			if i > 0 {
				line.WriteString("  ")
			}
			line.WriteString(cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// facts prints names and values one to a line, aligned; values without text
// are left out.
func facts(w io.Writer, pairs ...string) error {
	width := 0
	for i := 0; i+1 < len(pairs); i += 2 {
		width = max(width, columns(pairs[i]))
	}
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, value := pairs[i], printable(pairs[i+1]); value != "" {
			b.WriteString(name + strings.Repeat(" ", width-columns(name)) + "  " + value + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
