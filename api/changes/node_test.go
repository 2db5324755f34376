package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func schemaOf(t *testing.T, text string) node {
	t.Helper()
	var n node
	require.NoError(t, yaml.Unmarshal([]byte(text), &n))
	return n
}

// Every way in which OpenAPI 3.1 says null, and what the type is in words.
func TestNullAndType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{type: string}":                                              "string",
		"{type: [string, 'null']}":                                    "string or null",
		"{type: ['null', integer], format: int32}":                    "integer (int32) or null",
		"{anyOf: [{type: string}, {type: 'null'}]}":                   "string or null",
		"{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/X'}]}": "`X` or null",
		"{anyOf: [{type: string}, {type: integer}, {type: 'null'}]}":  "one of integer, string or null",
		"{anyOf: [{type: string}, {type: integer}]}":                  "one of integer, string",
		"{enum: [a, null]}":                                           "`\"a\"` or null",
		"{type: string, enum: [a, b]}":                                "`\"a\"` or `\"b\"`",
		"{type: string, enum: [a, b, c, d, e, f]}":                    "string",
		"{const: 1}": "`1`",
		"{type: array, items: {$ref: '#/components/schemas/X'}}":                        "list of `X`",
		"{type: array, items: {type: [string, 'null']}}":                                "list of string or null",
		"{properties: {a: {type: string}}}":                                             "object",
		"{anyOf: [{anyOf: [{type: string}, {type: 'null'}]}, {type: 'null'}]}":          "string or null",
		"{anyOf: [{type: array, items: {type: string, format: uuid}}, {type: 'null'}]}": "list of string (uuid) or null",
		"{}": "anything",
	} {
		r := &reporter{}
		require.Equal(t, want, r.typeText(schemaOf(t, text)), text)
	}
}

// What oasdiff says is kept, also where this program has no words for it.
func TestUnknownAspects(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"from": 1, "to": 2}`:    "minItems: was `1`, is `2`",
		`{"from": null, "to": 2}`: "minItems: was nothing, is `2`",
		`{"from": "", "to": "x"}`: "minItems: was `\"\"`, is `\"x\"`",
		`{"added": ["x"]}`:        "minItems changed",
		`true`:                    "minItems changed",
	} {
		require.Equal(t, want, aspect("minItems", json.RawMessage(raw)))
	}
	r := &reporter{seen: map[string]*line{}}
	r.schema(place{spec: "X"}, findings{"prefixItems": json.RawMessage(`{"added": [{"index": 1}]}`)}, node{}, node{})
	require.Len(t, r.lines, 1)
	require.Equal(t, line{class: behaviour, place: "`X`", text: "prefixItems changed"}, *r.lines[0])
}
