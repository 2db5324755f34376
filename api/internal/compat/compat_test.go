package compat

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

func TestNewestSection(t *testing.T) {
	t.Parallel()
	for want, changelog := range map[string]string{
		"- new\n":         "# Changes\n\n## Unreleased\n- new\n\n## 0.1.0\n- old\n",
		"\n- first\n":     "# Changes\n\n## Unreleased\n\n## 0.1.0\n\n- first\n",
		"- only\n### A\n": "## 1.0.0\n- only\n### A\n",
		"":                "# Changes\n\nNothing yet.\n",
	} {
		require.Equal(t, want, newestSection(changelog), changelog)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	text := "- `gen.SIPGateway.Name` is gone, `gen.Client.All…` yield pointers, and so does gen.Client.Other.\n- Types `gen.SWML*`; `signalwire.Ptr`, see wrapper/readme_test.go. Nothing about gen.Codec. Every `gen.….Values`."
	for symbol, want := range map[string]bool{
		"gen.SIPGateway.Name":     true,
		"gen.SIPGateway.NameToo":  false,
		"gen.SIPGateway":          false,
		"gen.Client.AllResources": true,
		"gen.Client.GetResource":  false,
		"gen.Client.Other":        true,
		"signalwire.Client.Other": false,
		"gen.Other":               false,
		"gen.SWMLPlay.URL":        true,
		"signalwire.Ptr":          true,
		"gen.Cipher.Values":       true,
		"gen.Cipher.Valid":        false,
		"signalwire.PtrTo":        false,
		"gen.Codec":               true,
		"wrapper/readme_test.go":  true,
		"wrapper/example_test.go": false,
		"wrapper/readme_test.gox": false,
	} {
		require.Equal(t, want, names(text, symbol), symbol)
	}
	require.False(t, names("… and * and gen… and gen.… say nothing in particular", "gen.Codec"))
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.Equal(t, []goapi.Change{
		{Symbol: "wrapper/readme_test.go", Description: "12:3: undefined: signalwire.Ptr", Breaks: true},
		{Symbol: "wrapper/examples/otel/main.go", Description: "5:1: undefined: gen.Gone", Breaks: true},
	}, append(
		compileErrors(dir, dir, "# example.com/earlier/wrapper [x.test]\nwrapper/readme_test.go:12:3: undefined: signalwire.Ptr\nFAIL\n"),
		compileErrors(dir, filepath.Join(dir, "wrapper", "examples", "otel"), "./main.go:5:1: undefined: gen.Gone\n")...,
	))
	require.Empty(t, compileErrors(dir, dir, "go: no network\n"))
}

// What the gate relies on is there: examples in the places it looks at, and nothing
// but these.
func TestExamplesAreFound(t *testing.T) {
	t.Parallel()
	if _, err := goapi.Run(t.Context(), "../../..", "git", "rev-parse"); err != nil {
		t.Skipf("these files are not in a git repository, as in an archive of the source: %v", err)
	}
	out, err := goapi.Run(t.Context(), "../../..", "git", append([]string{"ls-files", "--"}, examples...)...)
	require.NoError(t, err)
	files := strings.Fields(string(out))
	for _, file := range []string{"wrapper/readme_test.go", "wrapper/example_test.go", "wrapper/signalwiretest/example_test.go", "wrapper/examples/patch/main.go"} {
		require.Contains(t, files, file)
	}
	require.NotContains(t, files, "wrapper/edit_test.go")
}
