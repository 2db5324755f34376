// Package pipelinetest makes descriptions of small documents, for tests of the packages
// that package pipeline calls.
package pipelinetest

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Sources are the texts of the files that a description is made of; see
// pipeline.Sources. All but Documents can be empty.
type Sources struct {
	Documents [][2]string // the names and texts of the OpenAPI documents
	Overlay   string      // overlay.yaml
	Config    string      // oapi-config.yaml; without it, no Go names are chosen or checked
	Beside    string      // a Go file in package gen
	Published bool
	Omit      bool   // OmitUnsupported
	Shipped   string // openapi.yaml
	Locked    string // names.lock
}

// Result is a description, or the text of the error.
type Result struct {
	Err, YAML, JSON, Report string
	Exclude                 []string
}

var groupExtensions = regexp.MustCompile(`, x-go-(?:groups?|operations): (\{.*?\}|\[.*?\])`)

// Run calls pipeline.Describe. The YAML of the result lacks the extensions about groups,
// which package groups has tests for.
func Run(t testing.TB, s Sources) Result {
	t.Helper()
	in := pipeline.Sources{Locked: lock.Read([]byte(s.Locked)), Published: s.Published, OmitUnsupported: s.Omit}
	for _, d := range s.Documents {
		in.Documents = append(in.Documents, tree.File{Name: d[0], Data: []byte(d[1])})
	}
	if s.Overlay != "" {
		in.Overlays = []tree.File{{Name: "o.yaml", Data: []byte(s.Overlay)}}
	}
	if s.Shipped != "" {
		in.Shipped = tree.File{Name: "shipped.yaml", Data: []byte(s.Shipped)}
	}
	if s.Config != "" {
		var config codegen.Configuration
		require.NoError(t, yaml.Unmarshal([]byte(s.Config), &config))
		require.NoError(t, generate.SetUp(config))
		in.Generator = &names.Generator{Beside: []tree.File{{Name: "beside.go", Data: []byte(cmp.Or(s.Beside, "package gen"))}}}
	}
	d, err := pipeline.Describe(in)
	if err != nil {
		return Result{Err: pipeline.FormatError(err)}
	}
	return Result{YAML: groupExtensions.ReplaceAllString(string(d.YAML), ""), JSON: string(d.JSON), Report: d.Report(), Exclude: d.Exclude}
}

// Texts returns documents with the names a.yaml, b.yaml and so on.
func Texts(texts ...string) (documents [][2]string) {
	for i, text := range texts {
		documents = append(documents, [2]string{string(rune('a'+i)) + ".yaml", text})
	}
	return documents
}

// HeadA and HeadB are the first three lines of a document.
const (
	HeadA = "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example/api/a'}]\n"
	HeadB = "openapi: 3.1.0\ninfo: {title: B, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n"
	// NoChange is an overlay that changes only the title.
	NoChange = "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions: [{target: $.info, update: {title: O}}]\n"
)

// Returns returns the responses of an operation: a 200 with the given schema.
func Returns(schema string) string {
	return "responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/" + schema + "'}}}}}"
}

// RequireMerged requires that documents are merged into the given YAML, which lacks the
// first line.
func RequireMerged(t *testing.T, want, overlay string, documents ...string) {
	t.Helper()
	r := Run(t, Sources{Overlay: overlay, Documents: Texts(documents...)})
	require.Equal(t, "", r.Err)
	_, body, _ := strings.Cut(r.YAML, "\n")
	require.Equal(t, want, body)
}

// RequireErrors requires that merging documents fails with exactly the given errors.
func RequireErrors(t *testing.T, want []string, overlay string, documents ...string) {
	t.Helper()
	r := Run(t, Sources{Overlay: overlay, Documents: Texts(documents...)})
	require.Equal(t, want, strings.Split(strings.TrimSuffix(r.Err, "\n"), "\n"))
	require.Empty(t, r.YAML)
}
