package pipeline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

// A new version with a change of each kind is imported as api/README.md says. It is made
// of upstream.json.
func TestImportIntoTheModule(t *testing.T) {
	if testing.Short() || pipeline.RaceEnabled {
		t.Skip("it compiles several clients")
	}
	t.Parallel()
	root := copyModule(t)
	in := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(read(t, in("api/upstream.json"))), &doc))
	at := func(path ...string) map[string]any {
		n := doc
		for _, key := range path {
			require.Contains(t, n, key)
			n = n[key].(map[string]any)
		}
		return n
	}
	doc["info"] = map[string]any{"title": "Published", "version": "2"}
	paths, schemas := at("paths"), at("components", "schemas")
	operations := 0
	for _, item := range paths {
		operations += len(item.(map[string]any))
	}
	// An operation added.
	paths["/api/relay/rest/echo_bots"] = map[string]any{"get": map[string]any{
		"operationId": "list_echo_bots", "tags": []string{"Echo Bots"},
		"responses": map[string]any{"200": map[string]any{"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/EchoBot"}}}}},
	}}
	schemas["EchoBot"] = map[string]any{"type": "object", "properties": map[string]any{
		"mode": map[string]any{"type": "string", "enum": []string{"loud", "quiet"}}, "status": map[string]any{"$ref": "#/components/schemas/CallStatus"},
	}}
	schemas["CallStatus"] = map[string]any{"type": "string", "enum": []string{"on", "off"}} // The Go name is that of another one.
	// A field removed, a value added, a type changed, a path moved, a limit narrowed.
	delete(at("components", "schemas", "QueueMember", "properties"), "wait_time")
	delete(at("components", "schemas", "QueueMemberResponse", "properties"), "wait_time")
	codecs := at("components", "schemas", "Codecs")
	codecs["enum"] = append(codecs["enum"].([]any), "AV1")
	for _, name := range []string{"Queue", "QueueResponse"} {
		at("components", "schemas", name, "properties", "current_size")["type"] = "number"
	}
	paths["/api/pubsub/v2/tokens"] = paths["/api/pubsub/tokens"]
	delete(paths, "/api/pubsub/tokens")
	at("components", "schemas", "SubscriberRequest", "properties", "password")["maxLength"] = 64
	// An operation that the client does not support, and an error with such a body.
	paths["/api/relay/rest/uploads"] = map[string]any{"post": map[string]any{
		"operationId": "upload_file", "tags": []string{"Uploads"}, "requestBody": map[string]any{"content": map[string]any{"multipart/form-data": map[string]any{"schema": map[string]any{"type": "object"}}}},
		"responses": map[string]any{"204": map[string]any{}},
	}}
	at("paths", "/api/relay/rest/queues", "get", "responses")["418"] = map[string]any{
		"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"type": "array", "prefixItems": []any{}}}},
	}
	// A schema renamed.
	schemas["QueueCreateRequest"] = schemas["CreateQueueRequest"]
	delete(schemas, "CreateQueueRequest")
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	text = []byte(strings.ReplaceAll(string(text), `schemas/CreateQueueRequest"`, `schemas/QueueCreateRequest"`))
	version := filepath.Join(t.TempDir(), "published.json")
	require.NoError(t, os.WriteFile(version, text, 0o600))

	out := filepath.Join(t.TempDir(), "out")
	_, err = pipeline.Import(t.Context(), root, []string{version}, out, pipeline.Options{Into: true})
	require.ErrorContains(t, err, "request body of type multipart/form-data: not supported (`POST /api/relay/rest/uploads`)")
	_, err = pipeline.Import(t.Context(), root, []string{version}, out, pipeline.Options{Into: true, Omit: true})
	require.ErrorContains(t, err, "names of package gen would be lost, which breaks callers; -lose-names allows it:\n  gen.QueueMember.WaitTime")
	_, err = pipeline.Import(t.Context(), root, []string{version}, out, pipeline.Options{Into: true, Omit: true, LoseNames: true})
	require.NoError(t, err)

	report := read(t, filepath.Join(out, "REPORT.md"))
	_, report, _ = strings.Cut(report, "## What changed")
	report, _, _ = strings.Cut(report, "\n## ")
	require.Equal(t, `

`+fmt.Sprintf("API changes from api/upstream.json to what was imported: %d operations; before, %d.", operations+2, operations)+`

### Breaks callers

- `+"`gen.PubSubTokens.Create`: moved from `POST /api/pubsub/tokens` to `POST /api/pubsub/v2/tokens`"+`
- `+"`gen.Queue.CurrentSize`: is a number now; before, an integer; in Go changed from *int64 to *float64 (`gen.Queues.Create`, `gen.Queues.Get`, `gen.Queues.List`, `gen.Queues.Update`)"+`
- `+"`gen.QueueMember.WaitTime`: is gone (`gen.QueueMembers.GetNext`, `gen.QueueMembers.Get`, `gen.QueueMembers.List`)"+`
- `+"`gen.SubscriberUpdate.Password`: has at most 64 characters now; before, at most 72 characters (`gen.Subscribers.Create`, `gen.Subscribers.Update`)"+`

### Changes behaviour

- `+"`gen.Codec`: can be `\"AV1\"` (`gen.CodecAV1`) now (`gen.Resources.Get`, `gen.Resources.List`, `gen.SIPCredentials.Create`, 9 more)"+`
- `+"`gen.Queues.List`: response 418 is new"+`

### Additions

- `+"`POST /api/relay/rest/uploads`: is new"+`
- `+"`gen.EchoBots.List`: is new: `GET /api/relay/rest/echo_bots`"+`
- `+"New in Go: `gen.CallStatusSchema`, `gen.Client.EchoBots`, `gen.EchoBotMode`, `gen.EchoBot`, `gen.EchoBots`"+`
`, report)

	// A person writes words for what is new, and all is made of our own descriptions.
	words := read(t, in("api/words.yaml"))
	require.Equal(t, 6, strings.Count(words, "''"))
	_, err = pipeline.Import(t.Context(), root, []string{version}, out, pipeline.Options{Into: true, Omit: true, LoseNames: true})
	require.ErrorContains(t, err, "api/words.yaml:9: the summary is empty, as are 5 more words of the last import; fill them in, or remove their lines")
	require.NoError(t, os.WriteFile(in("api/words.yaml"), []byte(strings.ReplaceAll(words, "''", "Says back what it hears.")), 0o600))
	_, err = pipeline.Generate(t.Context(), root)
	require.NoError(t, err)
	require.Contains(t, read(t, in("gen/echo_bots.gen.go")), "ays back what it hears.")
	require.Contains(t, read(t, in("api/signalwire-rest.yaml")), "/api/pubsub/v2/tokens:")
	for _, file := range []string{"api/signalwire-rest.yaml", "api/upstream.json"} { // Once it is supported, it is new.
		require.NotContains(t, read(t, in(file)), "/api/relay/rest/uploads")
	}
}
