package events

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// TestFiles: package gen/events is what the document makes.
func TestFiles(t *testing.T) {
	files, err := Files("../../..")
	require.NoError(t, err)
	for _, file := range files {
		committed, err := os.ReadFile(file.Name)
		require.NoError(t, err)
		assert.Equal(t, string(committed), string(file.Data), "run go generate ./...")
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"call_id": "CallID", "id": "ID", "SWMLVars": "SWMLVars", "CallSid": "CallSID", "MediaUrl0": "MediaURL0", "Unique-ID": "UniqueID",
		"errorText": "ErrorText", "chargeAmount": "ChargeAmount", "no-answer": "NoAnswer", "url": "URL", "total_tts_chars_per_min": "TotalTTSCharsPerMin",
		"ai_completion": "AICompletion", "NumMedia": "NumMedia", "ts": "Ts",
	} {
		assert.Equal(t, want, goName(name), name)
	}
}

// TestMistakes in the document are named.
func TestMistakes(t *testing.T) {
	const schemas = "\ncomponents: {schemas: {P: {description: Is one., type: object, properties: {a: {description: A., type: string}}}}}"
	for document, want := range map[string]string{
		`webhooks: {w: {post: {x-go-name: W}}}` + schemas: "w: want one type of content, not 0",
		`webhooks: {w: {post: {x-go-name: W, x-key: [b], requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/P"}}}}}}}` + schemas: "w: its x-key: there is no b",
		`webhooks: {w: {post: {x-go-name: W, requestBody: {content: {application/json: {schema: {type: string}}}}}}}` + schemas:                               "w: its body is not an object that is a schema of its own",
		`components: {schemas: {P: {type: object}}}`: "P has no description",
		`components: {schemas: {P: {description: Is one., type: object, properties: {a: {description: A., type: object, properties: {b: {type: string, enum: [x]}}}}}}}`: "PA.b has no description",
	} {
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(document), &n))
		_, err := newModel(n.Content[0])
		assert.EqualError(t, err, want)
	}
}
