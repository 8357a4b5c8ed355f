package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Build is what the program knows of how it was built.
type Build struct {
	Version  string `json:"version"`  // of the module; "(devel)" from a working tree
	Revision string `json:"revision"` // of the repository; "" when unknown
	Modified bool   `json:"modified"` // the tree had changes on top of the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// ReadBuild reads what the linker left in the program.
func ReadBuild() Build {
	b := Build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	got, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if got.Main.Version != "" {
		b.Version = got.Main.Version
	}
	for _, s := range got.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String gives the build on one line.
func (b Build) String() string {
	s := "switchroom " + b.Version
	if b.Revision != "" {
		s += " " + b.Revision[:min(12, len(b.Revision))]
		if b.Modified {
			s += "+changes"
		}
	}
	return s + " " + b.Go + " " + b.Platform
}

type versionCmd struct{}

func (c *versionCmd) Run(s *session) error {
	if s.JSON {
		return s.printValue(ReadBuild())
	}
	_, err := fmt.Fprintln(s.Stdout, ReadBuild())
	return err
}
