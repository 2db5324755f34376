package names_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// A schema that no operation refers to stays if an x-go-type names its type, with the schemas
// that it refers to.
func TestTypeOfNoOperation(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/a: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + `}}}
components:
  schemas:
    Thing: {type: object, properties: {part: {x-go-type: Part, type: object}}}
    Part: {type: object, properties: {screw: {$ref: '#/components/schemas/Screw'}}}
    Screw: {type: object, properties: {size: {type: integer}}}
    Nail: {type: object}
`
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "\n    Screw: ")
	require.NotContains(t, got.YAML, "Nail")
}

// A new operation that reads is called Get…, as the others are, but not if another one has that
// name, is in the lock with it, or if the overlay gives it another.
func TestNamesOfReads(t *testing.T) {
	read := func(path, id string) string {
		return "  " + path + ": {get: {operationId: " + id + ", " + pipelinetest.Returns("Thing") + "}}\n"
	}
	document := pipelinetest.HeadB + "paths:\n" + read("/a", "retrieve_thing") + read("/b", "retrieveOtherThing") + read("/c", "retrieve_part") + read("/d", "get_part") +
		read("/e", "retrieve_known") + read("/f", "retrieve_named, x-go-name: FetchNamed") + "components:\n  schemas:\n    Thing: {type: object, properties: {id: {type: string}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Published: true, Locked: "operation\tGET /gone\tGetKnown\tget_known() Thing\n", Config: "package: gen\ngenerate: {models: true}\n",
	})
	require.Empty(t, got.Err)
	for id, name := range map[string]string{"retrieve_thing": "GetThing", "retrieve_other_thing": "GetOtherThing", "retrieve_part": "", "retrieve_known": "", "retrieve_named": "FetchNamed"} {
		_, operation, _ := strings.Cut(got.YAML, "operationId: "+id+",")
		operation, _, _ = strings.Cut(operation, "\n")
		if name == "" {
			require.NotContains(t, operation, "x-go-name", id)
		} else {
			require.Contains(t, operation, "x-go-name: "+name, id)
		}
	}
}

// A new variant of a union does not get the type of a variant that is gone, although the two
// have the same properties: the value of one of these distinguishes it.
func TestNewVariantIsNoOldVariant(t *testing.T) {
	const locked = "constant\tCircleKind.circle\tCircleKindCircle\n" +
		"constant\tSquareKind.square\tSquareKindSquare\n" +
		"field\tCircle.kind\tKind\tCircleKind\n" +
		"field\tCircle.size\tSize\tint64\n" +
		"field\tSquare.kind\tKind\tSquareKind\n" +
		"field\tSquare.size\tSize\tint64\n" +
		"operation\tGET /shape\tGetShape\tget_shape() Shape\n" +
		"type\tCircle\tCircle\tstruct\n" +
		"type\tCircle/kind\tCircleKind\tstring\n" +
		"type\tShape\tShape\tunion Circle | Square\n" +
		"type\tSquare\tSquare\tstruct\n" +
		"type\tSquare/kind\tSquareKind\tstring\n"
	document := pipelinetest.HeadB + "paths: {/shape: {get: {operationId: get_shape, " + pipelinetest.Returns("Any") + `}}}
components:
  schemas:
    Any: {oneOf: [{$ref: '#/components/schemas/Round'}, {$ref: '#/components/schemas/Triangle'}]}
    Round: {type: object, required: [kind, size], properties: {kind: {type: string, enum: [circle]}, size: {type: integer}}}
    Triangle: {type: object, required: [kind, size], properties: {kind: {type: string, enum: [triangle]}, size: {type: integer}}}
`
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Published: true, Locked: locked, Config: "package: gen\ngenerate: {models: true}\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Circle: {type: object, ")
	require.Contains(t, got.YAML, "    Triangle: {type: object, ")
}

// A schema that a new version describes in place, too, has the type of the named one. The type
// of what is in both is declared once, with the values of both.
func TestCopiesOfSchemas(t *testing.T) {
	const thing = "{type: object, required: [kind], properties: {kind: {type: string, enum: "
	document := pipelinetest.HeadB + "paths:\n" +
		"  /things: {get: {operationId: list_things, responses: {'200': {description: d, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}\n" +
		"  /things/{id}: {get: {operationId: get_thing, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: d, content: {application/json: {schema: " + thing + "[c, a, b]}}}}}}}}}\n" +
		"components:\n  schemas:\n    Thing: " + thing + "[a, b]}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n", Published: true,
		Locked: "constant\tKind.a\tKindA\nconstant\tKind.b\tKindB\noperation\tGET /things\tListThings\tlist_things() []Thing\noperation\tGET /things/{id}\tGetThing\tget_thing() Thing\n" +
			"field\tThing.kind\tKind\tKind\ntype\tThing\tThing\tstruct\ntype\tThing/kind\tKind\tstring\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Thing: {type: object, required: [kind], properties: {kind: {type: string, enum: [a, b], x-go-type: Kind}}")
	require.Contains(t, got.YAML, "    Kind: {type: string, enum: [c, a, b]}")
	require.Contains(t, got.YAML, "properties: {kind: {$ref: '#/components/schemas/Kind'}}, x-go-type: Thing}")
}

