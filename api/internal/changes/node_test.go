package changes

import (
	"encoding/json"
	"os"
	"path/filepath"
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

// Nullability can be said by another form, and what else changed with it shows.
func TestNullInAnotherForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		old, new string
		want     []string
	}{
		{"{type: string}", "{anyOf: [{type: string}, {type: 'null'}]}", []string{"can be null now"}},
		{"{type: [string, 'null'], description: x}", "{anyOf: [{type: string}, {type: 'null'}]}", nil},
		{"{anyOf: [{type: string, enum: [a]}, {type: 'null'}]}", "{type: string, enum: [a, b]}", []string{"cannot be null any more", "what it can be, but for null, changed"}},
		{"{anyOf: [{$ref: '#/components/schemas/X'}, {type: 'null'}]}", "{$ref: '#/components/schemas/X'}", []string{"cannot be null any more"}},
		{"{$ref: '#/components/schemas/X'}", "{$ref: '#/components/schemas/Y'}", []string{"was `X`, is `Y`"}},
	} {
		r := &reporter{seen: map[string]*line{}}
		r.schema(place{spec: "T"}, nil, schemaOf(t, c.old), schemaOf(t, c.new))
		var got []string
		for _, l := range r.lines {
			got = append(got, l.text)
		}
		require.Equal(t, c.want, got, "%s → %s", c.old, c.new)
	}
}

func TestReadDocument(t *testing.T) {
	t.Parallel()
	file := func(name, text string) string {
		name = filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	fromYAML, err := readDocument(file("a.yaml", "responses: {200: {default: 5, list: [{404: x}]}}"))
	require.NoError(t, err)
	fromJSON, err := readDocument(file("a.json", `{"responses": {"200": {"default": 5, "list": [{"404": "x"}]}}}`))
	require.NoError(t, err)
	require.Equal(t, fromJSON, fromYAML)
	_, err = readDocument(file("b.yaml", "[1, 2]"))
	require.ErrorContains(t, err, "b.yaml: ")
}
