package arch

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEachDependencyIsExplained holds the README's table of dependencies to
// what the code imports: a library nobody can give a reason for is none of ours.
func TestEachDependencyIsExplained(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	require.NoError(t, err)
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(out, &mod))
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(filepath.Dir(strings.TrimSpace(string(gomod))), "README.md"))
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(readme), "## Dependencies")
	require.True(t, ok)
	var rows []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| [^|]+ \\|$").FindAllStringSubmatch(table, -1) {
		rows = append(rows, row[1])
	}
	require.NotEmpty(t, rows)

	var required []string
	for _, r := range mod.Require {
		required = append(required, r.Path)
		assert.True(t, r.Indirect || !imported(r.Path) || slices.Contains(rows, r.Path), "%s is imported and not explained in README.md", r.Path)
	}
	for _, row := range rows {
		assert.Contains(t, required, row, "README.md explains a dependency that isn't one")
	}
}

// imported says whether any package of ours, tests included, imports of module.
func imported(module string) bool {
	packages, _ := tree()
	for _, p := range packages {
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if i == module || strings.HasPrefix(i, module+"/") {
				return true
			}
		}
	}
	return false
}
