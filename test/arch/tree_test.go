package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "switchroom"

// pkg is one package as `go list` describes it.
type pkg struct {
	ImportPath, Dir                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
	IgnoredGoFiles, CgoFiles           []string
}

// room is the top-level folder a package lies in.
func (p pkg) room() string {
	room, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, module+"/"), "/")
	return room
}

// source is one Go file of ours, parsed.
type source struct {
	pkg
	name  string // seen from the repository's top
	test  bool
	file  *ast.File
	lines int
}

// tree reads all packages and files once for all tests.
var tree = sync.OnceValues(func() ([]pkg, []source) {
	list := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,IgnoredGoFiles,CgoFiles", module+"/...")
	out, err := list.Output()
	if err != nil {
		panic(err)
	}
	var packages []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			panic(err)
		}
		packages = append(packages, p)
	}
	return packages, sources(packages)
})

var files = token.NewFileSet()

func sources(packages []pkg) []source {
	var all []source
	for _, p := range packages {
		read := func(names []string, test bool) {
			for _, n := range names {
				path := filepath.Join(p.Dir, n)
				f, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
				if err != nil {
					panic(err)
				}
				name := strings.TrimPrefix(p.ImportPath+"/"+n, module+"/")
				all = append(all, source{p, name, test, f, files.File(f.FileStart).LineCount()})
			}
		}
		read(p.GoFiles, false)
		read(p.CgoFiles, false)
		read(p.IgnoredGoFiles, false)
		read(p.TestGoFiles, true)
		read(p.XTestGoFiles, true)
	}
	return all
}

// place writes where a node stands.
func (s source) place(n ast.Node) string {
	at := files.Position(n.Pos())
	at.Filename = s.name
	return at.String()
}

func TestTheTreeIsReadWhole(t *testing.T) {
	packages, sources := tree()
	require.Greater(t, len(packages), 10)
	require.Greater(t, len(sources), 100)
}