// A type is rather declared by a schema that is generated than by a larger one in a copy.
func TestTypesInCopiesOfSchemas(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /thing: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}\n  /copy: {get: {operationId: get_copy, " + pipelinetest.Returns("Copy") + "}}\n" +
		"components:\n  schemas:\n    Copy: {type: object, properties: {kind: {type: string, enum: [a, b, c]}}}\n    Thing: {type: object, properties: {id: {type: string}, kind: {type: string, enum: [a]}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n", Published: true,
		Locked: "constant\tKind.a\tKindA\nfield\tThing.id\tID\t*string\nfield\tThing.kind\tKind\t*Kind\nschema\tCopy\tThing\ntype\tThing\tThing\tstruct\ntype\t-\tKind\tstring\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "Thing: {type: object, properties: {id: {type: string, x-go-name: ID}, kind: {$ref: '#/components/schemas/Kind'}}")
	require.Contains(t, got.YAML, "Kind: {type: string, enum: [a, b, c]}")
}

// A property keeps its Go name, whether it declares its type or has that of another one.
func TestFieldsOfOneType(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/thing: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}}\n" +
		"components:\n  schemas:\n    Thing: {type: object, properties: {a: {type: string, enum: [x, y]}, b: {type: string, enum: [x]}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n", Published: true,
		Locked: "constant\tKind.x\tKindX\nconstant\tKind.y\tKindY\noperation\tGET /thing\tGetThing\tget_thing() Thing\n" +
			"field\tThing.a\tFirst\t*Kind\nfield\tThing.b\tSecond\t*Kind\ntype\tThing\tThing\tstruct\ntype\tThing/a\tKind\tstring\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "a: {$ref: '#/components/schemas/Kind', x-go-name: First}, b: {type: string, enum: [x], x-go-name: Second, x-go-type: Kind}")
}

// The iterators of two lists of one type have the items of the one that declares the type.
func TestListsOfOneType(t *testing.T) {
	const list = "type: object, properties: {data: {type: array, items: {type: object, properties: {id: {type: string}}}}}"
	document := pipelinetest.HeadB + "paths:\n" +
		"  /a: {get: {operationId: list_as, " + pipelinetest.Returns("ListA") + "}}\n" +
		"  /b: {get: {operationId: list_bs, " + pipelinetest.Returns("ListB") + "}}\n" +
		"components:\n  schemas:\n    ListA: {" + list + ", x-go-type: Things}\n    ListB: {" + list + ", x-go-name: Things}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "x-go-list: {name: As, item: AsItem}")
	require.Contains(t, got.YAML, "x-go-list: {name: Bs, item: AsItem}")
	require.Regexp(t, "ListB: .*#/components/schemas/AsItem", got.YAML)
}

// What is described where it is used has a type that is named after the one it is in, also if
// that has another name than its schema.
func TestNameMembers(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /thing: {get: {operationId: get_thing, " + pipelinetest.Returns("Api.ThingDto") + "}}\ncomponents:\n  schemas:\n" +
		"    Api.ThingDto: {x-go-name: Thing, type: object, properties: {part: {type: object, properties: {kind: {type: string, enum: [a]}}}, " +
		"parts: {type: array, items: {type: object, properties: {id: {type: string}}}}, " +
		"more: {type: object, additionalProperties: {oneOf: [{type: string}, {type: integer}]}}, " +
		"only: {anyOf: [{$ref: '#/components/schemas/Other'}, {type: 'null'}]}, other: {type: object, properties: {a: {type: string}}}}}\n" +
		"    Other: {x-go-name: ThingOther, type: object, properties: {b: {type: string}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	for _, want := range []string{
		"part: {$ref: '#/components/schemas/ThingPart'}, parts: {type: array, items: {$ref: '#/components/schemas/ThingPartsItem'}}, " +
			"more: {type: object, additionalProperties: {$ref: '#/components/schemas/ThingMoreItem'}}",
		"    ThingPart: {type: object, properties: {kind: {$ref: '#/components/schemas/ThingPartKind'}}}",
		"    ThingPartKind: {type: string, enum: [a]}",
		"    ThingPartsItem: {type: object, properties: {id: {type: string}}}",
		"    ThingMoreItem: {oneOf: [{$ref: '#/components/schemas/ThingMoreItemString', x-go-type: string}, " +
			"{$ref: '#/components/schemas/ThingMoreItemInteger', x-go-type: int64}]}",
		"other: {$ref: '#/components/schemas/ThingOther2'}", // Another schema has the name ThingOther.
		"    ThingOther2: {type: object, properties: {a: {type: string}}}",
	} {
		require.Contains(t, got.YAML, want)
	}
}

