package structs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
)

// The committed files are up to date.
func TestGenerated(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	_, err := generate.ReadConfig(filepath.Join(root, "oapi-config.yaml"))
	require.NoError(t, err)
	files, err := Files(root)
	require.NoError(t, err)
	require.Equal(t, 7, len(files)) // printing the files would take megabytes
	for _, f := range files {
		committed, err := os.ReadFile(f.Name)
		require.NoError(t, err)
		require.Equal(t, string(committed), string(f.Data), f.Name)
	}
}
