package normal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// What a schema says is said in one way, in OpenAPI 3.0 and in 3.1.
func TestSchemas(t *testing.T) {
	t.Parallel()
	const ref = "$ref: '#/components/schemas/R'"
	for _, test := range []struct{ name, version, given, want string }{
		{"nullable", "3.0.3", "{type: string, nullable: true}", "{type: [string, 'null']}"},
		{"not nullable", "3.0.3", "{type: string, nullable: false}", "{type: string}"},
		{"nullable enumeration", "3.0.3", "{type: string, nullable: true, enum: [a]}", "{type: [string, 'null'], enum: [a, null]}"},
		{"nullable reference", "3.0.3", "{nullable: true, allOf: [{" + ref + "}], description: d}", "{description: d, anyOf: [{" + ref + "}, {type: 'null'}]}"},
		{"nullable choice", "3.0.3", "{nullable: true, oneOf: [{" + ref + "}, {type: integer}]}", "{oneOf: [{" + ref + "}, {type: integer}, {type: 'null'}]}"},
		{"nullable in 3.1", "3.1.0", "{type: string, nullable: true}", "{type: [string, 'null']}"},
		{"exclusive limits", "3.0.3", "{type: integer, minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false}", "{type: integer, maximum: 5, exclusiveMinimum: 1}"},
		{"choice with null", "3.1.0", "{description: d, anyOf: [{type: string, maxLength: 5, description: e}, {type: 'null'}]}", "{type: [string, 'null'], maxLength: 5, description: d}"},
		{"choice of a reference and null", "3.1.0", "{anyOf: [{" + ref + "}, {type: 'null'}]}", "{anyOf: [{" + ref + "}, {type: 'null'}]}"},
		{"choice that contradicts", "3.1.0", "{maximum: 4, anyOf: [{type: integer, maximum: 5}, {type: 'null'}]}", "{maximum: 4, anyOf: [{type: integer, maximum: 5}, {type: 'null'}]}"},
		{"closed", "3.1.0", "{type: object, unevaluatedProperties: {not: {}}}", "{type: object, additionalProperties: false}"},
		{"closed, in another way", "3.1.0", "{type: object, unevaluatedProperties: false}", "{type: object, additionalProperties: false}"},
		{"closed, of several", "3.1.0", "{allOf: [{" + ref + "}, {type: object}], additionalProperties: false}", "{type: object, additionalProperties: false}"},
		{"other members", "3.1.0", "{type: object, unevaluatedProperties: {type: string}}", "{type: object, additionalProperties: {type: string}}"},
		{"other members, of several", "3.1.0", "{allOf: [{" + ref + "}, {type: object}], unevaluatedProperties: {type: string}}", "{type: object, additionalProperties: {type: string}}"},
		{"allOf of one", "3.1.0", "{allOf: [{" + ref + "}], description: d}", "{" + ref + ", description: d}"},
		{"allOf of one in place", "3.1.0", "{allOf: [{type: string, description: inner}], description: d}", "{type: string, description: d}"},
		{"texts that are none in YAML", "3.1.0", "{type: string, title: 2, description: true, format: null}", "{type: string, title: \"2\", description: \"true\", format: \"\"}"},
		{"objects in place", "3.1.0", "{description: d, allOf: [{type: object, required: [a], properties: {a: {type: string}}}, {properties: {b: {type: string}}, required: [b], description: e}], unevaluatedProperties: false}",
			"{description: d, type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}, additionalProperties: false}"},
		{"objects in place beside members", "3.1.0", "{type: object, properties: {a: {type: string}}, allOf: [{properties: {b: {type: string}}}]}", "{type: object, properties: {b: {type: string}, a: {type: string}}}"},
		{"objects with one property", "3.1.0", "{allOf: [{properties: {a: {type: string}}}, {properties: {a: {maxLength: 3}}}]}", "{properties: {a: {maxLength: 3, type: string}}, type: object}"},
		{"objects of which one has another type", "3.1.0", "{allOf: [{properties: {a: {" + ref + "}}}, {properties: {a: {maxLength: 3}}}]}", "{properties: {a: {maxLength: 3}}, type: object}"},
		{"objects that may be null", "3.1.0", "{allOf: [{type: [object, 'null']}, {type: [object, 'null']}]}", "{type: [object, 'null']}"},
		{"objects of which one may be null", "3.1.0", "{allOf: [{type: [object, 'null']}, {" + ref + "}, {type: [object, 'null']}]}", "{type: object}"},
		{"objects that contradict", "3.1.0", "{allOf: [{type: object, maxProperties: 1}, {type: object, maxProperties: 2}]}", "{allOf: [{type: object, maxProperties: 1}, {type: object, maxProperties: 2}]}"},
		{"objects with annotations", "3.1.0", "{allOf: [{" + ref + "}, {type: object, readOnly: true, description: d, x-go-type: T}]}", "{type: object, readOnly: true}"},
		{"nullable objects of 3.0", "3.0.3", "{nullable: true, allOf: [{" + ref + "}, {type: object, properties: {a: {type: string}}}]}", "{type: [object, 'null'], properties: {a: {type: string}}}"},
		{"closed objects in place", "3.1.0", "{allOf: [{properties: {a: {type: string}}, additionalProperties: false}, {properties: {b: {type: string}}}]}", "{properties: {a: {type: string}, b: {type: string}}, type: object, additionalProperties: false}"},
		{"objects in place and a reference", "3.1.0", "{allOf: [{properties: {a: {type: string}}}, {" + ref + "}]}", "{properties: {a: {type: string}}, type: object}"},
		{"array of one type", "3.1.0", "{type: [string]}", "{type: string}"},
		{"choice of one", "3.1.0", "{oneOf: [{" + ref + "}], description: d}", "{" + ref + ", description: d}"},
		{"choice of null alone", "3.1.0", "{anyOf: [{type: 'null'}], description: d}", "{type: 'null', description: d}"},
		{"choice of one beside members", "3.1.0", "{properties: {a: {type: string}}, anyOf: [{" + ref + "}]}", "{properties: {a: {type: string}}, type: object}"},
		{"members beside a reference", "3.1.0", "{" + ref + ", properties: {a: {type: string}}, description: d}", "{properties: {a: {type: string}}, description: d, type: object}"},
		{"whole numbers", "3.1.0", "{type: number, enum: [1, 2]}", "{type: integer, enum: [1, 2]}"},
		{"other numbers", "3.1.0", "{type: number, enum: [1, 2.5]}", "{type: number, enum: [1, 2.5]}"},
		{"values without a type", "3.1.0", "{enum: [a, null]}", "{enum: [a, null], type: [string, 'null']}"},
		{"numbers without a type", "3.1.0", "{enum: [1, 2]}", "{enum: [1, 2], type: integer}"},
		{"a value without a type", "3.1.0", "{const: a}", "{enum: [a], type: string}"},
		{"a constant", "3.1.0", "{type: string, const: a, description: d}", "{type: string, description: d, enum: [a]}"},
		{"a constant number", "3.1.0", "{type: number, const: 1}", "{type: integer, enum: [1]}"},
		{"a constant boolean", "3.1.0", "{const: true}", "{enum: [true], type: boolean}"},
		{"a constant object", "3.1.0", "{type: object, const: {a: 1}}", "{type: object, const: {a: 1}}"},
		{"a constant that may be null", "3.1.0", "{anyOf: [{const: a}, {type: 'null'}]}", "{enum: [a, null], type: [string, 'null']}"},
		{"values of several types", "3.1.0", "{enum: [a, 1]}", "{enum: [a, 1]}"},
		{"choice of anything", "3.1.0", "{description: d, anyOf: [{type: string}, {description: e}]}", "{description: d}"},
		{"one of anything", "3.1.0", "{oneOf: [{type: string}, {description: e}]}", "{oneOf: [{type: string}, {description: e}]}"},
		{"other members of anything", "3.1.0", "{type: object, unevaluatedProperties: {anyOf: [{}, {}]}}", "{type: object, unevaluatedProperties: {}}"},
		{"choice of strings", "3.1.0", "{oneOf: [{type: string, format: uri}, {type: string, maxLength: 3}]}", "{type: string}"},
		{"choice of values", "3.1.0", "{oneOf: [{type: string, enum: [a]}, {type: string, const: b}, {type: 'null'}]}", "{type: [string, 'null'], enum: [a, b, null]}"},
		{"choice of values and others", "3.1.0", "{anyOf: [{type: string, enum: [a]}, {type: string}]}", "{type: string, examples: [a]}"},
		{"choice of strings of two types", "3.1.0", "{oneOf: [{type: string, format: uuid}, {type: string}]}", "{oneOf: [{type: string, format: uuid}, {type: string}]}"},
		{"array of whatever", "3.1.0", "{type: array}", "{type: array, items: {}}"},
		{"a property of such a name", "3.1.0", "{type: object, properties: {nullable: {type: boolean}, enum: {type: number}}}", "{type: object, properties: {nullable: {type: boolean}, enum: {type: number}}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document := func(version, schema string) string {
				return strings.Replace(pipelinetest.HeadB, "3.1.0", version, 1) + "components:\n  schemas:\n    R: {type: object}\n    S: {type: object, properties: {s: " + schema + "}}\n"
			}
			pipelinetest.RequireMerged(t, document("3.1.0", test.want), "", document(test.version, test.given))
		})
	}
}