// What is described in a request, a parameter or a response has a type that is named after its
// operation. All of it is in the components, so that each type is declared once.
func TestNameMembersOfOperations(t *testing.T) {
	const part = "{type: object, properties: {a: {type: string}}}"
	reference := func(name string) string { return "{$ref: '#/components/schemas/" + name + "'}" }
	content := func(schema string) string { return "content: {application/json: {schema: " + schema + "}}" }
	document := pipelinetest.HeadB + "paths:\n  /thing:\n    get: {operationId: get_thing, " + pipelinetest.Returns("Whole") + "}\n" +
		"    post: {operationId: make_thing, parameters: [{name: filter, in: query, schema: " + part + "}], requestBody: {" + content("{type: object, properties: {size: "+part+", given: {x-go-type-name: Given, type: object, properties: {inner: "+part+"}}}}") + "}, responses: {'200': {description: d, " + content(part) + "}, '400': {description: d, " + content(reference("Failure")) + "}}}\n" +
		"components:\n  schemas:\n    Failure: {type: object, properties: {why: " + part + "}}\n" +
		"    Whole: {type: object, properties: {own: " + part + ", foreign: {x-go-type: time.Time, type: object, properties: {inner: " + part + "}}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	for _, want := range []string{
		"    MakeThingBody: {type: object, properties: {size: " + reference("MakeThingBodySize") + ", given: " + reference("Given") + "}}",
		"    Given: {type: object, properties: {inner: " + reference("GivenInner") + "}}",
		"{schema: " + reference("MakeThingResponse") + "}",
		"{name: filter, in: query, schema: " + reference("MakeThingParamsFilter") + "}",
		"    MakeThingBodySize: " + part,
		"    GivenInner: " + part,
		"    MakeThingResponse: " + part,
		"    MakeThingParamsFilter: " + part,
		"Failure: {type: object, properties: {why: " + part + "}}", // Errors have no types.
		"{own: " + reference("WholeOwn") + ", foreign: ",
		"{x-go-type: time.Time, type: object, properties: {inner: " + part + "}}", // It is not generated.
		"    WholeOwn: " + part,
	} {
		require.Contains(t, got.YAML, want)
	}
}

// What is in a schema for which the generator declares nothing takes no name from others, not
// even one that it has in the lock.
func TestNamesInRawSchemas(t *testing.T) {
	const part = "{type: object, properties: {part: {type: object, properties: {a: {type: string}}"
	document := pipelinetest.HeadB + "paths:\n  /raw: {get: {operationId: get_raw, " + pipelinetest.Returns("Raw") + "}}\n  /thing: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}\n" +
		"components:\n  schemas:\n    Raw: " + part + "}}}\n    Thing: " + part + "}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n", Published: true,
		Overlay: "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions: [{target: $.components.schemas.Raw, update: {x-go-type: json.RawMessage}}]\n",
		Locked: "operation\tGET /raw\tGetRaw\tget_raw() Raw\nfield\tRaw.part\tPart\tThingPart\nfield\tThingPart.a\tA\tstring\n" +
			"type\tRaw\tRaw\tstruct\ntype\tRaw/part\tThingPart\tstruct\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Raw: "+part+"}}, title: Raw, x-go-type: json.RawMessage}")
	require.Contains(t, got.YAML, "    Thing: {type: object, properties: {part: {$ref: '#/components/schemas/ThingPart'}}")
	require.Contains(t, got.YAML, "    ThingPart: {type: object, properties: {a: {type: string}}}")
}

// A schema that moves to the components keeps its position, for messages.
func TestPositionsOfMoved(t *testing.T) {
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n  /thing: {get: {operationId: get_thing, parameters: [{name: q, in: query, schema: {type: string}}], " + pipelinetest.Returns("GetThing") + "}}\n" +
			"components:\n  schemas:\n    Base: {type: object, properties: {a: {type: string}}}\n    GetThing:\n      type: object\n      properties:\n" +
			"        params: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {b: {type: string}}}]}\n"),
		Config: "package: gen\ngenerate: {models: true}\n",
	})
	require.Contains(t, got.Err, "api: a.yaml:12: schema `GetThingParams` and the parameters of `GET /thing` (a.yaml:5) would both be GetThingParams in Go")
}

// The constant of a value gets another name than a type has.
func TestConstantWithTheNameOfAType(t *testing.T) {
	document := pipelinetest.HeadB + "paths: {/thing: {get: {operationId: get_thing, " + pipelinetest.Returns("StatusCode") + "}}}\n" +
		"components:\n  schemas:\n    Status: {type: string, enum: [code, other]}\n    StatusCode: {type: object, properties: {status: {$ref: '#/components/schemas/Status'}}}\n"
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Status: {type: string, enum: [code, other], x-enum-varnames: [codeValue, other]}")
}
