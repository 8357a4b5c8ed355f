package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// invariants is /debug/invariants: what must be as before once all is over.
type invariants struct {
	Goroutines, Ports, Sessions, Legs, Transactions, Timers, Calls, Waiting, Recordings int
	Admitted, Records                                                                   uint64
	Agents                                                                              map[string]int
	Violations                                                                          []string
}

// Invariants asks the switch for its own count.
func (w *World) Invariants() invariants {
	w.t.Helper()
	var v invariants
	w.Get("/debug/invariants", &v)
	return v
}

// LeaveNoTrace demands that nothing of the calls made is left: no leg, no
// transaction (timer D keeps some for 32 s), no port, no goroutine, no open file; that every admitted call
// has one record, every recorded conversation one recording that plays, and
// that every agent is in a state of rest.
func (w *World) LeaveNoTrace() {
	w.t.Helper()
	v := w.Invariants()
	for deadline := time.Now().Add(40 * time.Second); !w.atRest(v) && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
		v = w.Invariants()
	}
	require.Zero(w.t, v.Calls, "live calls")
	require.Zero(w.t, v.Waiting, "waiting calls")
	require.Zero(w.t, v.Legs, "SIP legs")
	require.Zero(w.t, v.Transactions, "transactions")
	require.Zero(w.t, v.Ports, "RTP ports")
	require.Zero(w.t, v.Sessions, "media sessions")
	require.Zero(w.t, v.Recordings, "open recordings")
	if v.Goroutines > w.baseline.Goroutines+goroutinesMore {
		w.t.Fatalf("%d goroutines, %d before the first call:\n%s", v.Goroutines, w.baseline.Goroutines, w.goroutines())
	}
	w.Eventually(10*time.Second, "no file is open but those that stay so", func() bool { return len(w.strays()) == 0 })
	require.Empty(w.t, v.Violations)
	require.Equal(w.t, v.Admitted, v.Records, "records for admitted calls")
	require.True(w.t, agentsRest(v), "agents at rest: %v", v.Agents)
	if !w.unplayed {
		w.everyConversationPlays()
	}
}

// goroutinesMore may there be than at the baseline with no call up: the
// request that asks has some of its own.
const goroutinesMore = 4

// once are the files that the program opens when it first needs them, and
// keeps.
var once = []string{"journal/", "switchroom.db", "recordings/chain/", "recordings/tail-"}

// strays are the descriptors that were not open at the baseline.
func (w *World) strays() []string {
	before := slices.Clone(w.files)
	var out []string
	for _, f := range w.openFiles() {
		if i := slices.Index(before, f); i >= 0 {
			before = slices.Delete(before, i, i+1)
			continue
		}
		kept := false
		for _, name := range once {
			kept = kept || strings.HasPrefix(f, w.path("data")+"/"+name)
		}
		if !kept {
			out = append(out, f)
		}
	}
	return out
}

// openFiles are what the program's descriptors point at. Sockets are all the
// same here, since a connection may be made anew.
func (w *World) openFiles() []string {
	dir := fmt.Sprintf("/proc/%d/fd", w.cmd.Process.Pid)
	entries, err := os.ReadDir(dir)
	require.NoError(w.t, err)
	var out []string
	for _, e := range entries {
		target, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // closed since it was listed
		}
		if strings.HasPrefix(target, "socket:") {
			target = "socket"
		}
		out = append(out, target)
	}
	return out
}

func (w *World) atRest(v invariants) bool {
	return v.Calls == 0 && v.Legs == 0 && v.Transactions == 0 && v.Ports == 0 && v.Sessions == 0 && v.Recordings == 0 &&
		v.Goroutines <= w.baseline.Goroutines+goroutinesMore && len(w.strays()) == 0 &&
		v.Admitted == v.Records && agentsRest(v)
}

func agentsRest(v invariants) bool {
	for state, n := range v.Agents {
		if n > 0 && !slices.Contains([]string{"ready", "not-ready", "offline", "wrap-up"}, state) {
			return false
		}
	}
	return true
}

// everyConversationPlays compares records, the recordings' list and the disk,
// and has a player of other people's read each file.
func (w *World) everyConversationPlays() {
	w.t.Helper()
	var records list[cdr]
	var listed list[recordingView]
	var promised, kept []string
	w.Eventually(10*time.Second, "as many recordings listed as calls recorded", func() bool {
		w.Get("/api/v1/cdrs?limit=1000", &records)
		w.Get("/api/v1/recordings?limit=1000", &listed)
		promised, kept = nil, nil
		for _, c := range records.Items {
			if c.Recording != "" {
				promised = append(promised, c.Recording)
			}
		}
		for _, r := range listed.Items {
			kept = append(kept, r.ID)
		}
		return len(promised) == len(kept)
	})
	require.ElementsMatch(w.t, promised, kept)
	onDisk := w.wavFiles()
	require.Len(w.t, onDisk, len(kept), "files on disk")
	for _, r := range listed.Items {
		path := onDisk[r.ID]
		require.NotEmpty(w.t, path, "the recording's file")
		require.InDelta(w.t, r.Length, w.soxLength(path), 0.1, "length by sox")
	}
}

// wavFiles are the recordings' files by id.
func (w *World) wavFiles() map[string]string {
	w.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(w.path("data", "recordings"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".wav") {
			found[strings.TrimSuffix(d.Name(), ".wav")] = path
		}
		return err
	})
	if !os.IsNotExist(err) {
		require.NoError(w.t, err)
	}
	return found
}

// soxLength has sox decode the whole file and gives its length in seconds.
func (w *World) soxLength(path string) float64 {
	w.t.Helper()
	decoded := filepath.Join(w.t.TempDir(), "decoded.raw")
	out, err := exec.Command("sox", path, "-t", "raw", "-e", "signed", "-b", "16", decoded).CombinedOutput()
	require.NoError(w.t, err, "sox: %s", out)
	require.Empty(w.t, string(out), "sox warns about %s", path)
	length, err := exec.Command("soxi", "-D", path).Output()
	require.NoError(w.t, err)
	s, err := strconv.ParseFloat(strings.TrimSpace(string(length)), 64)
	require.NoError(w.t, err)
	raw, err := os.Stat(decoded)
	require.NoError(w.t, err)
	require.InDelta(w.t, s, float64(raw.Size())/32000, 0.001, "as much sound as the header says")
	return s
}
