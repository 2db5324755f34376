package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// What the generator and the compiler refuse is reported with its place in the document.
func TestErrorsHavePlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	const thing = "{$ref: '#/components/schemas/Thing'}"
	for _, test := range []struct{ name, schema, property, want string }{
		{"generator", thing, "x-go-name: a b", `the generator: x-go-name in property "a" in schema "Thing" must be a valid Go identifier: "a b" (a.yaml:7)`},
		{"generator, without a name", "{type: object, properties: {a: {allOf: [{type: string}, {type: integer}]}}}", "description: d", "incompatible types: [string], [integer] (a.yaml:4)"},
		{"compiler", thing, "x-go-type: time.Missing", "\na.yaml:7: Thing: undefined: time.Missing (signalwire.gen.go:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, err := filepath.Abs("../../..")
			require.NoError(t, err)
			t.Chdir(t.TempDir())
			document := "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n" +
				"paths: {/a: {get: {operationId: get_a, description: d, responses: {'200': {description: d, content: {application/json: {schema: " + test.schema + "}}}}}}}\n" +
				"components:\n  schemas:\n    Thing: {type: object, properties: {a: {type: string, " + test.property + "}}}\n"
			require.NoError(t, os.WriteFile("a.yaml", []byte(document), 0o600))
			_, err = pipeline.Import(t.Context(), root, []string{"a.yaml"}, "out", pipeline.Options{})
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "command-line-arguments")
			require.NoDirExists(t, "out")
		})
	}
}

// The file of a group is compiled on all systems, whatever the group is called.
func TestFilesOfGroups(t *testing.T) {
	files, err := generate.Split([]byte("package gen\n\nimport \"context\"\n\ntype AppsAndroid struct{}\n\nfunc (s *AppsAndroid) Get(ctx context.Context) {}\n\ntype SIPGateways struct{}\n\nfunc (s *SIPGateways) Get(ctx context.Context) {}\n"))
	require.NoError(t, err)
	require.Contains(t, files, "apps_android_group.gen.go")
	require.Contains(t, files, "sip_gateways.gen.go")
}
