package names_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// What requests take and their Go types do not say becomes tags and pointers.
func TestRequestRules(t *testing.T) {
	const words = "    Word: {type: string, enum: [a, b, c]}\n    Same: {type: string, enum: [c, b, a], x-go-type: Word}\n    Less: {type: string, enum: [b, a], x-go-type: Word}\n"
	for _, test := range []struct {
		name     string
		method   string // of an operation called update_thing, or another one if it is followed by its id, which sends a Thing
		schemas  string // Thing, and what it refers to
		property string // of Thing
		want     string // what the property has in the end
		err      string
	}{
		{"fewer values than the type has", "post", words + "    Thing: {type: object, properties: {p: {type: string, enum: [c, a], x-go-type: Word}}}\n", "p",
			"{type: string, enum: [c, a], x-go-type: Word, x-oapi-codegen-extra-tags: {enum: 'a,c'}}", ""},
		{"the same values in another order", "post", words + "    Thing: {type: object, properties: {p: {type: string, enum: [c, a, b], x-go-type: Word}}}\n", "p",
			"{type: string, enum: [c, a, b], x-go-type: Word}", ""},
		{"a schema that has its type from another", "post", words + "    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Less'}}}\n", "p",
			"{$ref: '#/components/schemas/Less', x-go-type: Word, x-oapi-codegen-extra-tags: {enum: 'a,b'}}", ""},
		{"one with the same values", "post", words + "    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Same'}}}\n", "p",
			"{$ref: '#/components/schemas/Same', x-go-type: Word}", ""},
		{"items of an array", "post", words + "    Thing: {type: object, properties: {p: {type: array, items: {$ref: '#/components/schemas/Less'}}}}\n", "p",
			"{type: array, items: {$ref: '#/components/schemas/Less', x-go-type: Word}, x-oapi-codegen-extra-tags: {enum: 'a,b'}}", ""},
		{"an array of such arrays", "post", "    Loop: {type: array, items: {$ref: '#/components/schemas/Loop'}}\n    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Loop'}}}\n", "p",
			"{$ref: '#/components/schemas/Loop'}", ""},
		{"one value where the type is a string", "post", "    Thing: {type: object, required: [p], properties: {p: {type: string, enum: [v], x-go-type: string}}}\n", "p",
			"{type: string, enum: [v], x-go-type: string, x-oapi-codegen-extra-tags: {enum: 'v'}}", ""},
		{"one boolean", "post", "    Thing: {type: object, properties: {p: {type: boolean, enum: [true]}}}\n", "p",
			"{type: boolean, enum: [true], x-go-type: bool, x-oapi-codegen-extra-tags: {enum: 'true'}}", ""},
		{"numbers with constants", "post", "    Thing: {type: object, properties: {p: {type: integer, enum: [1, 2]}}}\n", "p",
			"{$ref: '#/components/schemas/ThingP'}", ""},
		{"numbers with a fraction", "post", "    Thing: {type: object, properties: {p: {type: number, enum: [1.5, 2.5], x-go-type: float64}}}\n", "p",
			"{type: number, enum: [1.5, 2.5], x-go-type: float64}", ""},
		{"null among the values", "post", words + "    Thing: {type: object, properties: {p: {type: [string, 'null'], enum: [b, null], x-go-type: '*string'}}}\n", "p",
			"{type: [string, 'null'], enum: [b, null], x-go-type: '*string', x-oapi-codegen-extra-tags: {enum: 'b'}}", ""},
		{"beside another tag", "post", "    Thing: {type: object, properties: {p: {type: string, enum: [v], x-go-type: string, x-oapi-codegen-extra-tags: {sensitive: 'true'}}}}\n", "p",
			"{type: string, enum: [v], x-go-type: string, x-oapi-codegen-extra-tags: {sensitive: 'true', enum: 'v'}}", ""},
		{"no value that a tag can have", "post", "    Thing: {type: object, properties: {p: {type: string, enum: ['a,b'], x-go-type: string}}}\n", "p", "",
			"a value of p has a comma, which a tag cannot have"},
		{"a string that a creation has to have", "post", "    Thing: {type: object, required: [p], properties: {p: {type: string, format: uri}}}\n", "p",
			"{type: string, format: uri, x-oapi-codegen-extra-tags: {minLength: '1'}}", ""},
		{"a string that an action has to have", "put confirm_thing", "    Thing: {type: object, required: [p], properties: {p: {type: string}}}\n", "p",
			"{type: string, x-oapi-codegen-extra-tags: {minLength: '1'}}", ""},
		{"one in an object in an array", "post", "    Thing: {type: object, properties: {q: {type: array, items: {$ref: '#/components/schemas/Base'}}}}\n    Base: {type: object, required: [p], properties: {p: {type: string}}}\n", "Base.p",
			"{type: string, x-oapi-codegen-extra-tags: {minLength: '1'}}", ""},
		{"one in an object under any name", "post", "    Thing: {type: object, properties: {q: {type: object, additionalProperties: {$ref: '#/components/schemas/Base'}}}}\n    Base: {type: object, required: [p], properties: {p: {type: string}}}\n", "Base.p",
			"{type: string, x-oapi-codegen-extra-tags: {minLength: '1'}}", ""},
		{"one in a variant", "post", "    Thing: {type: object, properties: {q: {oneOf: [{$ref: '#/components/schemas/Base'}, {type: integer}]}}}\n    Base: {type: object, required: [p], properties: {p: {type: string}}}\n", "Base.p",
			"{type: string, x-oapi-codegen-extra-tags: {minLength: '1'}}", ""},
		{"one that may be empty", "post", "    Thing: {type: object, required: [p], properties: {p: {type: string, x-may-be-empty: true}}}\n", "p",
			"{type: string, x-may-be-empty: true}", ""},
		{"one that is no string in Go", "post", "    Thing: {type: object, required: [p], properties: {p: {type: string, format: date-time}}}\n", "p",
			"{type: string, format: date-time}", ""},
		{"one that it need not have", "post", "    Thing: {type: object, properties: {p: {type: string}}}\n", "p", "{type: string}", ""},
		{"a string that is read, too", "post", "    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Both'}}}\n    Both: {type: object, required: [q], properties: {q: {type: string}}}\n", "Both.q",
			"{type: string}", ""},
		{"a string that an update has to have", "patch", "    Thing: {type: object, required: [p], properties: {p: {type: string}}}\n", "p",
			"{type: string, x-go-type: '*string'}", ""},
		{"a number", "put", "    Thing: {type: object, required: [p], properties: {p: {type: integer, format: int32}}}\n", "p",
			"{type: integer, format: int32, x-go-type: '*int64'}", ""},
		{"a value of a type", "put", words + "    Thing: {type: object, required: [p], properties: {p: {$ref: '#/components/schemas/Same'}}}\n", "p",
			"{$ref: '#/components/schemas/Same', x-go-type: '*Word'}", ""},
		{"an array can be nil", "put", "    Thing: {type: object, required: [p], properties: {p: {type: array, items: {type: string}}}}\n", "p",
			"{type: array, items: {type: string}}", ""},
		{"a value of a type without a name", "put", "    Thing: {type: object, required: [p], properties: {p: {type: string, enum: [a, b]}}}\n", "p",
			"{$ref: '#/components/schemas/ThingP', x-go-type: '*ThingP'}", ""},
		{"an object of a type without a name", "put", "    Thing: {type: object, required: [p], properties: {p: {type: object, properties: {q: {type: string}}}}}\n", "p",
			"{$ref: '#/components/schemas/ThingP', x-go-type: '*ThingP'}", ""},
		{"a nullable.Nullable can be unset", "put", "    Thing: {type: object, required: [p], properties: {p: {type: string, x-go-type: 'nullable.Nullable[string]'}}}\n", "p",
			"{type: string, x-go-type: 'nullable.Nullable[string]'}", ""},
		{"SWML can be nil", "put", "    Thing: {type: object, required: [p], properties: {p: {$ref: '#/components/schemas/SWML.Main', x-go-type: SWML}}}\n    SWML.Main: {title: SWML.Main, type: object, x-go-type: SWML}\n", "p",
			"{$ref: '#/components/schemas/SWML.Main', x-go-name: P, x-go-type: SWML}", ""},
		{"what can be null is a pointer anyway", "put", "    Thing: {type: object, required: [p], properties: {p: {type: [string, 'null'], enum: [a, b, null]}}}\n", "p",
			"{$ref: '#/components/schemas/ThingP'}", ""},
		{"a reference that can be null", "put", words + "    Thing: {type: object, required: [p], properties: {p: {anyOf: [{$ref: '#/components/schemas/Word'}, {type: 'null'}]}}}\n", "p",
			"{anyOf: [{$ref: '#/components/schemas/Word'}, {type: 'null'}]}", ""},
		{"a string that a variant of an update has to have", "put", "    Thing: {oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Two'}]}\n" +
			"    One: {type: object, required: [p], properties: {p: {type: string}}}\n    Two: {type: object, required: [q], properties: {q: {type: integer}}}\n", "One.p",
			"{type: string, x-go-type: '*string'}", ""},
		{"a variant that is the union itself", "put", "    Thing: {oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Thing'}]}\n" +
			"    One: {type: object, required: [p], properties: {p: {type: string}}}\n", "One.p",
			"{type: string, x-go-type: '*string'}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			method, id, _ := strings.Cut(test.method, " ")
			document := pipelinetest.HeadB + "paths:\n  /things:\n    " + method + ": {operationId: " + cmp.Or(id, "update_thing") + ", responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Read'}}}}}, " +
				"requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}\n" +
				"components:\n  schemas:\n" + test.schemas
			switch {
			case strings.Contains(test.schemas, "Both:"):
				document += "    Read: {$ref: '#/components/schemas/Both'}\n"
			case strings.Contains(test.schemas, "Word:"):
				document += "    Read: {type: object, properties: {word: {$ref: '#/components/schemas/Word'}}}\n"
			default:
				document += "    Read: {type: object}\n"
			}
			out := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
			if test.err != "" {
				require.Contains(t, out.Err, test.err)
				return
			}
			require.Empty(t, out.Err)
			var got struct {
				Components struct {
					Schemas map[string]struct{ Properties map[string]any }
				}
			}
			require.NoError(t, yaml.Unmarshal([]byte(out.YAML), &got))
			schema, property, found := strings.Cut(test.property, ".")
			if !found {
				schema, property = "Thing", test.property
			}
			var want any
			require.NoError(t, yaml.Unmarshal([]byte(test.want), &want))
			require.Equal(t, want, got.Components.Schemas[schema].Properties[property])
		})
	}
}

