package support_test

import (
	"path/filepath"
	"strings"
	"testing"

	"os"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

const (
	config = "package: gen\ngenerate: {models: true}\n"
	ok     = "responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}"
	tail   = "\ncomponents:\n  securitySchemes: {Basic: {type: http, scheme: basic}, Key: {type: apiKey, in: header, name: k}}\n  schemas:\n" +
		"    Thing: {type: object, properties: {id: {type: string}}}\n    Other: {type: object, properties: {no: {type: integer}}}\n"
)

// get is a document with one operation; its first own line is the fifth.
func get(path, operation string) string {
	return pipelinetest.HeadB + "paths:\n  " + path + ": {get: {operationId: get_a, " + operation + "}}" + tail
}

func post(operation string) string {
	return pipelinetest.HeadB + "paths:\n  /a: {post: {operationId: run_a, " + operation + "}}" + tail
}

// schema is a document whose operation sends and returns one; it is in line 11.
func schema(schema string) string {
	return pipelinetest.HeadB + "paths:\n  /a: {post: {operationId: run_a, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}, " +
		strings.ReplaceAll(ok, "Thing", "S") + "}}" + tail + "    S: " + schema + "\n"
}

func parameter(p string) string {
	return get("/a", "parameters: [{name: q, "+p+"}], "+ok)
}

// What is not carried is refused with its place and its name.
func TestRefused(t *testing.T) {
	property := func(s string) string { return schema("{type: object, properties: {p: " + s + "}}") }
	for _, test := range []struct{ name, document, want string }{
		{"header parameter", parameter("in: header, schema: {type: string}"), "a.yaml:5: header parameter q"},
		{"cookie parameter", parameter("in: cookie, schema: {type: string}"), "a.yaml:5: cookie parameter q"},
		{"parameter of JSON", parameter("in: query, content: {application/json: {schema: {type: object}}}"), "a.yaml:5: query parameter q with content"},
		{"deep object", parameter("in: query, style: deepObject, schema: {type: object}"), "a.yaml:5: query parameter q of style deepObject"},
		{"with pipes", parameter("in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}"), "query parameter q of style pipeDelimited"},
		{"with commas", parameter("in: query, explode: false, schema: {type: array, items: {type: string}}"), "query parameter q that is an array with explode: false"},
		{"object in the query", parameter("in: query, schema: {type: object}"), "query parameter q that is neither a single value nor an array of them"},
		{"array of objects in the query", parameter("in: query, schema: {type: array, items: {type: object}}"), "query parameter q that is neither"},
		{"choice in the query", parameter("in: query, schema: {oneOf: [{type: string}, {type: integer}]}"), "query parameter q that is neither"},
		{"anything in the query", parameter("in: query, schema: {}"), "query parameter q that is neither"},
		{"reserved characters", parameter("in: query, allowReserved: true, schema: {type: string}"), "query parameter q with allowReserved"},
		{"array in the path", get("/a/{q}", "parameters: [{name: q, in: path, required: true, schema: {type: array, items: {type: string}}}], "+ok), "path parameter q that is no single value"},
		{"style of the path", get("/a/{q}", "parameters: [{name: q, in: path, required: true, style: label, schema: {type: string}}], "+ok), "path parameter q of style label"},
		{"path without its parameter", get("/a/{q}", ok), "a.yaml:5: path /a/{q} without a parameter q"},
		{"parameter without its path", get("/a", "parameters: [{name: q, in: path, required: true, schema: {type: string}}], "+ok), "path parameter q, which the path /a does not have"},
		{"path item elsewhere", pipelinetest.HeadB + "paths: {/a: {$ref: '#/components/pathItems/A'}, /b: {get: {operationId: b, " + ok + "}}}" + tail + "  pathItems: {A: {}}\n", "a.yaml:4: path item with $ref: not supported"},
		{"form", post("requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object}}}}, " + ok), "a.yaml:5: request body of type application/x-www-form-urlencoded"},
		{"multipart", post("requestBody: {content: {multipart/form-data: {schema: {type: object}}}}, " + ok), "request body of type multipart/form-data"},
		{"another JSON", post("requestBody: {content: {application/vnd.a+json: {schema: {type: object}}}}, " + ok), "request body of type application/vnd.a+json"},
		{"JSON and form", post("requestBody: {content: {application/json: {schema: {type: object}}, text/plain: {schema: {type: string}}}}, " + ok), "request body of type text/plain"},
		{"body without content", post("requestBody: {content: {}}, " + ok), "request body without content"},
		{"text", post("responses: {'200': {description: d, content: {text/plain: {schema: {type: string}}}}}"), "response of type text/plain"},
		{"anything", post("responses: {'200': {description: d, content: {'*/*': {schema: {type: string}}}}}"), "response of type */*"},
		{"no schema", post("responses: {'200': {description: d, content: {application/json: {}}}}"), "response without a schema"},
		{"2XX", post("responses: {2XX: {description: d}}"), "response 2XX"},
		{"default", post("responses: {default: {description: d}}"), "operation without a successful response of its own"},
		{"two responses", post("responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}}"),
			"several successful responses with different content"},
		{"two kinds of credentials", post("security: [{Basic: [], Key: []}], " + ok), "security requirement of 2 kinds of credentials"},
		{"optional credentials", post("security: [{Basic: []}, {}], " + ok), "security requirement of 0 kinds of credentials"},
		{"key", post("security: [{Key: []}], " + ok), "security scheme Key, which is neither HTTP Basic nor Bearer"},
		{"members of a pattern", schema("{type: object, patternProperties: {'^x': {type: string}}}"), "a.yaml:11: schema with patternProperties"},
		{"tuple", property("{type: array, prefixItems: [{type: string}]}"), "schema with prefixItems"},
		{"several types", property("{type: [string, integer]}"), "value of several types (string, integer)"},
		{"binary", property("{type: string, format: binary}"), "string of format binary"},
		{"members beside a choice", schema("{type: object, properties: {p: {type: string}}, oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}]}"), "properties beside oneOf"},
		{"a choice in an allOf", schema("{allOf: [{$ref: '#/components/schemas/Thing'}, {oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}]}]}"), "allOf with a choice in it"},
		{"which members are required", schema("{type: object, properties: {p: {type: string}, q: {type: string}}, anyOf: [{required: [p]}, {required: [q]}]}"), "properties beside anyOf"},
		{"no name", schema("{type: object, properties: {'': {type: string}}}"), `property named ""`},
		{"no letter", schema("{type: object, properties: {'$': {type: string}}}"), `property named "$"`},
		{"enumeration of booleans", property("{type: boolean, enum: [true]}"), "enumeration of other than strings or integers"},
		{"a part of a schema", property("{$ref: '#/components/schemas/Thing/properties/id'}"), "reference to #/components/schemas/Thing/properties/id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, published := range []bool{true, false} {
				got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(test.document), Config: config, Published: published})
				require.Contains(t, got.Err, test.want)
				require.Contains(t, got.Err, ": not supported")
				require.Regexp(t, `^api: a.yaml:\d+: `, got.Err)
			}
		})
	}
}

