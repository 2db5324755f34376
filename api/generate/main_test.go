package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAllOrNothing: whichever step fails, the files stay as they are; when all
// succeed, all are new.
func TestAllOrNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the generator and the client")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	root := t.TempDir()
	for _, name := range []string{"api", "gen"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, name), os.DirFS("../../"+name)))
	}
	read := func(name string) string {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(text)
	}
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "oapi-config.yaml"} {
		write(filepath.Join(root, name), read("../../"+name))
	}
	t.Chdir(filepath.Join(root, "gen"))
	outputs := []string{"../api/openapi.yaml", "../api/openapi.json", "signalwire.gen.go", "INDEX.md"}
	before := map[string]string{}
	for _, name := range outputs {
		before[name] = read(name)
	}
	byHand := []string{"call.go", "swml.go", "union.go"}

	// Each of these goes wrong in a step of its own, after a change of the
	// description that all outputs show.
	overlay := "../api/overlay.yaml"
	write(overlay, strings.Replace(read(overlay), "title: SignalWire REST API", "title: Another", 1))
	write("../api/fabric.yaml", strings.Replace(read("../api/fabric.yaml"), "Makes a SIP gateway", "Makes a new SIP gateway", 1))
	for name, broken := range map[string]string{
		overlay:                                "overlay: 1.1.0\n",
		"templates/client-with-responses.tmpl": "var wrong int = \"text\"\n",
		"../api/index/main.go":                 "package main\n\nfunc main() { panic(1) }\n",
	} {
		right := read(name)
		write(name, broken)
		require.Error(t, generate(byHand), name)
		write(name, right)
		for _, output := range outputs {
			require.Equal(t, before[output], read(output), "%s was replaced, though %s is broken", output, name)
		}
		left, err := filepath.Glob("../.generating-*")
		require.NoError(t, err)
		require.Empty(t, left)
	}

	require.NoError(t, generate(byHand))
	for _, output := range outputs {
		require.NotEqual(t, before[output], read(output), output)
	}
}
