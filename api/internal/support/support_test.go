package support_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

func property(s string) string { return schema("{type: object, properties: {p: " + s + "}}") }

func parameter(p string) string {
	return get("/a", "parameters: [{name: q, "+p+"}], "+ok)
}

const badAllOf = "allOf of other schemas than objects, or of objects that contradict each other"

// What is not carried is refused with its place and its name.
func TestRefused(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"operation on another host", get("/a", "servers: [{url: 'https://y.example'}], "+ok), "a.yaml:5: operation with servers"},
		{"path on another host", strings.Replace(get("/a", ok), "{get:", "{servers: [{url: 'https://y.example'}], get:", 1), "a.yaml:5: operation with servers"},
		{"cookie parameter", parameter("in: cookie, schema: {type: string}"), "a.yaml:5: cookie parameter q"},
		{"parameter of JSON", parameter("in: query, content: {application/json: {schema: {type: object}}}"), "a.yaml:5: query parameter q with content"},
		{"header of the client", get("/a", "parameters: [{name: HOST, in: header, schema: {type: string}}], "+ok), "a.yaml:5: header parameter HOST, which the client makes itself"},
		{"header parameter that is no token", get("/a", "parameters: [{name: X Trace, in: header, schema: {type: string}}], "+ok), `a.yaml:5: header parameter named "X Trace"`},
		{"response header that is no token", post(`responses: {'200': {description: d, headers: {"X\nA": {schema: {type: string}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}`), `response header named "X\nA"`},
		{"array in a header", parameter("in: header, schema: {type: array, items: {type: string}}"), "a.yaml:5: header parameter q that is no single value"},
		{"name with a comma", get("/a", "parameters: [{name: 'a,b', in: query, schema: {type: string}}], "+ok), `query parameter named "a,b"`},
		{"map in the query", parameter("in: query, schema: {type: object}"), "query parameter q that is neither a single value nor an array or object of them"},
		{"object with others in the query", parameter("in: query, schema: {type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}"), "query parameter q that is neither"},
		{"object in an object in the query", parameter("in: query, style: deepObject, schema: {type: object, properties: {a: {type: object}}}"), "query parameter q that is neither"},
		{"deep object that is not exploded", parameter("in: query, style: deepObject, explode: false, schema: {type: object, properties: {a: {type: string}}}"), "query parameter q of style deepObject"},
		{"deep array", parameter("in: query, style: deepObject, schema: {type: array, items: {type: string}}"), "query parameter q of style deepObject"},
		{"single value with pipes", parameter("in: query, style: pipeDelimited, schema: {type: string}"), "query parameter q of style pipeDelimited"},
		{"array of objects in the query", parameter("in: query, schema: {type: array, items: {type: object}}"), "query parameter q that is neither"},
		{"choice in the query", parameter("in: query, schema: {oneOf: [{type: string}, {type: integer}]}"), "query parameter q that is neither"},
		{"anything in the query", parameter("in: query, schema: {}"), "query parameter q that is neither"},
		{"reserved characters", parameter("in: query, allowReserved: true, schema: {type: string}"), "query parameter q with allowReserved"},
		{"array in the path", get("/a/{q}", "parameters: [{name: q, in: path, required: true, schema: {type: array, items: {type: string}}}], "+ok), "path parameter q that is no single value"},
		{"style of the path", get("/a/{q}", "parameters: [{name: q, in: path, required: true, style: label, schema: {type: string}}], "+ok), "path parameter q of style label"},
		{"path without its parameter", get("/a/{q}", ok), "a.yaml:5: path /a/{q} without a parameter q"},
		{"parameter without its path", get("/a", "parameters: [{name: q, in: path, required: true, schema: {type: string}}], "+ok), "path parameter q, which the path /a does not have"},
		{"object in a form", post("requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {p: {type: object}}}}}}, " + ok), "a.yaml:5: form that has others than single values"},
		{"encoding of a form", post("requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object}, encoding: {}}}}, " + ok), "a.yaml:5: request body with encoding"},
		{"multipart", post("requestBody: {content: {multipart/form-data: {schema: {type: object}}}}, " + ok), "request body of type multipart/form-data"},
		{"XML", post("requestBody: {content: {application/xml: {schema: {type: object}}}}, " + ok), "request body of type application/xml"},
		{"two kinds of text", post("requestBody: {content: {text/csv: {schema: {type: string}}, text/plain: {schema: {type: string}}}}, " + ok), "request body of several types (text/csv, text/plain)"},
		{"a parameter twice", get("/a", "parameters: [{name: q, in: query, schema: {type: string}}, {name: q, in: query, schema: {type: integer}}], "+ok), "query parameter q twice"},
		{"one name in the query and a header", get("/a", "parameters: [{name: q, in: header, schema: {type: string}}, {name: q, in: query, schema: {type: string}}], "+ok), "header parameter q, which is also a query parameter"},
		{"escapes in a path", get("/a%20b", ok), "path /a%20b"},
		{"HEAD with a body", strings.Replace(get("/a", ok), "{get:", "{head:", 1), "a.yaml:5: response to HEAD with a body"},
		{"no type", property("{type: []}"), "empty list of types"},
		{"another type", property("{type: bool}"), "a.yaml:11: type \"bool\""},
		{"what has the type of another schema", property("{type: object, x-go-type: Thing, patternProperties: {a: {}}}"), "a.yaml:11: schema with patternProperties"},
		{"another type, which is another one in Go", property("{type: 7, x-go-type: string}"), "a.yaml:11: type 7"},
		{"null that is no string", property("{type: [string, null]}"), "a.yaml:11: type null"},
		{"another type in a header", post("responses: {'200': {description: d, headers: {X-A: {schema: {type: text}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}"), "a.yaml:5: type \"text\""},
		{"null alone", property("{enum: [null]}"), "a.yaml:11: enumeration without a value other than null"},
		{"another status code", post(ok[:len(ok)-1] + ", odd: {description: d}}"), "a.yaml:5: response odd"},
		{"no part", property("{allOf: []}"), "a.yaml:11: " + badAllOf},
		{"limits of a string beside others", property("{allOf: [{type: string}, {maxLength: 3}]}"), "a.yaml:11: " + badAllOf},
		{"an array of a component", property("{allOf: [{type: array, items: {type: string}}, {maxItems: 3}]}"), "a.yaml:11: " + badAllOf},
		{"two kinds of other members", property("{allOf: [{$ref: '#/components/schemas/Thing'}, {type: object, additionalProperties: {type: string}}, {allOf: [{$ref: '#/components/schemas/Other'}, {additionalProperties: {type: integer}}]}]}"), "a.yaml:11: " + badAllOf},
		{"null", post("responses: {'200': {description: d, content: {application/json: {schema: {type: [object, 'null'], properties: {p: {type: string}}}}}}}"), "response that may be null"},
		{"left out in Go", property("{type: string, x-go-json-ignore: true}"), "schema with x-go-json-ignore"},
		{"body without content", post("requestBody: {content: {}}, " + ok), "request body without content"},
		{"body without a schema", post("requestBody: {content: {application/json: {}}}, " + ok), "request body without a schema"},
		{"anything", post("responses: {'200': {description: d, content: {'*/*': {schema: {type: string}}}}}"), "response of type */*"},
		{"text in another encoding", post("responses: {'200': {description: d, content: {text/plain; charset=latin1: {schema: {type: string}}}}}"), "response of type text/plain; charset=latin1"},
		{"events", post("responses: {'200': {description: d, content: {text/event-stream: {schema: {type: string}}}}}"), "response of type text/event-stream"},
		{"no schema", post("responses: {'200': {description: d, content: {application/json: {}}}}"), "response without a schema"},
		{"2XX", post("responses: {2XX: {description: d}}"), "response 2XX"},
		{"default", post("responses: {default: {description: d}}"), "operation without a successful response of its own"},
		{"two responses", post("responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}}"),
			"several successful responses with different content"},
		{"text or nothing", post("responses: {'200': {description: d, content: {text/plain: {schema: {type: string}}}}, '204': {description: d}}"), "several successful responses, of which only some have a body of type text/plain"},
		{"two kinds of credentials", post("security: [{Basic: [], Key: []}], " + ok), "security requirement of 2 kinds of credentials"},
		{"optional credentials", post("security: [{Basic: []}, {}], " + ok), "security requirement of 0 kinds of credentials"},
		{"scheme", post("security: [{None: []}], " + ok), "security scheme None, which is not declared"},
		{"key", post("security: [{Key: []}], " + ok), "security scheme Key, which is neither HTTP Basic nor Bearer"},
		{"members of a pattern", schema("{type: object, patternProperties: {'^x': {type: string}}}"), "a.yaml:11: schema with patternProperties"},
		{"condition", schema("{type: object, if: {properties: {p: {const: x}}}, then: {properties: {q: {type: string}}}}"), "schema with if"},
		{"parts of a schema of its own", schema("{type: object, $defs: {D: {type: string}}}"), "schema with $defs"},
		{"discriminator of what inherits", schema("{type: object, properties: {kind: {type: string}}, discriminator: {propertyName: kind}}"), "discriminator without oneOf or anyOf"},
		{"tuple", property("{type: array, prefixItems: [{type: string}]}"), "schema with prefixItems"},
		{"several types", property("{type: [string, integer]}"), "value of several types (string, integer)"},
		{"binary", property("{type: string, format: binary}"), "string of format binary"},
		{"members beside a choice", schema("{type: object, properties: {p: {type: string}}, oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}]}"), "properties beside oneOf"},
		{"a choice in an allOf", schema("{allOf: [{$ref: '#/components/schemas/Thing'}, {oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}]}]}"), badAllOf},
		{"which members are required", schema("{type: object, properties: {p: {type: string}, q: {type: string}}, anyOf: [{required: [p]}, {required: [q]}]}"), "properties beside anyOf"},
		{"required member that is no property", schema("{type: object, required: [p, q], properties: {p: {type: string}}}"), "a.yaml:11: request whose required member q is no property"},
		{"required member that is no property of a closed object", schema("{type: object, required: [q], properties: {p: {type: string}}, additionalProperties: false}"), "a.yaml:11: request whose required member q is no property"},
		{"required member of another part", schema("{allOf: [{$ref: '#/components/schemas/Thing'}, {type: object, required: [id, q], properties: {p: {type: string}}}]}"), "a.yaml:11: request whose required member q is no property"},
		{"required member that is no property, inside", property("{type: array, items: {type: object, required: [q], properties: {p: {type: string}}}}"), "a.yaml:11: request whose required member q is no property"},
		{"required member that is no property, of a parameter", parameter("in: query, style: deepObject, schema: {type: object, required: [q], properties: {p: {type: string}}}"), "a.yaml:5: request whose required member q is no property"},
		{"no name", schema("{type: object, properties: {'': {type: string}}}"), `property named ""`},
		{"no letter of Go", schema("{type: object, properties: {日本: {type: string}, ß: {type: string, x-go-name: Sharp}}}"), `property named "日本"`},
		{"enumeration of several types", property("{type: string, enum: [a, 1]}"), "enumeration of other values than its type has"},
		{"enumeration with a line break", property(`{type: string, enum: [a, "\nb"]}`), `a.yaml:11: enumeration with the value "\nb"`},
		{"format with a quote", property(`{type: string, format: 'a"b'}`), `a.yaml:11: format "a\"b"`},
		{"discriminator with a quote", property("{oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}], discriminator: {propertyName: 'a`b'}}"), "a.yaml:11: discriminator \"a`b\""},
		{"discriminator with a line break in a value", property(`{oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}], discriminator: {propertyName: k, mapping: {"a\nb": '#/components/schemas/Thing'}}}`), `a.yaml:11: discriminator with the value "a\nb"`},
		{"scope with a quote", get("/a", `security: [{Basic: ['a"b']}], `+ok), `a.yaml:5: scope "a\"b"`},
		{"schema whose name has a line break", strings.Replace(property(`{$ref: "#/components/schemas/O\nther"}`), "    Other", `    "O\nther"`, 1), "reference to #/components/schemas/O\napi: ther"},
		{"enumeration with a quote", property(`{type: string, enum: [a, 'b"']}`), `a.yaml:11: enumeration with the value "b\""`},
		{"enumeration of objects", property("{enum: [{a: 1}]}"), "enumeration of other values than its type has"},
		{"a schema in an allOf in itself", pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, " + pipelinetest.Returns("Self") + "}}\ncomponents:\n  schemas:\n" +
			"    Self: {type: object, properties: {p: {allOf: [{$ref: '#/components/schemas/Self'}, {type: object, properties: {more: {type: string}}}]}}}\n", "a.yaml:8: " + badAllOf},
		{"no letter of a Go name in a schema's", property("{$ref: '#/components/schemas/日本'}") + "    日本: {type: object}\n", "reference to #/components/schemas/日本"},
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

