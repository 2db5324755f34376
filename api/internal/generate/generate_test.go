package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// An error of the compiler has its position in the document.
func TestErrorsOfTheCompiler(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	document := "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\n" +
		"paths: {/a: {get: {operationId: get_a, description: d, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}}}\n" +
		"components:\n  schemas:\n    Thing: {type: object, properties: {a: {type: string, x-go-type: time.Missing}}}\n"
	require.NoError(t, os.WriteFile("a.yaml", []byte(document), 0o600))
	_, err = pipeline.Import(t.Context(), root, []string{"a.yaml"}, "out", pipeline.Options{})
	require.ErrorContains(t, err, "a.yaml:7: Thing: undefined: time.Missing (signalwire.gen.go:")
	require.NotContains(t, err.Error(), "command-line-arguments")
	require.NoDirExists(t, "out")
}

// An error of the generator has the position of what it names.
func TestErrorsOfTheGenerator(t *testing.T) {
	const description = `{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": {"Thing": {
		"allOf": [{"type": "object", "format": "f"}, {"type": "object", "format": "g"}]}}}}`
	config := codegen.Configuration{PackageName: "gen", Generate: codegen.GenerateOptions{Models: true}, OutputOptions: codegen.OutputOptions{SkipPrune: true}}
	_, err := generate.Client(config, []byte(description), func(name string) string { return map[string]string{"Thing": "a.yaml:7"}[name] })
	require.ErrorContains(t, err, "can not merge incompatible formats (a.yaml:7)")
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
