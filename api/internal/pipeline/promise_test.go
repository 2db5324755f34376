package pipeline

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// versions is the folder with the structure of published versions. It is a separate
// module, so that users of this module do not download it.
const versions = "../../testdata/published"

var (
	record = flag.String("record", "", "a folder with folders of published documents, to keep the structure of")
	again  = flag.Bool("again", false, "write breaks.txt of each published version")
)

// program makes one call.
const program = `package main

import (
	"context"
	"fmt"
	"os"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	client, err := signalwire.New("acme", signalwire.WithBaseURL(os.Args[1]), signalwire.WithCredentials("project", "token"))
	if err != nil {
		panic(err)
	}
	list, err := client.Subscribers.List(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Print(list.Data[0].DisplayName)
}
`

// TestMain collects memory as rarely as api/cmd does.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	m.Run()
}

// RaceEnabled reports whether the race detector is on. Tests that generate several clients of
// the whole description are skipped then: they are much slower with it, and the pipeline runs
// in one goroutine.
var RaceEnabled bool

// The client of each published version compiles and works with package signalwire, and
// its operations have the names in names.lock. breaks.txt of the version lists what
// breaks programs that were written for the committed client, because the version does
// not have it or describes it differently. If SignalWire renames all schemas of the newest one,
// no name is lost, and none is new.
func TestPublishedVersions(t *testing.T) {
	if testing.Short() || RaceEnabled {
		t.Skip("compiles a client of each version, in which the race detector sees nothing")
	}
	if *record != "" {
		keep(t, *record)
	}
	ours, err := goapi.Read("../../../gen", "*.gen.go")
	require.NoError(t, err)
	require.NotEmpty(t, ours)

	sets, err := filepath.Glob(versions + "/*/*.json.gz")
	require.NoError(t, err)
	byVersion := map[string][]string{}
	for _, name := range sets {
		version := filepath.Base(filepath.Dir(name))
		byVersion[version] = append(byVersion[version], name)
	}
	require.GreaterOrEqual(t, len(byVersion), 8)
	all := tree.SortedKeys(byVersion)
	for _, version := range all {
		t.Run(version, func(t *testing.T) {
			sources, err := readSources("../../..", Sources{Published: true}, unpack(t, byVersion[version])...)
			require.NoError(t, err)
			made, err := generateClient("../../..", sources)
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "signalwire.gen.go"), made.code, 0o600))
			require.Equal(t, "Ann", oneCall(t, dir))

			for place, o := range made.names.Operations {
				if known := sources.Locked.Operations[place]; known != nil {
					require.Equal(t, known.Name, o.Name)
				}
			}
			theirs, err := goapi.ReadClient(made.code)
			require.NoError(t, err)
			var breaks strings.Builder
			for _, change := range goapi.Compare(ours, theirs) {
				if change.Breaks {
					fmt.Fprintf(&breaks, "%s: %s\n", change.Symbol, change.Description)
				}
			}
			list := filepath.Join(versions, version, "breaks.txt")
			if *again || *record != "" {
				require.NoError(t, os.WriteFile(list, []byte(breaks.String()), 0o644))
			}
			want, err := os.ReadFile(list)
			require.NoError(t, err)
			require.Equal(t, string(want), breaks.String(), "if this is as it should be: go test ./api/internal/pipeline -run TestPublishedVersions -again")
			if version == all[len(all)-1] {
				other := renamed(t, unpack(t, byVersion[version])[0])
				require.Empty(t, removed(theirs, other))
				require.Empty(t, removed(other, theirs))
			}
		})
	}
}