// What is required need not be a property where nobody sends it, where any member can be
// sent, where the Go type is written by hand, and in a part of a schema of which another part
// has it.
func TestRequiredMembers(t *testing.T) {
	stray := "{type: object, required: [id, q], properties: {id: {type: string}}}"
	for name, document := range map[string]string{
		"response":     strings.Replace(get("/a", ok), "Thing: {", "Thing: {required: [id, q], ", 1),
		"open object":  schema("{type: object, required: [q], properties: {p: {type: string}}, additionalProperties: {type: integer}}"),
		"map":          schema("{type: object, required: [q]}"),
		"type by hand": property("{type: object, x-go-type: json.RawMessage, required: [q], properties: {p: {type: string}}}"),
		"another part": schema("{allOf: [" + stray + ", {type: object, properties: {q: {type: string}}}]}"),
	} {
		got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true})
		require.Empty(t, got.Err, name)
	}
}

// What has the Go type of an unsupported schema is not supported either. A schema that only
// others refer to that no operation needs does not keep it.
func TestOmittedTypes(t *testing.T) {
	const bad = "    Bad: {type: object, properties: {'a`b': {type: string}}}\n" +
		"    Unused: {type: object, properties: {bad: {type: object, x-go-type: Bad}}}\n"
	typed := "responses: {'200': {description: d, content: {application/json: {schema: {type: object, x-go-type: Bad, properties: {c: {type: string}}}}}}}"
	for typed, want := range map[string]string{typed: "property named", ok: "schemas that no operation needs"} {
		document := get("/a", ok) + bad
		document = strings.Replace(document, "paths:\n", "paths:\n  /typed: {get: {operationId: typed, "+typed+"}}\n", 1)
		got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true, Omit: true})
		require.Empty(t, got.Err)
		require.Contains(t, got.Report, want)
		require.NotContains(t, got.YAML, "Bad")
	}
}

