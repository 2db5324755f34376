package compat

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

func TestWhatBreaks(t *testing.T) {
	t.Parallel()
	for want, changelog := range map[string]string{
		"\n- gone\n":       "# Changes\n\n## Unreleased\n### New\n- new\n### What breaks\n- gone\n\n## 0.1.0\n- old\n",
		" this\n\n- first": "# Changes\n\n## Unreleased\n\n## 0.1.0\n\n### What breaks this\n\n- first\n### New\n- other\n",
		"\n- only":         "## 1.0.0\n### What breaks\n- only\n### A\n",
		"":                 "# Changes\n\n## 1.0.0\n- new\n\n## 0.1.0\n### What breaks\n- old\n",
	} {
		require.Equal(t, want, whatBreaks(changelog), changelog)
	}
	require.Empty(t, whatBreaks("# Changes\n\nNothing yet.\n"))
}

// The gate looks at every package that other programs can import.
func TestPackagesAreCompared(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	compared := map[string]bool{}
	for _, pattern := range packages {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, name := range names {
			compared[name] = true
		}
	}
	packages := map[string]string{} // the folders, with one file each
	for _, folder := range []string{"gen", "wrapper"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(name string, entry fs.DirEntry, err error) error {
			if entry.IsDir() && slices.Contains([]string{"internal", "examples", "testdata"}, entry.Name()) {
				return filepath.SkipDir
			}
			if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				packages[filepath.Dir(name)] = name
			}
			return err
		}))
	}
	require.Greater(t, len(packages), 8)
	for _, name := range packages {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.True(t, compared[name] || strings.Contains(string(text), "\npackage main\n"), name)
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