// A schema of both an update and a creation has the rules of the creation, whichever comes
// first.
func TestRequestRulesOfBoth(t *testing.T) {
	const (
		body    = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, responses: {'204': {description: d}}}\n"
		things  = "  /things:\n    post: {operationId: create_thing, " + body
		thing   = "  /things/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    put: {operationId: update_thing, " + body
		schemas = "components:\n  schemas:\n    Thing: {type: object, required: [p], properties: {p: {type: string}}}\n"
	)
	for _, paths := range []string{things + thing, thing + things} {
		got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n" + paths + schemas), Config: "package: gen\ngenerate: {models: true}\n"})
		require.Empty(t, got.Err)
		require.Contains(t, got.YAML, "x-oapi-codegen-extra-tags: {minLength: '1'}")
	}
}

// Of two schemas with one type, the one that a request has declares it, without the values of
// one that only an error has.
func TestUnusedSchemasDeclareNothing(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/things: {post: {operationId: send, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, " +
		"responses: {'204': {description: d}, '422': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}}}}}\n" +
		"components:\n  schemas:\n    Other: {type: string, enum: [a, b, c]}\n    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Used'}}}\n    Used: {type: string, enum: [a]}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n",
		Locked: "type\tUsed\tWord\tstring\nconstant\tWord.a\tWordA\nschema\tOther\tWord\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "Other: {type: string, enum: [a, b, c], x-go-type: Word}")
	require.Contains(t, got.YAML, "Used: {type: string, enum: [a], x-go-name: Word")
}

// What only an error has declares no type, also if it is the one with the most values: the
// generator leaves it out.
func TestErrorsDeclareNothing(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/things: {get: {operationId: get_thing, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, " +
		"'422': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}}}}}\n" +
		"components:\n  schemas:\n    Failure: {type: object, properties: {why: {type: string, enum: [a, b], x-go-type: Word}}}\n    Thing: {type: object, properties: {p: {type: string, enum: [a], x-go-type: Word}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Thing: {type: object, properties: {p: {$ref: '#/components/schemas/Word'}}}")
	require.Contains(t, got.YAML, "    Word: {type: string, enum: [a]}")
}

// What a request can set to null, and its Go type cannot, is reported; a response cannot be sent.
func TestNullInRequests(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/things: {put: {operationId: update_thing, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, " +
		"responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Read'}}}}}}}}\n" +
		"components:\n  schemas:\n    Read: {type: object, properties: {read: {type: [string, 'null']}}}\n    Word: {type: string, enum: [a, b]}\n    Thing: {type: object, properties: {" +
		"one: {type: [string, 'null']}, other: {anyOf: [{$ref: '#/components/schemas/Word'}, {type: 'null'}]}, never: {type: string}, can: {type: [string, 'null'], x-go-type: 'nullable.Nullable[string]'}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	for _, property := range []string{"one", "other"} {
		require.Contains(t, got.Report, "property `"+property+"` (")
	}
	require.Equal(t, 2, strings.Count(got.Report, ": a request can set it to null, but not in Go"))
}
