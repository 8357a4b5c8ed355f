package prompts

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed en/*.wav zh/*.wav
var sounds embed.FS

//go:embed texts.tsv
var texts string

// Languages are those that there are built-in prompts of.
var Languages = []string{"en", "zh"}

// Open gives a built-in prompt's WAV file; fs.ErrNotExist when there is none.
func Open(language, name string) (fs.File, error) {
	return sounds.Open(path.Join(language, name+".wav"))
}

// Has tells whether a language has a prompt.
func Has(language, name string) bool {
	return Text(language, name) != ""
}

// Names lists a language's prompts, sorted.
func Names(language string) []string {
	var names []string
	for _, row := range rows() {
		if row.text(language) != "" {
			names = append(names, row[0])
		}
	}
	slices.Sort(names)
	return names
}

// Text is what a built-in prompt says, "" when there is none.
func Text(language, name string) string {
	for _, row := range rows() {
		if row[0] == name {
			return row.text(language)
		}
	}
	return ""
}

// row is a line of texts.tsv: a name and its words in each language.
type row [3]string

func (r row) text(language string) string {
	if i := slices.Index(Languages, language); i >= 0 {
		return r[1+i]
	}
	return ""
}

func rows() []row {
	var all []row
	for line := range strings.Lines(texts) {
		line = strings.TrimSuffix(line, "\n")
		if fields := strings.Split(line, "\t"); len(fields) == 3 && !strings.HasPrefix(line, "#") {
			all = append(all, row(fields))
		}
	}
	return all
}
