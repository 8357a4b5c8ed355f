package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"switchroom/cmd/switchroom/internal/server"
	"switchroom/configs"
)

// starter starts a real switch, with a configuration that the test may change.
func starter(log *zap.Logger, change func(string) string) func(context.Context, []byte) (func() error, error) {
	return func(ctx context.Context, text []byte) (func() error, error) {
		text = []byte(change(string(text)))
		load := func() (*configs.Config, error) { return configs.Parse("demo.yaml", text) }
		s, err := server.Open(ctx, server.Args{Load: load, Version: "test", Log: log})
		if err != nil {
			return nil, err
		}
		run, cancel := context.WithCancel(context.WithoutCancel(ctx))
		ended := make(chan error, 1)
		go func() { ended <- s.Run(run) }()
		return func() error { cancel(); return <-ended }, nil
	}
}

func unchanged(text string) string { return text }

// show gives a demonstration and returns its account.
func show(ctx context.Context, t *testing.T, c cast, change func(string) string) (string, string, error) {
	t.Helper()
	var out bytes.Buffer
	dir := t.TempDir()
	log := zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel))
	err := give(ctx, c, &out, Options{Dir: dir, Start: starter(log, change), Program: "switchroom", Log: log})
	return out.String(), dir, err
}

func recordingsIn(t *testing.T, dir string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "data", "recordings"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".wav") {
			found = append(found, path)
		}
		return err
	})
	require.NoError(t, err)
	return found
}

func TestTheDemonstrationShowsTheMainJobOnARealSwitch(t *testing.T) {
	t.Parallel()
	text, dir, err := show(t.Context(), t, newCast(), unchanged)
	require.NoError(t, err, "%s", text)
	for _, want := range []string{
		"waits in queue parcels", "offered to Zhao Lei", "because: ", "keeps the place in the queue", "ring 2 is open to it",
		"talks to Chen Jie (8102, beijing)", "left the queue without an agent: abandoned", "recorded: ",
		"8 calls: 7 answered and recorded, 1 given up. 1 offer rang out.",
		"switchroom recordings verify -c ", "switchroom recordings list -c ", dir,
	} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "\x1b")
	wavs := recordingsIn(t, dir)
	require.Len(t, wavs, 7)
	for _, path := range wavs {
		require.Contains(t, text, path)
	}
}

func TestTheDemonstrationFailsWhenARecordingIsMissing(t *testing.T) {
	t.Parallel()
	c := newCast()
	c.agents, c.callers = c.agents[1:2], c.callers[1:2]
	c.callers[0].at, c.callers[0].turns = 0, 1
	text, _, err := show(t.Context(), t, c, func(text string) string {
		return strings.Replace(text, "record: always", "record: never", 1)
	})
	require.ErrorContains(t, err, "of 1 recordings 0 are complete")
	require.NotContains(t, text, "Play, verify, list")
}

func TestAnInterruptedDemonstrationEndsSoonAndKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	defer once.Do(cancel)
	go func() {
		time.Sleep(4 * time.Second) // amid talks and rings
		once.Do(cancel)
	}()
	_, dir, err := show(ctx, t, newCast(), unchanged)
	require.ErrorIs(t, err, context.Canceled)
	require.NotEmpty(t, recordingsIn(t, dir), "calls that were up are kept as far as they went")
}

func TestPortsThatAreTakenMeanwhileAreReplaced(t *testing.T) {
	t.Parallel()
	var seen []string
	err := Run(t.Context(), io.Discard, Options{Dir: t.TempDir(), Start: func(_ context.Context, text []byte) (func() error, error) {
		seen = append(seen, string(text))
		return nil, fmt.Errorf("server: http.listen: %w", syscall.EADDRINUSE)
	}})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.Len(t, seen, 3)
	require.NotEqual(t, seen[0], seen[1])
}

func TestASwitchThatDoesNotStartIsReported(t *testing.T) {
	t.Parallel()
	_, dir, err := show(t.Context(), t, newCast(), func(string) string { return "nonsense: 1\n" })
	var faults configs.Faults
	require.ErrorAs(t, err, &faults)
	_, err = os.Stat(filepath.Join(dir, "demo.yaml"))
	require.NoError(t, err)
}
