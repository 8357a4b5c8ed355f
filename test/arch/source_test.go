package arch

import (
	"go/ast"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// linesMax bounds a file. One that grows beyond has become the place where
// everything meets.
const linesMax = 500

func TestNoFileIsTooLong(t *testing.T) {
	_, sources := tree()
	for _, s := range sources {
		assert.LessOrEqual(t, s.lines, linesMax, "%s: split it by subject", s.name)
	}
}

func TestEachPackageHasOnePackageComment(t *testing.T) {
	_, sources := tree()
	comments := map[string][]string{}
	for _, s := range sources {
		path := s.ImportPath
		if s.file.Doc != nil {
			comments[path] = append(comments[path], s.name)
			assert.True(t, strings.HasPrefix(s.file.Doc.Text(), "Package "+s.file.Name.Name+" ") ||
				strings.HasPrefix(s.file.Doc.Text(), "Command "), "%s: it begins with the package's name", s.name)
		} else if comments[path] == nil {
			comments[path] = []string{}
		}
	}
	for path, in := range comments {
		assert.Len(t, in, 1, "%s: one package comment, in doc.go or the main file", path)
	}
}

// banned are calls and what to write in their place. Names are as imported.
var banned = []struct {
	call    *regexp.Regexp
	instead string
	libs    bool // for packages outside cmd and test alone
	product bool // for files that aren't tests alone, outside test
}{
	{call: regexp.MustCompile(`^fmt\.Print`), instead: "write to a given io.Writer", libs: true, product: true},
	{call: regexp.MustCompile(`^os\.Exit$`), instead: "return an error", libs: true, product: true},
	{call: regexp.MustCompile(`^time\.Sleep$`), instead: "wait on a timer together with what ends the goroutine", product: true},
	{call: regexp.MustCompile(`^slog\.(Default|SetDefault|Debug|Info|Warn|Error|Log)`), instead: "log to the *zap.Logger you were given"},
	{call: regexp.MustCompile(`^log\.(Print|Fatal|Panic|Default)`), instead: "log to the *zap.Logger you were given"},
	{call: regexp.MustCompile(`^zap\.(L|S|ReplaceGlobals)$`), instead: "log to the *zap.Logger you were given"},
	{call: regexp.MustCompile(`^atomic\.(Add|Load|Store|Swap|CompareAndSwap|And|Or)`), instead: "use the typed atomics", product: true},
	{call: regexp.MustCompile(`^(print|println)$`), instead: "write to a given io.Writer"},
}

func TestNoFileMakesABannedCall(t *testing.T) {
	_, sources := tree()
	for _, s := range sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := called(call)
			for _, b := range banned {
				lib := s.room() != "cmd" && s.room() != "test"
				product := !s.test && s.room() != "test"
				if b.call.MatchString(name) && (lib || !b.libs) && (product || !b.product) {
					assert.Fail(t, s.place(call)+" calls "+name, b.instead)
				}
			}
			return true
		})
	}
}

// called names the function of a call: "pkg.Func" or "builtin".
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

// bannedImports and their replacements.
var bannedImports = map[string]string{
	"math/rand": "math/rand/v2 with a seed, or crypto/rand",
	"log":       "a *zap.Logger",
	"io/ioutil": "io and os",
}

func TestNoFileImportsWhatIsReplaced(t *testing.T) {
	_, sources := tree()
	for _, s := range sources {
		for _, i := range s.file.Imports {
			instead, bad := bannedImports[strings.Trim(i.Path.Value, `"`)]
			assert.False(t, bad, "%s imports %s: use %s", s.place(i), i.Path.Value, instead)
		}
	}
}

// TestTestsAreSkippedInShortRunsOnly keeps a missing tool or a slow machine
// from turning a red test into a green one.
func TestTestsAreSkippedInShortRunsOnly(t *testing.T) {
	_, sources := tree()
	for _, s := range sources {
		allowed := map[ast.Node]bool{}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				if mentionsShort(n.Cond) {
					ast.Inspect(n.Body, func(n ast.Node) bool { allowed[n] = true; return true })
				}
			case *ast.CallExpr:
				name := called(n)
				skip := strings.HasSuffix(name, ".Skip") || strings.HasSuffix(name, ".Skipf") || strings.HasSuffix(name, ".SkipNow")
				on := strings.HasPrefix(name, "t.") || strings.HasPrefix(name, "b.") || strings.HasPrefix(name, "f.") || strings.HasPrefix(name, "tb.")
				assert.False(t, s.test && skip && on && !allowed[n], "%s: a test is skipped only if testing.Short()", s.place(n))
			}
			return true
		})
	}
}

func mentionsShort(cond ast.Expr) bool {
	short := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && called(call) == "testing.Short" {
			short = true
		}
		return true
	})
	return short
}

// unfinished are the words that mark work put off. They are pieced together so
// that this file does not hold them.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func TestNothingIsMarkedUnfinished(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	require.NoError(t, err)
	top := os.DirFS(strings.TrimSpace(string(out)))
	read := 0
	require.NoError(t, fs.WalkDir(top, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == ".git" || path == "data" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".yaml", ".xml", ".sh", ".sql", ".html", ".js", ".css", "":
		default:
			return nil
		}
		text, err := fs.ReadFile(top, path)
		if err != nil {
			return err
		}
		read++
		for i, line := range strings.Split(string(text), "\n") {
			assert.False(t, unfinished.MatchString(line), "%s:%d: finish it or leave it out: %s", path, i+1, line)
		}
		return nil
	}))
	require.Greater(t, read, 100)
}
