package structs

import (
	"cmp"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// Each kind of schema has the Go type and the rule of the package comment.
func TestRules(t *testing.T) {
	document := `
description: A document.
type: object
properties: {version: {description: V.}, sections: {description: S.}}
x-go-types: {Choice: A choice., Color: A color.}
$defs:
  SWMLVar: {type: string, pattern: '^[$%]\{.*\}$'}
  SWMLMethod: {anyOf: [{$ref: '#/$defs/Test'}, {$ref: '#/$defs/Note'}]}
  Steps: {anyOf: [{$ref: '#/$defs/Note'}, {$ref: '#/$defs/Test'}]}
  Text: {type: string, minLength: 1}
  Shade: {description: A shade., type: string, enum: [light, dark]}
  A: {description: An A., x-go-name: Both, type: object, properties: {a: {description: a., type: string}, c: {description: c., type: integer}}, required: [a], unevaluatedProperties: {not: {}}}
  B: {description: A B., x-go-name: Both, type: object, properties: {b: {description: b., type: string}, c: {description: c., type: string}}, required: [b], unevaluatedProperties: {not: {}}}
  Note: {type: object, properties: {note: {description: Notes., type: string}}, required: [note]}
  Test:
    type: object
    required: [test]
    properties:
      test:
        description: Tests.
        type: object
        properties:
`
	rules := []struct{ schema, want, check string }{
		// 1. What may be a variable.
		{`{anyOf: [{type: string}, {$ref: '#/$defs/SWMLVar'}]}`, "string", ""},
		{`{$ref: '#/$defs/SWMLVar'}`, "string", ""},
		{`{$ref: '#/$defs/Text'}`, "string", ""},
		{`{type: integer, minimum: 1, maximum: 5}`, "Value[int]", `{"Limits":[1,5],"Range":"between 1 and 5"}`},
		{`{anyOf: [{type: integer}, {$ref: '#/$defs/SWMLVar'}], minimum: 0.5}`, "Value[int]", `{"Limits":[0.5,1e+308],"Range":"at least 0.5"}`},
		{`{anyOf: [{type: integer, minimum: 10}, {type: number, const: 0}, {$ref: '#/$defs/SWMLVar'}]}`, "Value[int]", `{"Limits":[0,1e+308],"Range":"at least 0"}`},
		{`{anyOf: [{type: boolean}, {type: 'null'}, {$ref: '#/$defs/SWMLVar'}]}`, "Value[bool]", ""},
		{`{anyOf: [{type: integer}, {type: number}]}`, "Value[float64]", ""},
		// 2. Constants.
		{`{x-go-name: Color, anyOf: [{type: string, const: red}, {type: string, const: blue}]}`, "Color", `{"Enum":["red","blue"]}`},
		{`{x-go-name: Color, anyOf: [{type: string, const: green}, {type: string}]}`, "Color", ""},
		{`{anyOf: [{type: string, const: red}, {$ref: '#/$defs/SWMLVar'}]}`, "string", `{"Enum":["red"]}`},
		{`{$ref: '#/$defs/Shade'}`, "Shade", `{"Enum":["light","dark"]}`},
		{`{type: array, minItems: 1, items: {$ref: '#/$defs/Shade'}}`, "[]Shade", `{"Enum":["light","dark"],"Limits":[1,1e+308],"Range":"at least 1"}`},
		// 3. Steps.
		{`{type: array, items: {$ref: '#/$defs/SWMLMethod'}}`, "Section", ""},
		{`{type: array, items: {$ref: '#/$defs/Steps'}}`, "Section", ""},
		{`{type: object, unevaluatedProperties: {type: array, items: {$ref: '#/$defs/SWMLMethod'}}}`, "map[string]Section", ""},
		{`{$ref: '#'}`, "*Document", ""},
		// 4. Objects.
		{`{$ref: '#/$defs/A'}`, "*Both", ""},
		{`{oneOf: [{$ref: '#/$defs/A'}, {$ref: '#/$defs/B'}]}`, "*Both", ""},
		// 5. One or many, what stands in place of an object, and structs for other unions.
		{`{anyOf: [{type: string}, {type: array, items: {type: string}}]}`, "OneOrMany[string]", ""},
		{`{anyOf: [{$ref: '#/$defs/A'}, {type: array, items: {$ref: '#/$defs/A'}}]}`, "OneOrMany[Both]", ""},
		{`{anyOf: [{type: string, const: stop}, {$ref: '#/$defs/A'}]}`, "*Both", ""},
		{`{type: array, items: {anyOf: [{type: string}, {$ref: '#/$defs/A'}]}}`, "[]Both", ""},
		{`{x-go-name: Choice, x-go-fields: {All: All., ByName: By name.}, anyOf: [{type: array, items: {type: string}}, {type: object, unevaluatedProperties: {type: string}}]}`, "Choice", ""},
		// 6. Everything else.
		{`{anyOf: [{type: string}, {type: boolean}]}`, "any", ""},
		{`{anyOf: [{type: string}, {type: object, unevaluatedProperties: {}}]}`, "any", ""},
		{`{}`, "any", ""},
		{`{type: array, items: {}}`, "[]any", ""},
		{`{type: object, unevaluatedProperties: {}}`, "map[string]any", ""},
		{`{type: object, properties: {x: {type: array, items: {type: string}}}, unevaluatedProperties: {type: array, items: {type: string}}}`, "map[string][]string", ""},
	}
	names := []string{}
	for i, r := range rules {
		name := "x_" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		names = append(names, name)
		document += "          " + name + ": {description: x., " + r.schema[1:] + "\n"
	}
	var n yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(document), &n))
	m, err := newSWML(n.Content[0], "swml")
	require.NoError(t, err)
	fields := map[string]*field{}
	for _, f := range m.byName["Test"].Fields {
		fields[f.Name] = f
	}
	for i, r := range rules {
		require.Equal(t, r.want, m.Qualify(fields[names[i]].Type), r.schema)
		text, err := json.Marshal(fields[names[i]].Rule)
		require.NoError(t, err)
		require.Equal(t, cmp.Or(r.check, "{}"), string(text), r.schema)
	}
	both := m.byName["Both"]
	require.Equal(t, []string{"A string", "C any", "B string"}, []string{both.Fields[0].Go + " " + both.Fields[0].Type, both.Fields[1].Go + " " + both.Fields[1].Type, both.Fields[2].Go + " " + both.Fields[2].Type})
	require.Equal(t, []string{"a", "b"}, both.Rule.Choice)
	require.True(t, both.Rule.Only)
	require.Equal(t, "Short", both.Alternatives[0].Go)
	require.Equal(t, []value{{"ColorRed", "red"}, {"ColorBlue", "blue"}, {"ColorGreen", "green"}}, m.byName["Color"].Values)
	require.Equal(t, "string", m.byName["Note"].Underlying)
	require.Equal(t, []string{"Test tests.", "Shade is a shade."}, []string{m.byName["Test"].Comment(), m.byName["Shade"].Comment()})
}