// The oldest version, in which most schemas have other names, can be imported into the
// module. No name is lost that the client of the version alone has, and Generate makes
// the same files again.
func TestImportOlder(t *testing.T) {
	if testing.Short() || RaceEnabled {
		t.Skip("compiles several clients")
	}
	root, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	for _, name := range []string{"api", "gen"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, name), os.DirFS("../../../"+name)))
	}
	require.NoError(t, os.Mkdir(filepath.Join(root, "wrapper"), 0o700))
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "oapi-config.yaml", "wrapper/variants_gen_test.go"} {
		text, err := os.ReadFile("../../../" + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, name), text, 0o600))
	}
	read := func(names ...string) string {
		text, err := os.ReadFile(filepath.Join(names...))
		require.NoError(t, err)
		return string(text)
	}
	api := func(folder string) goapi.API {
		api, err := goapi.Read(folder, "gen/*.gen.go")
		require.NoError(t, err)
		return api
	}
	known := api(root)
	set, err := filepath.Glob(versions + "/2026-01-16/*.json.gz")
	require.NoError(t, err)
	_, err = Import(t.Context(), root, unpack(t, set), out, Options{Into: true, LoseNames: true})
	require.NoError(t, err)
	require.Contains(t, read(out, "REPORT.md"), "## Corrections that did not apply\n\nActions of the overlay that match nothing here, change nothing, or name what is not here.\n\n- "+filepath.Join(root, "api", "overlay.yaml"))
	gone, lost := removed(known, api(out)), removed(known, api(root))
	require.Empty(t, slices.DeleteFunc(lost, func(name string) bool { return slices.Contains(gone, name) }))

	require.Equal(t, "Ann", oneCall(t, filepath.Join(root, "gen")))

	made := func() map[string]string {
		files := map[string]string{}
		for _, pattern := range []string{"gen/*.gen.go", "api/INDEX.md", "api/openapi.*", "api/names.lock"} {
			names, err := filepath.Glob(filepath.Join(root, pattern))
			require.NoError(t, err)
			for _, name := range names {
				files[name] = read(name)
			}
		}
		return files
	}
	before := made()
	_, err = Generate(t.Context(), root)
	require.NoError(t, err)
	for name, text := range made() {
		require.True(t, before[name] == text, "%s is not made again as it was", name)
	}
}

// renamed returns the API of the client of a published version in which all schemas have other
// names, as by a prefix and a suffix.
func renamed(t *testing.T, file string) goapi.API {
	set := tree.NewSet()
	root := set.Load(set.ReadFile(file))
	require.NoError(t, set.Err())
	names := map[string]string{}
	for name := range tree.Entries(tree.Schemas(root)) {
		names[name.Value] = "Api" + strings.ReplaceAll(name.Value, ".", "") + "Dto"
	}
	tree.RenameSchemas(root, names)
	require.NoError(t, os.WriteFile(file, tree.EncodeJSON(root), 0o600))
	sources, err := readSources("../../..", Sources{Published: true}, file)
	require.NoError(t, err)
	made, err := generateClient("../../..", sources)
	require.NoError(t, err)
	api, err := goapi.ReadClient(made.code)
	require.NoError(t, err)
	return api
}

// removed returns the symbols of an API that another one does not have.
func removed(from, in goapi.API) (symbols []string) {
	for _, change := range goapi.Compare(from, in) {
		if change.Description == goapi.Removed {
			symbols = append(symbols, change.Symbol)
		}
	}
	return symbols
}

// keep writes the structure of published documents to the folder versions.
func keep(t *testing.T, folder string) {
	files, err := filepath.Glob(folder + "/*/*.yaml")
	require.NoError(t, err)
	for _, name := range files {
		set := tree.NewSet()
		root := set.Load(set.ReadFile(name))
		require.NoError(t, set.Err())
		normal.Normalize(set, root)
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		require.NoError(t, err)
		_, err = w.Write(tree.EncodeStructure(root))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		version := filepath.Join(versions, filepath.Base(filepath.Dir(name)))
		require.NoError(t, os.MkdirAll(version, 0o755))
		document := strings.TrimSuffix(filepath.Base(name), ".yaml") + ".json.gz"
		require.NoError(t, os.WriteFile(filepath.Join(version, document), b.Bytes(), 0o644))
	}
}