// A schema that is nothing but a reference is what it refers to.
func TestReferencesInComponents(t *testing.T) {
	t.Parallel()
	const ref = "{$ref: '#/components/schemas/"
	document := func(target, schemas string) string {
		return pipelinetest.HeadB + "components:\n  schemas:\n    R: {type: object, properties: {r: " + ref + target + "'}}}\n" + schemas
	}
	pipelinetest.RequireMerged(t, document("R", ""), "", document("A", "    A: {allOf: ["+ref+"B'}], description: d}\n    B: "+ref+"R'}\n"))
	circle := document("A", "    A: "+ref+"B'}\n    B: "+ref+"A'}\n")
	pipelinetest.RequireMerged(t, circle, "", circle)
	named := document("A", "    A: {$ref: '#/components/schemas/R', x-go-type: R}\n")
	pipelinetest.RequireMerged(t, named, "", named)
	pipelinetest.RequireMerged(t, document("A", "    A: {minProperties: 1, type: object, properties: {r: "+ref+"A'}}}\n"), "", document("A", "    A: {allOf: ["+ref+"R'}], minProperties: 1}\n"))
}

func TestParameters(t *testing.T) {
	t.Parallel()
	document := func(parameter string) string {
		return pipelinetest.HeadB + "paths: {/x: {get: {parameters: [" + parameter + "]}}}\n"
	}
	for given, want := range map[string]string{
		"{name: q, in: query}": "{name: q, in: query, schema: {type: string}}",
		"{name: q, in: query, explode: false, schema: {type: [string, 'null']}}":             "{name: q, in: query, schema: {type: [string, 'null']}}",
		"{name: q, in: query, explode: false, schema: {type: array, items: {type: string}}}": "{name: q, in: query, explode: false, schema: {type: array, items: {type: string}}}",
	} {
		pipelinetest.RequireMerged(t, document(want), "", document(given))
	}
}

