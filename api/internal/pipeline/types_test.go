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

const withEachExtension = `overlay: 1.1.0
info: {title: Corrections, version: '1'}
actions:
- target: $.paths['/api/things/{id}'].post
  description: d
  update: {x-go-name: MakeIt, x-go-settle: {list: list_things, match: {/a: /a}}, x-go-edit: {settings: s, names: {a: b}}, x-idempotent: true}
- target: $.components.schemas.T
  update:
    x-go-name: Thingy
    properties:
      a: {x-go-values: {x: Ex}, x-oapi-codegen-extra-tags: {sensitive: 'true'}, x-may-be-empty: true}
      d: {x-go-type: 'map[string]float64', x-go-type-skip-optional-pointer: true, x-deprecated-reason: r}
- target: $.components.schemas.T.properties.c
  remove: true
- target: $.components.schemas.One
  copy: $.components.schemas.Two
`

// TestTypesOfValues: a document or an overlay in which one value has another type is imported,
// or refused with the file and the line.
func TestTypesOfValues(t *testing.T) {
	if RaceEnabled {
		t.Skip("the pipeline runs in one goroutine")
	}
	generatorMutex.Lock()
	defer generatorMutex.Unlock()
	config, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	texts, results := map[string]string{"document": withEachKeyword, "overlay": withEachExtension}, map[bool]int{}
	run := func(what string) {
		d, err := Describe(Sources{
			Documents: []tree.File{{Name: "a.yaml", Data: []byte(texts["document"])}},
			Overlays:  []tree.File{{Name: "o.yaml", Data: []byte(texts["overlay"])}},
			Published: true, Generator: &names.Generator{},
		})
		if results[err == nil]++; err == nil {
			_, err = generate.Client(config, d.YAML, d.namer.Place)
			require.NoError(t, err, what)
			return
		}
		for line := range strings.Lines(err.Error()) {
			require.Regexp(t, `^[ao]\.yaml(:\d+)?: |^  `, line, what)
		}
	}
	run("the texts themselves")
	require.Equal(t, 1, results[true])
	for name, text := range texts {
		i := 0
		var content yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &content))
		tree.EachNode(content.Content[0], func(n *yaml.Node) {
			old := *n
			i++
			for _, other := range [][]string{{"null", "[odd]"}, {"7", "{odd: {odd: 1}}"}, {"odd", "[odd]"}}[i%3] {
				var value yaml.Node
				require.NoError(t, yaml.Unmarshal([]byte(other), &value))
				*n = *value.Content[0]
				changed, err := yaml.Marshal(content.Content[0])
				*n = old
				require.NoError(t, err)
				texts[name] = string(changed)
				run(name + ": " + old.Value + " is " + other)
			}
		})
		texts[name] = text
	}
	require.Greater(t, results[true], 50)
	require.Greater(t, results[false], 300)
}
