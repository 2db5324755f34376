package changes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

// What the tools say about testdata is recorded, so that the tests need no
// network. `make record` runs the tools again.
var record = flag.Bool("record", false, "run oasdiff, the generator and apidiff on testdata, and keep what they say")

func TestMain(m *testing.M) {
	flag.Parse()
	if *record {
		if err := recordTools(context.Background()); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func recordTools(ctx context.Context) error {
	root, err := goapi.Root(ctx)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "record")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	var states [2]state
	for i, name := range []string{"old", "new"} {
		s, goErr, err := load(ctx, root, filepath.Join("testdata", name+".yaml"), filepath.Join(temp, name))
		if err := errors.Join(goErr, err); err != nil {
			return err
		}
		generated, err := os.ReadFile(filepath.Join(s.module, "gen", "signalwire.gen.go"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join("testdata", name+".gen.go"), generated, 0o644); err != nil {
			return err
		}
		states[i] = s
	}
	found, err := goapi.Run(ctx, temp, "go", diffArgs(states[0].description, states[1].description)...)
	if err != nil {
		return err
	}
	var parsed any
	if err := json.Unmarshal(found, &parsed); err != nil {
		return err
	}
	sortSets(parsed)
	if err := writeJSON("testdata/oasdiff.json", parsed); err != nil {
		return err
	}
	changes, err := goapi.Compare(ctx, states[0].module, states[1].module, "gen")
	if err != nil {
		return err
	}
	return writeJSON("testdata/apidiff.json", changes)
}

// sortSets sorts the lists of names, whose order oasdiff leaves to chance.
func sortSets(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			sortSets(inner)
		}
	case []any:
		for _, inner := range v {
			sortSets(inner)
		}
		slices.SortStableFunc(v, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	}
}

func writeJSON(file string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func recorded(t *testing.T) input {
	t.Helper()
	in := input{titles: [2]string{"v0.1.0", "the work tree"}}
	for i, name := range []string{"old", "new"} {
		var err error
		in.docs[i], err = readDocument("testdata/" + name + ".yaml")
		require.NoError(t, err)
		client, err := os.ReadFile("testdata/" + name + ".gen.go")
		require.NoError(t, err)
		in.names[i], err = goapi.ReadNames(client)
		require.NoError(t, err)
	}
	readJSON(t, "testdata/oasdiff.json", &in.diff)
	readJSON(t, "testdata/apidiff.json", &in.goChanges)
	return in
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, v))
}

func TestReport(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/report.md", recorded(t))
}

// Where the generator fails on a new description, the descriptions still tell.
func TestReportWithoutGo(t *testing.T) {
	t.Parallel()
	in := recorded(t)
	in.names, in.goChanges, in.goErr = [2]*goapi.Names{}, nil, errors.New("the generator failed")
	golden(t, "testdata/report-without-go.md", in)
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	in := recorded(t)
	in.docs[1], in.names[1], in.diff, in.goChanges = in.docs[0], in.names[0], nil, nil
	got, err := report(in)
	require.NoError(t, err)
	require.Equal(t, "API changes from v0.1.0 to the work tree: 11 operations, were 11.\n\n### Breaks callers\n\nNone.\n\n### Changes behaviour\n\nNone.\n\n### Additions\n\nNone.\n", got)
}

func TestReportOfWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	in := recorded(t)
	in.diff = findings{"paths": json.RawMessage(`{"added": {"/things": true}}`)}
	_, err := report(in)
	require.ErrorContains(t, err, `oasdiff says {"added": {"/things": true}}`)
}

func golden(t *testing.T, file string, in input) {
	t.Helper()
	got, err := report(in)
	require.NoError(t, err)
	if *record {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// A description that `make generate` wrote has its client beside it; that one is
// compared, as it may have been generated with names of its own.
func TestLoad(t *testing.T) {
	t.Parallel()
	made := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(made, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	description := write("openapi.json", `{"openapi": "3.1.0"}`)
	write("gen/"+generated, "package gen")
	s, goErr, err := load(t.Context(), "../../..", description, filepath.Join(t.TempDir(), "new"))
	require.NoError(t, errors.Join(goErr, err))
	require.Equal(t, description, s.description)
	text, err := os.ReadFile(filepath.Join(s.module, "gen", generated))
	require.NoError(t, err)
	require.Equal(t, "package gen", string(text))
	require.FileExists(t, filepath.Join(s.module, "go.mod"))

	s, goErr, err = load(t.Context(), "../../..", "", t.TempDir())
	require.NoError(t, errors.Join(goErr, err))
	require.FileExists(t, s.description)

	_, _, err = load(t.Context(), "../../..", "no-such-thing", t.TempDir())
	require.ErrorContains(t, err, `no-such-thing is no file, and git knows no revision "no-such-thing"`)
	_, err = readDocument(write("bad.yaml", "a: [b"))
	require.ErrorContains(t, err, "bad.yaml: yaml: line 1")
}