// An operation that cannot be carried can be left out of published documents.
func TestOmitted(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, " + ok + "}, post: {operationId: b, responses: {default: {description: d}}}}\n" + tail
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true, Omit: true})
	require.Empty(t, got.Err)
	require.NotContains(t, got.YAML, "operationId: b")
	require.Contains(t, got.YAML, "operationId: a")
	require.Contains(t, got.Report, "- `POST /a`: a.yaml:5: operation without a successful response of its own: not supported")
}

// What is carried compiles: here with names that meet others, and spellings that
// are legal and rare.
func TestCarried(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	var paths strings.Builder
	for _, name := range []string{"c", "ctx", "opts", "params", "body", "new", "string", "error", "range", "variant", "context"} {
		paths.WriteString("  /by_" + name + "/{" + name + "}: {post: {operationId: by_" + name + ", parameters: [{name: " + name + ", in: path, required: true, schema: {type: string}}, {name: q, in: query, schema: {type: string}}], " +
			"requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}, " + ok + "}}\n")
	}
	text := pipelinetest.HeadB + "paths:\n" + paths.String() + `
  /dates/{day}:
    get:
      operationId: get_day
      description: "x */ \n// y\n\Lfunc init(){}"
      parameters:
        - {name: day, in: path, required: true, schema: {type: string, format: date}}
        - {name: a-b, in: query, schema: {type: integer}}
        - {name: a_b, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Day'}}}}
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Day'}}}}
        default: {description: d, content: {text/plain: {}}}
  /open: {get: {operationId: get_open, security: [{}], responses: {'204': {description: d}}}}
components:
  schemas:
    Thing: {type: object, properties: {id: {type: string}}}
    Other: {type: object, required: [kind], properties: {kind: {type: string, enum: [other]}, no: {type: integer}}}
    Day:
      type: object
      properties:
        email: {type: string, format: email}
        length: {type: string, format: duration}
        data: {type: string, format: byte}
        text: {type: string, format: json}
        size: {type: number}
        level: {type: integer, enum: [1, 2]}
        next: {$ref: '#/components/schemas/Day'}
        any: {}
        more: {type: object, additionalProperties: {type: integer}}
        kinds: {oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}]}
`
	dir := t.TempDir()
	document := filepath.Join(dir, "a.yaml")
	require.NoError(t, os.WriteFile(document, []byte(text), 0o600))
	_, err := pipeline.Import(t.Context(), "../../..", []string{document}, filepath.Join(dir, "out"), pipeline.Options{})
	require.NoError(t, err)
	client, err := os.ReadFile(filepath.Join(dir, "out", "gen", "signalwire.gen.go"))
	require.NoError(t, err)
	for _, want := range []string{
		"ByC(ctx context.Context, cValue string, params ByCParams, body Other, opts ...CallOption)", "GetDay(ctx context.Context, day string, params GetDayParams, opts ...CallOption) (*Day, error)",
		"\tABParameter []string ",
	} {
		require.Contains(t, string(client), want)
	}
	require.Regexp(t, `\tSize +\*float64 `, string(client))
	require.Regexp(t, `\tData +\*string `, string(client))
}
