package tree

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// If one file cannot be written, none is replaced, and nothing is left behind.
func TestWriteFilesAllOrNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(in("a"), []byte("before"), 0o600))
	for _, second := range []string{filepath.Join("none", "b"), ""} {
		require.Error(t, WriteFiles([]File{{in("a"), []byte("after")}, {in(second), []byte("after")}}))
		text, err := os.ReadFile(in("a"))
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
	}
	require.NoError(t, WriteFiles([]File{{in("a"), []byte("after")}, {in("b"), []byte("after")}}))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	mode := func(name string) os.FileMode {
		info, err := os.Stat(in(name))
		require.NoError(t, err)
		return info.Mode()
	}
	require.NoError(t, os.WriteFile(in("usual"), nil, 0o644))
	require.Equal(t, mode("usual"), mode("b"))
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	set := NewSet()
	set.ReadFile("missing.yaml")
	require.ErrorIs(t, set.Err(), os.ErrNotExist)
}
