package sip

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testsIn are the names of the tests in a folder.
func testsIn(t *testing.T, folder string) string {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

func TestEveryTrapNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("TRAPS.md")
	require.NoError(t, err)
	table := string(text)
	for n := 1; n <= 40; n++ {
		require.Regexp(t, regexp.MustCompile(fmt.Sprintf("(?m)^\\| C%d \\|.*`[^`]*Test\\w+`", n)), table)
	}
	sources := map[string]string{}
	for _, m := range regexp.MustCompile("`(?:([a-z/]+): )?(Test\\w+)`").FindAllStringSubmatch(table, -1) {
		folder := "."
		if m[1] != "" {
			folder = filepath.Join("..", m[1])
		}
		if sources[folder] == "" {
			sources[folder] = testsIn(t, folder)
		}
		require.Contains(t, sources[folder], "func "+m[2]+"(", m[0])
	}
	for _, m := range regexp.MustCompile(`func (TestC\d\d\w+)\(`).FindAllStringSubmatch(sources["."], -1) {
		require.Contains(t, table, "`"+m[1]+"`", "is missing from the table")
	}
}
