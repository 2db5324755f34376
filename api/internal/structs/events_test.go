package structs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
)

// Initialisms are written in capitals, as oapi-config.yaml lists them.
func TestGoName(t *testing.T) {
	_, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	for name, want := range map[string]string{
		"call_id": "CallID", "id": "ID", "SWMLVars": "SWMLVars", "CallSid": "CallSID", "Unique-ID": "UniqueID",
		"errorText": "ErrorText", "chargeAmount": "ChargeAmount", "no-answer": "NoAnswer", "url": "URL", "total_tts_chars_per_min": "TotalTTSCharsPerMin",
		"ai_completion": "AICompletion", "NumMedia": "NumMedia",
	} {
		assert.Equal(t, want, goName(name), name)
	}
}

// An invalid events.yaml is refused with the webhook, the type or the field.
func TestInvalidEvents(t *testing.T) {
	const schemas = "\ncomponents: {schemas: {P: {description: Is one., type: object, properties: {a: {description: A., type: string}}}}}"
	for document, want := range map[string]string{
		`webhooks: {w: {post: {x-go-name: W}}}` + schemas: "w: expected requestBody to have one media type, found 0",
		`webhooks: {w: {post: {x-go-name: W, x-key: [b], requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/P"}}}}}}}` + schemas: "w: x-key: b is not a property of P",
		`webhooks: {w: {post: {x-go-name: W, requestBody: {content: {application/json: {schema: {type: string}}}}}}}` + schemas:                               "w: expected the schema of requestBody to be a $ref to an object that no other webhook has",
		`components: {schemas: {P: {type: object}}}`: "P has no description",
		`components: {schemas: {P: {description: Is one., type: object, properties: {a: {description: A., type: object, properties: {b: {type: string, enum: [x]}}}}}}}`: "PA.B has no description",
	} {
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(document), &n))
		_, err := newEvents(n.Content[0])
		assert.EqualError(t, err, want)
	}
}
