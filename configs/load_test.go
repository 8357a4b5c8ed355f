package configs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEverySampleFileLoadsWithoutAWarning(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.Contains(t, files, "default.yaml")
	require.Contains(t, files, "switchroom.yaml")
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		c, err := parse(f, text, PortRange{32768, 60999})
		require.NoError(t, err, f)
		require.Empty(t, c.Warnings, f)
		require.Regexp(t, "^[0-9a-f]{12}$", c.Version)
	}
}

func mustRead(t require.TestingT, path string) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