// An operation that cannot be carried can be left out of published documents.
func TestOmitted(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, " + ok + "}, post: {operationId: b, responses: {default: {description: d}}}}\n" +
		"  /`b: {get: {operationId: c, " + ok + "}}\n" + tail
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true, Omit: true})
	require.Empty(t, got.Err)
	require.NotContains(t, got.YAML, "operationId: b")
	require.NotContains(t, got.YAML, "/`b", "a path without operations")
	require.Contains(t, got.YAML, "operationId: a")
	require.Contains(t, got.Report, "- `POST /a`: a.yaml:5: operation without a successful response of its own: not supported")
	got = pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths: {/a: {get: {operationId: a, responses: {default: {description: d}}}}}\n"), Config: config, Published: true, Omit: true})
	require.Contains(t, got.Err, "no operation is left")
}

// The content of an error is read whatever it is, so that what is not supported in it
// leaves out its type alone.
func TestContentOfErrors(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, responses: {'204': {description: d}, '400': {description: d, content: {application/json: {schema: {type: array, prefixItems: [{type: string}]}}}}}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true})
	require.Empty(t, got.Err)
	require.NotContains(t, got.YAML, "Items")
	own := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config})
	require.Equal(t, "api: a.yaml:5: schema with prefixItems: not supported (`GET /a`, response 400)\n", own.Err)
	require.Contains(t, got.Report, "`GET /a`: the content of response 400, an error, has no type: schema with prefixItems (a.yaml:5)")
}

// What distinguishes those that inherit from a schema matters only where a value is
// described by that schema.
func TestDiscriminatorOfPart(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, " + pipelinetest.Returns("Cat") + "}}\n" +
		"components:\n  schemas:\n    Pet: {type: object, properties: {kind: {type: string}}, discriminator: {propertyName: kind}}\n" +
		"    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {lives: {type: integer}}}]}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: config, Published: true})
	require.Empty(t, got.Err)
}
