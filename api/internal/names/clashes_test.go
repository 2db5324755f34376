package names_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// Of two that would have one name in Go, the one that cannot have another keeps
// it, else the one that was given it or had it before, else the first.
func TestWhoKeepsAName(t *testing.T) {
	object := func(members string) string { return "{type: object, properties: {" + members + "}}" }
	reads := func(id, schema string) string {
		return "  /api/" + id + ": {get: {operationId: " + id + ", " + pipelinetest.Returns(schema) + "}}\n"
	}
	schemas := func(first, second string) string {
		return "paths:\n" + reads("get_first", "First") + reads("get_second", "Second") + "components:\n  schemas:\n    First: " + first + "\n    Second: " + second + "\n"
	}
	for _, test := range []struct {
		name, document, beside, locked string
		want                           string // in the description
	}{
		{name: "the first schema",
			document: "paths:\n" + reads("get_first", "A.B") + reads("get_second", "AB") + "components:\n  schemas:\n    A.B: " + object("a: {type: string}") + "\n    AB: " + object("b: {type: string}") + "\n",
			want:     "{b: {type: string}}, title: AB, x-go-name: ABSchema}"},
		{name: "the schema that was given the name",
			document: schemas(object("a: {type: string}"), "{x-go-name: First, type: object, properties: {b: {type: string}}}"),
			want:     "{a: {type: string}}, title: First, x-go-name: FirstSchema}"},
		{name: "the schema that had the name",
			document: "paths:\n" + reads("get_first", "A.B") + reads("get_second", "AB") + "components:\n  schemas:\n    A.B: " + object("a: {type: string}") + "\n    AB: " + object("b: {type: string}") + "\n",
			locked:   "schema\tAB\tAB\ntype\tAB\tAB\tstruct\nfield\tAB.b\tB\t*string\n",
			want:     "{a: {type: string}}, title: A.B, x-go-name: ABSchema}"},
		{name: "what is written by hand",
			document: schemas("{x-go-name: Caller, type: object, properties: {a: {type: string}}}", object("b: {type: string}")),
			beside:   "package gen\n\ntype Caller struct{}\n",
			want:     "x-go-name: CallerSchema"},
		{name: "parameters",
			document: "paths:\n" + reads("get_first", "First") + "  /api/second: {get: {operationId: second, parameters: [{name: q, in: query, schema: {type: string}}], " + pipelinetest.Returns("First") + "}}\n" +
				"components:\n  schemas:\n    First: {x-go-name: SecondParams, type: object, properties: {a: {type: string}}}\n",
			want: "x-go-name: SecondParamsSchema"},
		{name: "the operation that was given the name",
			document: "paths:\n  /api/a: {get: {operationId: get_it}}\n  /api/b: {get: {operationId: other, x-go-name: GetIt}}\n",
			want:     "{operationId: get_it, x-go-name: GetItOperation}"},
		{name: "the property that was given the name",
			document: schemas(object("some_id: {type: string}, other: {type: string, x-go-name: SomeId}"), "{type: object}"),
			want:     "some_id: {type: string, x-go-name: SomeIdField}, other: {type: string, x-go-name: SomeId}"},
		{name: "a method of an object with a secret",
			document: schemas(object("log_value: {type: string}, string: {type: string}, pin: {type: string, x-oapi-codegen-extra-tags: {sensitive: 'true'}}"), "{type: object}"),
			want:     "log_value: {type: string, x-go-name: LogValueField}, string: {type: string, x-go-name: StringField}"},
		{name: "a method of an object with other members",
			document: schemas("{type: object, properties: {marshal_JSON: {type: string}}, additionalProperties: {type: string}}", "{type: object}"),
			want:     "marshal_JSON: {type: string, x-go-name: MarshalJSONField}"},
		{name: "the first of two constants",
			document: schemas(object("k: {$ref: '#/components/schemas/Ab'}"), object("k: {$ref: '#/components/schemas/AbC'}")) + "    Ab: {type: string, enum: [c_d]}\n    AbC: {type: string, enum: [d]}\n",
			want:     "AbC: {type: string, enum: [d], title: AbC, x-enum-varnames: [dValue]}"},
		{name: "a constant that begins with a digit",
			document: schemas(object("k: {$ref: '#/components/schemas/Ab'}"), object("k: {$ref: '#/components/schemas/Ab5'}")) + "    Ab: {type: [integer, 'null'], enum: [4, null, 5]}\n    Ab5: {type: object, properties: {q: {type: string}}}\n",
			want:     "Ab: {type: [integer, 'null'], enum: [4, null, 5], title: Ab, x-enum-varnames: [\"4\", 5Value]}"},
		{name: "a constant that begins with N and a digit",
			document: schemas(object("k: {$ref: '#/components/schemas/Ab'}"), object("k: {$ref: '#/components/schemas/Ab5'}")) + "    Ab: {type: string, enum: [N5]}\n    Ab5: {type: object, properties: {q: {type: string}}}\n",
			want:     "Ab: {type: string, enum: [N5], title: Ab, x-enum-varnames: [N5Value]}"},
		{name: "a constant with the name of the parameters of an operation",
			document: "paths:\n  /api/things: {get: {operationId: things, parameters: [{name: q, in: query, schema: {type: string}}], " + pipelinetest.Returns("Things") + "}}\n" +
				"components:\n  schemas:\n    Things: {type: string, enum: [params]}\n",
			want: "Things: {type: string, enum: [params], title: Things, x-enum-varnames: [paramsValue]}"},
		{name: "the items of a list",
			document: "paths:\n  /api/callers: {get: {operationId: list_callers, responses: {'200': {description: d, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Caller'}}}}}}}}}}\n" +
				"components:\n  schemas:\n    Caller: {type: object, properties: {id: {type: string}}}\n",
			beside: "package gen\n\ntype Caller interface{}\n",
			want:   "x-go-list: {name: Callers, item: CallerSchema}"},
		{name: "the parameter that was given the name",
			document: "paths:\n  /api/a: {get: {operationId: a, parameters: [{name: some_id, in: query, schema: {type: string}}, {name: o, in: query, schema: {type: string}, x-go-name: SomeId}]}}\n",
			want:     "{name: some_id, in: query, schema: {type: string}, x-go-name: SomeIdParameter}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := pipelinetest.Run(t, pipelinetest.Sources{
				Documents: pipelinetest.Texts(pipelinetest.HeadB + test.document), Published: true, Locked: test.locked, Beside: test.beside,
				Config: "package: gen\ngenerate: {models: true}\n",
			})
			require.Empty(t, got.Err)
			require.Contains(t, got.YAML, test.want)
		})
	}
}

// The path of what was described in place is left open, as it is in the components now.
func TestTargetOfWhatWasMoved(t *testing.T) {
	part := "{type: object, properties: {a_b: {type: string}, aB: {type: string}}}"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n  /thing: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}\n" +
			"components:\n  schemas:\n    Thing: {type: object, properties: {part: " + part + "}}\n"),
		Config: "package: gen\ngenerate: {models: true}\n",
	})
	require.Contains(t, got.Err, "property `aB` of `ThingPart` and property `a_b` of `ThingPart` (a.yaml:8) would both be AB in Go")
	require.Contains(t, got.Err, "  - target: ….properties['aB']\n")
}