// What published documents say of bodies, credentials and servers is what ours say.
func TestDocuments(t *testing.T) {
	t.Parallel()
	const thing = "{schema: {type: object}}"
	body := func(media string) string {
		return pipelinetest.HeadB + "paths: {/x: {post: {operationId: x, requestBody: {content: {" + media + "}}, responses: {'200': {description: d, content: {" + media + "}}}}}}\n"
	}
	cyclic := func(b string) string {
		const a = "{$ref: '#/components/schemas/A'}"
		return pipelinetest.HeadB + "paths: {/x: {get: {operationId: x, responses: {'200': {description: d, content: {application/json: {schema: " + a + "}}}}}}}\ncomponents:\n  schemas:\n" +
			"    A: {type: object, required: [b, list, or, in], properties: {b: {$ref: '#/components/schemas/B'}, list: {type: array, items: " + a + "}, or: {anyOf: [" + a + ", {type: 'null'}]}, in: {type: [object, 'null'], required: [a], properties: {a: " + a + "}}}, title: A}\n" +
			"    B: {title: B, " + b + "}\n"
	}
	for _, test := range []struct{ name, given, want string }{
		{"JSON or others", body("application/xml: " + thing + ", application/json: " + thing + ", application/hal+json: " + thing), body("application/json: " + thing)},
		{"JSON of a vendor or others", body("text/csv: " + thing + ", application/hal+json: " + thing), body("application/hal+json: " + thing)},
		{"a form or others", body("multipart/form-data: " + thing + ", application/x-www-form-urlencoded: " + thing), body("application/x-www-form-urlencoded: " + thing)},
		{"JSON in UTF-8", body("'application/json; charset=UTF-8': " + thing), body("'application/json': " + thing)},
		{"JSON in two spellings", body("application/json: " + thing + ", application/json;charset=utf-8: {schema: {type: string}}"), body("application/json: " + thing)},
		{"an object in itself", cyclic("allOf: [{type: object, required: [a, c], properties: {a: {$ref: '#/components/schemas/A'}}}, {properties: {c: {type: string}}}]"),
			cyclic("type: object, required: [c], properties: {a: {$ref: '#/components/schemas/A'}, c: {type: string}}")},
		{"OAuth", pipelinetest.HeadB + "security: [{A: []}]\npaths: {/x: {get: {operationId: x}}}\ncomponents: {securitySchemes: {A: {type: oauth2, flows: {}}}}\n",
			pipelinetest.HeadB + "security: [{SignalWireBearerAuth: []}]\npaths: {/x: {get: {operationId: x}}}\ncomponents: {securitySchemes: {SignalWireBearerAuth: {type: http, scheme: bearer}}}\n"},
		{"two bearer tokens", pipelinetest.HeadB + "paths: {/x: {get: {operationId: x, security: [{A: []}]}}}\ncomponents: {securitySchemes: {SignalWireBearerAuth: {type: http, scheme: bearer}, A: {type: http, scheme: Bearer}}}\n",
			pipelinetest.HeadB + "paths: {/x: {get: {operationId: x, security: [{SignalWireBearerAuth: []}]}}}\ncomponents: {securitySchemes: {SignalWireBearerAuth: {type: http, scheme: bearer}, A: {type: http, scheme: Bearer}}}\n"},
		{"a part of a component", pipelinetest.HeadB + "paths: {/x: {get: {operationId: x, parameters: [{name: q, in: query, schema: {$ref: '#/components/parameters/P/schema'}}]}}}\ncomponents: {parameters: {P: {name: p, in: query, schema: {type: string}}}}\n",
			pipelinetest.HeadB + "paths: {/x: {get: {operationId: x, parameters: [{name: q, in: query, schema: {type: string}}]}}}\n"},
		{"a path item and a callback", pipelinetest.HeadB + "paths: {/x: {$ref: '#/components/pathItems/I'}}\ncomponents: {pathItems: {I: {get: {operationId: x, callbacks: {c: {$ref: '#/components/callbacks/C'}}}}}, callbacks: {C: {'{$url}': {post: {requestBody: {content: {application/json: " + thing + "}}}}}}}\n",
			pipelinetest.HeadB + "paths: {/x: {get: {operationId: x}}}\n"},
		{"what looks like a reference in an extension", pipelinetest.HeadB + "paths: {/x: {get: {operationId: x}}}\nx-more: {$ref: '#/components/parameters/P'}\n",
			pipelinetest.HeadB + "paths: {/x: {get: {operationId: x}}}\nx-more: {$ref: '#/components/parameters/P'}\n"},
		{"a server a path", "openapi: 3.1.0\ninfo: {title: B, version: 1.0.0}\npaths: {/x: {servers: [{url: 'https://x.example/b'}], get: {}}, /y: {servers: [{url: 'https://x.example/b'}], get: {}}}\n",
			"openapi: 3.1.0\ninfo: {title: B, version: 1.0.0}\npaths: {/b/x: {get: {operationId: get_b_x}}, /b/y: {get: {operationId: get_b_y}}}\nservers: [{url: 'https://x.example'}]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(test.given), Published: true})
			require.Empty(t, got.Err)
			require.Contains(t, got.YAML, "\n"+test.want)
		})
	}
}

