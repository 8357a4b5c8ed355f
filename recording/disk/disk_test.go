package disk

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNothingLeavesTheRoot(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	files, err := Open(filepath.Join(dir, "root"))
	require.NoError(t, err)
	defer files.Close()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "root", "link")))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "root", "up")))
	for _, name := range []string{"../outside", "link", "up/outside", outside} {
		_, err := files.Open(name)
		require.Error(t, err, name)
		_, err = files.Edit(name)
		require.Error(t, err, name)
	}
	require.Error(t, files.Rename("../outside", "x"))
	require.Error(t, files.Rename("up/outside", "x"))
	_, err = files.Create("up/new")
	require.Error(t, err)
	b, err := os.ReadFile(outside)
	require.NoError(t, err)
	require.Equal(t, "secret", string(b))
}

func TestFilesAreMadeReplacedSyncedAndListed(t *testing.T) {
	files, err := Open(filepath.Join(t.TempDir(), "a", "b"))
	require.NoError(t, err)
	defer files.Close()
	var open []File
	for i := range 2 * 8 { // few are synced one by one, many together
		f, err := files.Create("2026/11/23/" + strconv.Itoa(i))
		require.NoError(t, err)
		_, err = f.WriteAt([]byte("sound"), 3)
		require.NoError(t, err)
		open = append(open, f)
		require.NoError(t, files.Sync(open, []string{"2026/11/23", "."}))
	}
	_, err = files.Create("2026/11/23/0")
	require.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, files.Rename("2026/11/23/0", "2026/11/23/1"))
	entries, err := files.ReadDir("2026/11/23")
	require.NoError(t, err)
	require.Len(t, entries, 15)
	b, err := ReadFile(files, "2026/11/23/1", 8)
	require.NoError(t, err)
	require.Equal(t, "\x00\x00\x00sound", string(b))
	_, err = ReadFile(files, "2026/11/23/1", 7)
	require.ErrorIs(t, err, errTooLong)
	free, total, err := files.Free()
	require.NoError(t, err)
	require.Positive(t, free)
	require.GreaterOrEqual(t, total, free)
	for _, f := range open {
		require.NoError(t, f.Close())
	}
	require.Error(t, files.Sync(open[:1], nil), "a file that cannot be synced is told")
}