// unpack decompresses documents into files with their names, in order of precedence.
func unpack(t *testing.T, names []string) (documents []string) {
	dir := t.TempDir()
	slices.SortFunc(names, func(a, b string) int { // a document of all before those of areas
		all := func(name string) int { return strings.Count(name, "signalwire-rest") }
		return cmp.Or(all(b)-all(a), cmp.Compare(a, b))
	})
	for _, name := range names {
		file, err := os.Open(name)
		require.NoError(t, err)
		defer file.Close()
		r, err := gzip.NewReader(file)
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		document := filepath.Join(dir, strings.TrimSuffix(filepath.Base(name), ".gz"))
		require.NoError(t, os.WriteFile(document, withTitle(text), 0o600))
		documents = append(documents, document)
	}
	return documents
}

// oneCall runs program with the generated client in a folder instead of the committed
// one, and returns its output.
func oneCall(t *testing.T, client string) string {
	space := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/api/fabric/resources/subscribers" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"data": [{"display_name": "Ann"}], "links": {}}`)
		}
	}))
	defer space.Close()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	main, list := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	replace := map[string]string{}
	for _, in := range []string{filepath.Join(root, "gen"), client} {
		files, err := filepath.Glob(filepath.Join(in, "*.gen.go"))
		require.NoError(t, err)
		for _, name := range files {
			replace[filepath.Join(root, "gen", filepath.Base(name))] = map[bool]string{true: name}[in == client]
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(main, []byte(program), 0o600))
	require.NoError(t, os.WriteFile(list, overlay, 0o600))
	cmd := exec.CommandContext(t.Context(), "go", "run", "-overlay", list, main, space.URL)
	cmd.Dir = root
	var stderr strings.Builder // The go command reports there which modules it downloads.
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(out)
}

// withTitle adds to a structure the title that a document needs to have.
func withTitle(structure []byte) []byte {
	return bytes.Replace(structure, []byte("\n\"info\":{"), []byte("\n\"info\":{\"title\":\"Published\","), 1)
}

// api/upstream.json is in the form that package normal makes today. If it were in an older
// one, the next import would take the differences for changes of the API.
func TestUpstreamIsInNormalForm(t *testing.T) {
	upstream, err := os.ReadFile("../../../api/upstream.json")
	require.NoError(t, err)
	document := filepath.Join(t.TempDir(), "upstream.json")
	require.NoError(t, os.WriteFile(document, withTitle(upstream), 0o600))
	sources, err := readSources("../../..", Sources{Published: true}, document)
	require.NoError(t, err)
	sources.Generator = nil
	d, err := Describe(sources)
	require.NoError(t, err)
	require.True(t, bytes.Equal(upstream, tree.EncodeStructure(d.upstream)), "the normal form has changed: import the last published version again, with -into gen")
}

// Our own description has every limit of the last published version, so that comments state
// it, and a later change of it is made by the import.
func TestOurOwnHasThePublishedLimits(t *testing.T) {
	set := tree.NewSet()
	published := set.Load(set.ReadFile("../../../api/upstream.json"))
	sources, err := ownSources("../../..")
	require.NoError(t, err)
	sources.Overlays, sources.Generator = nil, nil
	ours, err := Describe(sources)
	require.NoError(t, err)
	limit := regexp.MustCompile("^((exclusive)?(M|m)(in|ax).*|pattern|multipleOf|uniqueItems)$")
	var missing []string
	found := 0
	var compare func(path string, a, b *yaml.Node)
	compare = func(path string, a, b *yaml.Node) {
		target := tree.Dereference(ours.root, b)
		for key := range tree.Entries(a) {
			if !limit.MatchString(key.Value) {
				continue
			}
			if found++; !tree.Has(b, key.Value) && !tree.Has(target, key.Value) {
				missing = append(missing, path+"."+key.Value)
			}
		}
		for name, property := range tree.Entries(tree.Get(a, "properties")) {
			if other := tree.Get(target, "properties", name.Value); other != nil {
				compare(path+"."+name.Value, property, other)
			}
		}
		if items, other := tree.Get(a, "items"), tree.Get(target, "items"); items != nil && other != nil {
			compare(path+"[]", items, other)
		}
	}
	for name, schema := range tree.Entries(tree.Schemas(published)) {
		if own := tree.Get(tree.Schemas(ours.root), name.Value); own != nil {
			compare(name.Value, schema, own)
		}
	}
	require.Empty(t, missing)
	require.NotZero(t, found)
}