// Lists are named in one place, also where two list the same, or the items have no
// schema of their own.
func TestListsOfDocuments(t *testing.T) {
	const page = "responses: {'200': {description: d, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: "
	operation := func(path, id, items string) string {
		return "  /" + path + ": {get: {operationId: " + id + ", " + page + items + "}}}}}}}}}\n"
	}
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Published: true, Config: "package: gen\ngenerate: {models: true}\n",
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths:\n" +
			operation("a", "search_things", "{$ref: '#/components/schemas/Thing'}") + operation("b", "list_things", "{$ref: '#/components/schemas/Thing'}") +
			operation("c", "list_parts", "{type: object, properties: {id: {type: string}}}") + operation("d", "list_names", "{type: string}") +
			operation("e", "list_any", "{}") + operation("f", "lists", "{type: string}") +
			"components: {schemas: {Thing: {type: object, x-go-name: Item, properties: {id: {type: string}}}}}\n"),
	})
	require.Empty(t, got.Err)
	for _, want := range []string{
		"operationId: search_things, ", "x-go-list: {name: SearchThings, item: Item}", "x-go-list: {name: Things, item: Item}",
		"x-go-list: {name: Parts, item: PartsItem}", "PartsItem: {type: object, properties: {id: {type: string}}}", "x-go-list: {name: Names, item: string}",
	} {
		require.Contains(t, got.YAML, want)
	}
	require.Equal(t, 4, strings.Count(got.YAML, "x-go-list"))
	require.Contains(t, got.Report, "`GET /e` (a.yaml:9) has no iterators, as its items have no type of their own")
}