// swmlHead is the beginning of a schema of SWML with the verb Test, which follows it.
const swmlHead = `
description: A document.
type: object
x-go-types: {}
properties: {version: {description: V.}, sections: {description: S.}}
$defs:
  SWMLMethod: {anyOf: [{$ref: '#/$defs/Test'}]}
`

// A field or a type without a description is an error.
func TestDescriptions(t *testing.T) {
	for text, want := range map[string]string{
		`{type: object, properties: {x: {type: string}}, unevaluatedProperties: {not: {}}}`:                                                     "Test.X has no description",
		`{type: object, properties: {x: {description: x., x-go-name: X, anyOf: [{type: string, const: a}]}}, unevaluatedProperties: {not: {}}}`: "X has no description",
	} {
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(swmlHead+`  Test: {type: object, properties: {test: {description: Tests., `+text[1:]+`}}
`), &n))
		_, err := newSWML(n.Content[0], "swml")
		require.EqualError(t, err, want)
	}
}

// The comment of a field has the default of its schema, unless the schemas that the field
// is of have different ones.
func TestDefaults(t *testing.T) {
	var n yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(swmlHead+`  Test:
    type: object
    properties:
      test:
        description: Tests.
        anyOf: [{$ref: '#/$defs/A'}, {$ref: '#/$defs/B'}]
  A:
    type: object
    properties:
      one: {description: One., type: integer, default: 20}
      same: {description: Same., type: string, default: en-US}
      other: {description: Other., type: boolean, default: false}
      none: {description: None., type: string, default: ''}
    unevaluatedProperties: {not: {}}
  B:
    type: object
    properties:
      same: {description: Same., type: string, default: en-US}
      other: {description: Other., type: boolean, default: true}
    unevaluatedProperties: {not: {}}
`), &n))
	m, err := newSWML(n.Content[0], "swml")
	require.NoError(t, err)
	docs := map[string]string{}
	for _, f := range m.byName["Test"].Fields {
		docs[f.Name] = f.Doc
	}
	require.Equal(t, map[string]string{"one": "One. The default is 20.", "same": `Same. The default is "en-US".`, "other": "Other.", "none": "None."}, docs)
}
