package pipeline

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

const withEachKeyword = `openapi: 3.1.0
info: {title: Things, version: '1', description: d}
servers: [{url: 'https://x.example/api', description: d}]
tags: [{name: Things, description: d}]
security: [{basic: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    post:
      operationId: make_thing
      summary: s
      deprecated: false
      tags: [Things]
      parameters:
      - {name: q, in: query, explode: true, style: form, examples: {e: {value: 1}}, schema: {type: array, items: {type: string}}}
      - $ref: '#/components/parameters/P'
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/T'}}}}
      responses:
        '200':
          description: d
          headers: {X-Page: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/T'}, examples: {e: {value: {}}}}}
        '404': {description: d, content: {application/json: {schema: {type: object, properties: {m: {type: string}}}}}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
  parameters: {P: {name: p, in: query, schema: {type: integer, minimum: 1, exclusiveMaximum: 9}}}
  schemas:
    T:
      type: object
      title: T
      required: [a]
      additionalProperties: false
      properties:
        a: {type: string, enum: [x, y], maxLength: 3, pattern: x, nullable: true, readOnly: false}
        b: {oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Two'}],
          discriminator: {propertyName: k, mapping: {one: '#/components/schemas/One', two: '#/components/schemas/Two'}}}
        c: {allOf: [{$ref: '#/components/schemas/One'}, {type: object, properties: {z: {type: [integer, 'null']}}}]}
        d: {type: object, additionalProperties: {type: number, default: 1}}
    One: {type: object, required: [k], properties: {k: {type: string, const: one}}}
    Two: {type: object, required: [k], properties: {k: {type: string, const: two}}}
`

// TestTypesOfValues: a document in which one value has another type is imported, or refused
// with the file and the line.
func TestTypesOfValues(t *testing.T) {
	if RaceEnabled {
		t.Skip("the pipeline runs in one goroutine")
	}
	generatorMutex.Lock()
	defer generatorMutex.Unlock()
	config, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(withEachKeyword), &document))
	results := map[bool]int{}
	run := func(what string) {
		text, err := yaml.Marshal(document.Content[0])
		require.NoError(t, err)
		s := Sources{Documents: []tree.File{{Name: "a.yaml", Data: text}}, Published: true, Generator: &names.Generator{}}
		d, err := Describe(s)
		if results[err == nil]++; err == nil {
			_, err = generate.Client(config, d.YAML, d.namer.Place)
			require.NoError(t, err, what)
			return
		}
		for line := range strings.Lines(err.Error()) {
			require.Regexp(t, `^a\.yaml(:\d+)?: |^  `, line, what)
		}
	}
	run("the document itself")
	require.Equal(t, 1, results[true])
	tree.EachNode(document.Content[0], func(n *yaml.Node) {
		old := *n
		for _, other := range []string{"null", "7", "[odd]", "{odd: {odd: 1}}"} {
			var value yaml.Node
			require.NoError(t, yaml.Unmarshal([]byte(other), &value))
			*n = *value.Content[0]
			run(old.Value + " is " + other)
		}
		*n = old
	})
	require.Greater(t, results[true], 50)
	require.Greater(t, results[false], 500)
}