// What is beside a reference to a component stays: operations of a path item and a description.
// Anything else is ignored, as OpenAPI says.
func TestBesideReferences(t *testing.T) {
	t.Parallel()
	operation := func(id string) string { return "{operationId: " + id + ", " + pipelinetest.Returns("Thing") + "}" }
	got := pipelinetest.Run(t, pipelinetest.Sources{Published: true, Documents: pipelinetest.Texts(pipelinetest.HeadB +
		"paths:\n  /a: {get: " + operation("get_a") + ", $ref: '#/components/pathItems/Item', delete: " + operation("delete_a") + "}\n" +
		"  /b: {get: {operationId: get_b, parameters: [{$ref: '#/components/parameters/Q', description: mine, required: true}], " + pipelinetest.Returns("Thing") + "}}\n" +
		"components:\n  pathItems: {Item: {post: " + operation("post_a") + ", delete: " + operation("other") + "}}\n" +
		"  parameters: {Q: {name: q, in: query, description: theirs, schema: {type: string}}}\n  schemas: {Thing: {type: object, properties: {id: {type: string}}}}\n")})
	require.Empty(t, got.Err)
	for _, id := range []string{"get_a", "post_a", "delete_a", "get_b", "mine"} {
		require.Contains(t, got.YAML, id)
	}
	require.NotContains(t, got.YAML, "other")
	require.NotContains(t, got.YAML, "theirs")
	require.NotContains(t, got.YAML, "required: true")
}
