package arch

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// arrows says which rooms a room may import besides itself.
var arrows = map[string][]string{
	"cmd":       {"acd", "queue", "sip", "media", "recording", "configs"},
	"acd":       {"queue", "sip", "media", "recording", "configs"},
	"recording": {"media", "configs"},
	"sip":       {"configs"},
	"media":     {"configs"},
	"queue":     {},
	"configs":   {},
	"test":      {"cmd", "acd", "queue", "sip", "media", "recording", "configs"},
}

// homes are libraries that one room alone may know, so that the choice of them
// stays that room's own business.
var homes = map[string]string{
	"github.com/emiago/sipgo":  "sip",
	"github.com/icholy/":       "sip",
	"github.com/pion/":         "media",
	"modernc.org/sqlite":       "acd",
	"github.com/alecthomas/":   "cmd",
	"github.com/goccy/":        "configs",
	"github.com/danielgtaylor": "acd",
}

func TestRoomsKnowOnlyTheRoomsTheyMay(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		may, known := arrows[p.room()]
		assert.True(t, known, "%s lies in no room: the top-level folders are fixed", p.ImportPath)
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if !strings.HasPrefix(i, module+"/") {
				continue
			}
			to := pkg{ImportPath: i}.room()
			assert.True(t, to == p.room() || slices.Contains(may, to),
				"%s imports %s: %s may import %v", p.ImportPath, i, p.room(), may)
		}
	}
}

func TestNothingImportsTheTests(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			assert.False(t, strings.HasPrefix(i, module+"/test/") && p.room() != "test", "%s imports %s", p.ImportPath, i)
		}
	}
}

func TestEachLibraryIsKnownToItsRoomAlone(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		for _, i := range p.Imports {
			for library, home := range homes {
				assert.False(t, strings.HasPrefix(i, library) && p.room() != home && p.room() != "test",
					"%s imports %s: %s alone may", p.ImportPath, i, home)
			}
		}
	}
}

// TestTheSwitchStartsNoProgram: what was dialled cannot come before a shell
// where nothing can start one. Commands for people may: they play a recording.
func TestTheSwitchStartsNoProgram(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		if p.room() == "cmd" || p.room() == "test" {
			continue
		}
		for _, i := range p.Imports {
			assert.NotEqual(t, "os/exec", i, "%s starts programs", p.ImportPath)
		}
	}
}

// TestTheQueueStandsOnTheStandardLibrary keeps the lock-free part free of
// anything whose memory ordering and allocation aren't in our hands.
func TestTheQueueStandsOnTheStandardLibrary(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		if p.room() != "queue" {
			continue
		}
		for _, i := range p.Imports {
			first, _, _ := strings.Cut(i, "/")
			assert.False(t, strings.Contains(first, "."), "%s imports %s", p.ImportPath, i)
		}
	}
}

// TestTheCoreIsPure keeps I/O, randomness, goroutine tools and logs out of the
// state machines: what they get is an event and the time, what they give is
// actions, so that a run can be repeated.
func TestTheCoreIsPure(t *testing.T) {
	packages, _ := tree()
	for _, p := range packages {
		if p.ImportPath != module+"/acd" {
			continue
		}
		for _, i := range p.Imports {
			for _, impure := range []string{"net", "os", "io", "log", "sync", "math/rand", "crypto/rand", "context", "github.com/", "go.uber.org/", module + "/"} {
				assert.False(t, i == strings.TrimSuffix(impure, "/") || strings.HasPrefix(i, strings.TrimSuffix(impure, "/")+"/"),
					"%s imports %s", p.ImportPath, i)
			}
		}
	}
}
