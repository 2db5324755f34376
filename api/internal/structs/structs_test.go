package structs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
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

// TestTypesOfValues: a document in which one value has another type, or a name that it refers
// to is misspelled, makes a package or an error that names the file.
func TestTypesOfValues(t *testing.T) {
	module, root := filepath.Join("..", "..", ".."), t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(root, "gen", "templates"), os.DirFS(filepath.Join(module, "gen", "templates"))))
	require.NoError(t, os.Mkdir(filepath.Join(root, "api"), 0o700))
	text, err := os.ReadFile(filepath.Join(module, "api", "swml-messaging.yaml"))
	require.NoError(t, err)
	var content yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &content))
	file, refused := filepath.Join(root, "api", "swml-messaging.yaml"), 0
	values, i := []string{"null", "7", "[odd]", "{odd: {odd: 1}}"}, 0
	tree.EachNode(content.Content[0], func(n *yaml.Node) {
		var value yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(values[i%len(values)]), &value))
		i++
		old := *n
		*n = *value.Content[0]
		text, err := yaml.Marshal(content.Content[0])
		*n = old
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, text, 0o600))
		if _, err := (document{"swml-messaging", "swml", "gen/swml/messaging", "#"}).files(root); err != nil {
			require.ErrorContains(t, err, file)
			refused++
		}
	})
	require.Greater(t, refused, 100)
}
