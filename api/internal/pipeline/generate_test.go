package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
	"github.com/stretchr/testify/require"
)

// If a step of Generate fails, no file is changed; if all succeed, all are written.
func TestAllOrNothing(t *testing.T) {
	if testing.Short() || pipeline.RaceEnabled {
		t.Skip("it builds the generator and the client")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	root := copyModule(t)
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	outputs := []string{filepath.Join(root, "api", "openapi.yaml"), filepath.Join(root, "api", "openapi.json"), filepath.Join(root, "gen", "sip_gateways.gen.go"), filepath.Join(root, "api", "INDEX.md")}
	before := map[string]string{}
	for _, name := range outputs {
		before[name] = read(t, name)
	}
	// Each of these goes wrong in a step of its own, after a change of the
	// description that all outputs show.
	overlay := filepath.Join(root, "api", "overlay.yaml")
	write(overlay, strings.Replace(read(t, overlay), "title: SignalWire REST API", "title: Another", 1))
	write(filepath.Join(root, "api", "fabric.yaml"), strings.Replace(read(t, filepath.Join(root, "api", "fabric.yaml")), "Creates a SIP gateway", "Creates a new SIP gateway", 1))
	for name, broken := range map[string]string{
		overlay: "overlay: 1.1.0\n",
		filepath.Join(root, "gen", "templates", "client-with-responses.tmpl"): "var wrong int = \"text\"\n",
	} {
		right := read(t, name)
		write(name, broken)
		_, err := pipeline.Generate(t.Context(), root)
		require.Error(t, err, name)
		write(name, right)
		for _, output := range outputs {
			require.Equal(t, before[output], read(t, output), "%s was replaced, though %s is broken", output, name)
		}
		left, err := filepath.Glob(filepath.Join(root, "*", "*.tmp"))
		require.NoError(t, err)
		require.Empty(t, left)
	}

	unapplied, err := pipeline.Generate(t.Context(), root)
	require.NoError(t, err)
	require.Empty(t, unapplied, "corrections in overlay.yaml that do not apply; mend or delete them")
	for _, output := range outputs {
		require.NotEqual(t, before[output], read(t, output), output)
	}
}

// copyModule copies the files of this module that Generate and Import read and write.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"api", "gen"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "wrapper"), 0o700))
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "oapi-config.yaml", "wrapper/variants_gen_test.go"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(read(t, filepath.Join(root, name))), 0o600))
	}
	return dir
}
