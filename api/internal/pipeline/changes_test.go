package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// Two published documents are compared, with their webhooks and the client of each. So
// are a published document and an imported description, which has its client beside it.
func TestChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("it generates several clients")
	}
	t.Parallel()
	dir := t.TempDir()
	document := func(name, limit, webhook, field, states string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(`
openapi: 3.0.3
info: {title: T, version: '1'}
servers: [{url: 'https://x.example/api'}]
paths:
  /things: {post: {operationId: create_thing, requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, responses: {'204': {description: d}}}}
webhooks:
  thingMade: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}, responses: {'200': {description: d}}}}
  `+webhook+`: {post: {requestBody: {$ref: '#/components/requestBodies/Made'}, responses: {'204': {description: d}}}}
components:
  requestBodies: {Made: {content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}}
  schemas:
    Thing: {type: object, properties: {name: {type: string, maxLength: `+limit+`}}}
    Made: {type: object, properties: {`+field+`: {type: string}, state: {type: string, enum: [made`+states+`]}}}
`), 0o600))
		return file
	}
	old, new := document("old.yaml", "5", "thingLost", "name", ""), document("new.yaml", "4", "thingFound", "title", ", kept")
	const want = "### Breaks callers\n\n- `gen.Thing.Name`: has at most 4 characters now; before, at most 5 characters (`gen.Things.Create`)\n"
	const events = "\n### Changes behaviour\n\n- `Made.name`: is gone (`webhook thingMade`)\n- `Made.state`: can be `\"kept\"` now (`webhook thingMade`)\n- `webhook thingLost`: is gone\n\n### Additions\n\n- `Made.title`: is new (`webhook thingMade`)\n- `webhook thingFound`: is new\n"
	report, err := pipeline.Changes(t.Context(), root, old, new)
	require.NoError(t, err)
	require.Contains(t, report, want+events)

	out := filepath.Join(dir, "out")
	_, err = pipeline.Import(t.Context(), root, []string{new}, out, pipeline.Options{})
	require.NoError(t, err)
	report, err = pipeline.Changes(t.Context(), root, old, filepath.Join(out, "openapi.json"))
	require.NoError(t, err)
	require.Contains(t, report, want)

	_, err = pipeline.Changes(t.Context(), root, "no-such-revision", new)
	require.ErrorContains(t, err, "no-such-revision is not a file, and git knows no revision")
}
