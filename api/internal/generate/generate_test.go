package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// An error of the generator or of the compiler has its position in the document.
func TestErrorsHavePositions(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	const thing = "{$ref: '#/components/schemas/Thing'}"
	for _, test := range []struct{ name, schema, property, want string }{
		{"generator", thing, "x-a: 1}, b: {allOf: [{$ref: '#/components/schemas/Part'}, {type: object, format: f, properties: {c: {type: string}}}]", "converting Schema ThingB to Go type: error merging schemas: error merging schemas for AllOf: can not merge incompatible formats (a.yaml:7)"},
		{"generator, without a name", "{type: array, items: {type: object, properties: {a: {allOf: [{$ref: '#/components/schemas/Part'}, {type: object, format: f, properties: {c: {type: string}}}]}}}}", "description: d", "incompatible formats (a.yaml:4)"},
		{"compiler", thing, "x-go-type: time.Missing", "\na.yaml:7: Thing: undefined: time.Missing (signalwire.gen.go:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, err := filepath.Abs("../../..")
			require.NoError(t, err)
			t.Chdir(t.TempDir())
			document := "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n" +
				"paths: {/a: {get: {operationId: get_a, description: d, responses: {'200': {description: d, content: {application/json: {schema: " + test.schema + "}}}}}}}\n" +
				"components:\n  schemas:\n    Thing: {type: object, properties: {a: {type: string, " + test.property + "}}}\n    Part: {type: object, properties: {p: {type: string}}}\n"
			require.NoError(t, os.WriteFile("a.yaml", []byte(document), 0o600))
			_, err = pipeline.Import(t.Context(), root, []string{"a.yaml"}, "out", pipeline.Options{})
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "command-line-arguments")
			require.NoDirExists(t, "out")
		})
	}
}

// The file of a group has the name of the group, and is compiled on all platforms.
func TestFilesOfGroups(t *testing.T) {
	client := "package gen\n\nimport \"context\"\n"
	for _, group := range []string{"AppsAndroid", "SIPGateways", "CallerIDs", "SIPProfileService"} {
		client += "\ntype " + group + " struct{}\n\nfunc (s *" + group + ") Get(ctx context.Context) {}\n"
	}
	files, err := generate.Split([]byte(client))
	require.NoError(t, err)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{"apps_android_group.gen.go", "sip_gateways.gen.go", "caller_ids.gen.go", "sip_profile.gen.go"}, names)
}

// A constant of an enumeration that would have the name of a type gets another name.
func TestConstantWithTheNameOfAType(t *testing.T) {
	config, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	config.OutputOptions.SkipPrune = true // No operation uses the schemas.
	client, err := generate.Client(config, []byte(`
openapi: 3.1.0
info: {title: T, version: 1.0.0}
paths: {}
components:
  schemas:
    Status: {type: string, enum: [code, other]}
    StatusCode: {type: object, properties: {status: {$ref: '#/components/schemas/Status'}}}
`), func(string) string { return "" })
	require.NoError(t, err)
	require.Regexp(t, `\bStatusCodeValue +Status = "code"`, string(client))
	require.Contains(t, string(client), "type StatusCode struct")
}
