package names_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// Two operations whose paths differ only in the name of a variable keep their ids when they
// move to another version, each its own.
func TestMovedOperations(t *testing.T) {
	locked := ""
	for _, name := range []string{"code", "id", "name"} {
		locked += "operation\tGET /api/v1/things/{" + name + "}\tGetBy" + name + "\tget_by_" + name + "()\n"
	}
	item := func(name string) string {
		return "  /api/v2/things/{" + name + "}: {get: {operationId: v2_" + name + ", parameters: [{name: " + name + ", in: path, required: true, schema: {type: string}}], responses: {'204': {description: d}}}}\n"
	}
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n" + item("name") + item("id") + item("other")), Config: "package: gen\ngenerate: {models: true}\n", Published: true, Locked: locked,
	})
	require.Empty(t, got.Err)
	for name, id := range map[string]string{"id": "get_by_id", "name": "get_by_name", "other": "v2_other"} {
		require.Contains(t, got.YAML, "/api/v2/things/{"+name+"}: {get: {operationId: "+id+",")
	}
}

// Of two versions of an operation that is gone, one keeps its id.
func TestTwoVersionsOfAMovedOperation(t *testing.T) {
	item := func(version string) string {
		return "  /api/" + version + "/things: {get: {operationId: " + version + "_things, responses: {'204': {description: d}}}}\n"
	}
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n" + item("v2") + item("v3")), Config: "package: gen\ngenerate: {models: true}\n", Published: true,
		Locked: "operation\tGET /api/v1/things\tGetThings\tget_things()\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "operationId: get_things,")
	require.Contains(t, got.YAML, "operationId: v3_things,")
}
