// Package pipelinetest describes small documents in tests.
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

// Sources are the texts of the files that a description is made of.
type Sources struct {
	Documents [][2]string // name and text
	Overlay   string
	Config    string // oapi-config.yaml; names in Go are checked if it is not empty
	Beside    string // a Go file
	Published bool
	Omit      bool // leave out what is not supported
	Shipped   string
	Locked    string // names.lock
}

// Result is what became of them.
type Result struct {
	Err, YAML, JSON, Report string
	Exclude                 []string
}

var grouped = regexp.MustCompile(`, x-go-(?:groups?|operations): (\{.*?\}|\[.*?\])`)

// Run describes what the sources say.
func Run(t testing.TB, s Sources) Result {
	t.Helper()
	file := func(name, text string) tree.File {
		if text == "" {
			name = ""
		}
		return tree.File{Name: name, Data: []byte(text)}
	}
	in := pipeline.Sources{
		Overlay: file("o.yaml", s.Overlay), Shipped: file("shipped.yaml", s.Shipped), Locked: lock.Read([]byte(s.Locked)),
		Published: s.Published, OmitUnsupported: s.Omit,
	}
	for _, d := range s.Documents {
		in.Documents = append(in.Documents, tree.File{Name: d[0], Data: []byte(d[1])})
	}
	if s.Config != "" {
		var config codegen.Configuration
		require.NoError(t, yaml.Unmarshal([]byte(s.Config), &config))
		require.NoError(t, generate.SetUp(config))
		in.Generator = &names.Generator{Beside: []tree.File{{Name: "beside.go", Data: []byte(cmp.Or(s.Beside, "package gen"))}}}
	}
	d, err := pipeline.Describe(in)
	if err != nil {
		return Result{Err: pipeline.Lines(err)}
	}
	// Groups are in each operation; they have tests of their own.
	return Result{YAML: grouped.ReplaceAllString(string(d.YAML), ""), JSON: string(d.JSON), Report: d.Report(), Exclude: d.Exclude}
}

// Texts are documents called a.yaml, b.yaml and so on.
func Texts(texts ...string) (documents [][2]string) {
	for i, text := range texts {
		documents = append(documents, [2]string{string(rune('a'+i)) + ".yaml", text})
	}
	return documents
}

// Heads of documents: three lines, so that what follows is from line 4 on.
const (
	HeadA = "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example/api/a'}]\n"
	HeadB = "openapi: 3.1.0\ninfo: {title: B, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n"
	// NoChange is an overlay that changes nothing but the title.
	NoChange = "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions: [{target: $.info, update: {title: O}}]\n"
)

// Returns is the rest of an operation that returns what a schema describes.
func Returns(schema string) string {
	return "responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/" + schema + "'}}}}}"
}

// RequireMerged compares the YAML that documents become, but its first line.
func RequireMerged(t *testing.T, want, overlay string, documents ...string) {
	t.Helper()
	r := Run(t, Sources{Overlay: overlay, Documents: Texts(documents...)})
	require.Equal(t, "", r.Err)
	_, body, _ := strings.Cut(r.YAML, "\n")
	require.Equal(t, want, body)
}

// RequireErrors compares all errors that documents cause.
func RequireErrors(t *testing.T, want []string, overlay string, documents ...string) {
	t.Helper()
	r := Run(t, Sources{Overlay: overlay, Documents: Texts(documents...)})
	require.Equal(t, want, strings.Split(strings.TrimSuffix(r.Err, "\n"), "\n"))
	require.Empty(t, r.YAML)
}
