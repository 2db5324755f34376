package compat

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewest(t *testing.T) {
	t.Parallel()
	for want, changelog := range map[string]string{
		"- new\n":         "# Changes\n\n## Unreleased\n- new\n\n## 0.1.0\n- old\n",
		"\n- first\n":     "# Changes\n\n## Unreleased\n\n## 0.1.0\n\n- first\n",
		"- only\n### A\n": "## 1.0.0\n- only\n### A\n",
		"":                "# Changes\n\nNothing yet.\n",
	} {
		require.Equal(t, want, newest(changelog), changelog)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	text := "- `gen.SIPGateway.Name` is gone, `gen.Client.All…` yield pointers, and so does Client.Other.\n- Types `gen.SWML*`; `signalwire.Ptr`, see wrapper/readme_test.go. Nothing about gen.Codec."
	for symbol, want := range map[string]bool{
		"gen.SIPGateway.Name":     true,
		"gen.SIPGateway.NameToo":  false,
		"gen.SIPGateway":          false,
		"gen.Client.AllResources": true,
		"gen.Client.GetResource":  false,
		"gen.Client.Other":        true,
		"signalwire.Client.Other": true,
		"gen.Other":               false,
		"gen.SWMLPlay.URL":        true,
		"signalwire.Ptr":          true,
		"signalwire.PtrTo":        false,
		"gen.Codec":               true,
		"wrapper/readme_test.go":  true,
		"wrapper/example_test.go": false,
		"wrapper/readme_test.gox": false,
	} {
		require.Equal(t, want, named(text, symbol), symbol)
	}
	require.False(t, named("… and * and gen… and gen.… say nothing in particular", "gen.Codec"))
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.Equal(t, []string{
		"wrapper/readme_test.go:12:3: undefined: signalwire.Ptr",
		"wrapper/examples/otel/main.go:5:1: undefined: gen.Gone",
	}, append(
		compileErrors(dir, dir, "# example.com/earlier/wrapper [x.test]\nwrapper/readme_test.go:12:3: undefined: signalwire.Ptr\nFAIL\n"),
		compileErrors(dir, filepath.Join(dir, "wrapper", "examples", "otel"), "./main.go:5:1: undefined: gen.Gone\n")...,
	))
	require.Empty(t, compileErrors(dir, dir, "go: no network\n"))
}

// What the gate relies on is there: examples in the places it looks at.
func TestExamplesAreFound(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"wrapper/readme_test.go", "wrapper/example_test.go", "wrapper/signalwiretest/example_test.go", "wrapper/examples/patch/main.go"} {
		require.True(t, isExample(file), file)
		_, err := os.Stat(filepath.Join("../../..", file))
		require.NoError(t, err)
	}
	require.False(t, isExample("wrapper/edit_test.go"))
	require.False(t, isExample("api/example_test.go"))
}
