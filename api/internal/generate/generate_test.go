package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// What the generator and the compiler refuse is reported with its place in the document.
func TestErrorsHavePlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	for _, test := range []struct{ name, property, want string }{
		{"generator", "x-go-name: a b", `the generator: x-go-name in property "a" in schema "Thing" must be a valid Go identifier: "a b" (a.yaml:7)`},
		{"compiler", "x-go-type: time.Missing", "\na.yaml:7: Thing: undefined: time.Missing (signalwire.gen.go:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, err := filepath.Abs("../../..")
			require.NoError(t, err)
			t.Chdir(t.TempDir())
			document := "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n" +
				"paths: {/a: {get: {operationId: get_a, description: d, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}}}\n" +
				"components:\n  schemas:\n    Thing: {type: object, properties: {a: {type: string, " + test.property + "}}}\n"
			require.NoError(t, os.WriteFile("a.yaml", []byte(document), 0o600))
			_, err = pipeline.Import(t.Context(), root, []string{"a.yaml"}, "out", pipeline.Options{})
			require.ErrorContains(t, err, test.want)
			require.NoDirExists(t, "out")
		})
	}
}
