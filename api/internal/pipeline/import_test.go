package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/stretchr/testify/require"
)

const (
	shippedText = `openapi: 3.1.0
info: {title: S, version: 1.0.0}
servers: [{url: 'https://{space_name}.signalwire.com'}]
paths:
  /api/fabric/things/{id}:
    get: {operationId: get_our_thing}
    put: {operationId: update_our_thing, x-go-name: ChangeThing}
  /api/gone:
    get: {operationId: gone}
components:
  securitySchemes: {Basic: {type: http, scheme: basic}}
  schemas:
    SWML.Calling.Play: {type: object}
`
	lockedText = "operation\tGET /api/fabric/things/{id}\tGetOurThing\tget_our_thing()\n" +
		"operation\tPUT /api/fabric/things/{id}\tChangeThing\tupdate_our_thing()\n" +
		"operation\tGET /api/gone\tGone\tgone()\n" +
		"constant\tTerm.a\tTermA\nconstant\tTerm.b\tTermB\ntype\tWord\tTerm\tstring\n"
	configText = `package: gen
output: signalwire.gen.go
generate: {client: true, models: true}
output-options:
  name-normalizer: ToCamelCaseWithInitialisms
  additional-initialisms: [SIP]
`
	headF = "openapi: 3.1.0\ninfo: {title: F, version: 1.0.0}\nservers: [{url: 'https://%7BYour_Space_Name%7D.signalwire.com/api/fabric/'}]\n"
	headR = "openapi: 3.1.0\ninfo: {title: R, version: 1.0.0}\nservers: [{url: 'https://{space}.signalwire.com'}]\n"
)

// importing imports documents, by file name in the order given. Tests that call
// it are not parallel, as the generator's names have a global state.
func importing(t testing.TB, overlay string, documents ...[2]string) pipelinetest.Result {
	t.Helper()
	return pipelinetest.Run(t, pipelinetest.Sources{
		Documents: documents, Overlay: overlay, Config: configText, Published: true, Shipped: shippedText, Locked: lockedText,
		Beside: "package gen\n\ntype Caller struct{}\n\nconst Limit = 1\n\nfunc NewClient() {}\n",
	})
}

func TestImportRules(t *testing.T) {
	for _, test := range []struct {
		name      string
		overlay   string
		documents [][2]string
		yaml      []string // what the description has to hold
		without   []string // and what not
		report    []string
	}{
		{
			"the first document wins; an equal schema takes the place of the one that loses, preferably one with the same ending",
			pipelinetest.NoChange,
			[][2]string{
				{"rest.yaml", headR + "paths:\n  /api/fabric/x: {get: {operationId: x, tags: [one], " + pipelinetest.Returns("FabricEnd") + "}}\n  /api/end: {get: {operationId: e, " + pipelinetest.Returns("End") + "}}\n" +
					"components:\n  schemas:\n    End: {type: integer}\n    Alike: {type: object, properties: {a: {type: string}}}\n    FabricEnd: {type: object, properties: {a: {type: string}}}\n"},
				{"fabric.yaml", headF + "paths:\n  /x: {get: {operationId: x, tags: [two], " + pipelinetest.Returns("End") + "}}\n  /y: {get: {operationId: y, " + pipelinetest.Returns("End") + "}}\n" +
					"components:\n  schemas:\n    End: {type: object, description: words, properties: {a: {type: string}}}\n"},
			},
			[]string{"tags: [one]", "/api/fabric/y: {get: {operationId: y, " + pipelinetest.Returns("FabricEnd") + "}}"},
			[]string{"tags: [two]", "description: words"},
			[]string{
				"schema `End`: rest.yaml:9 wins over fabric.yaml:9 (first difference at /type: \"integer\" against \"object\"); references to the second one now refer to `FabricEnd`, which is equal",
				"operation `GET /api/fabric/x`: rest.yaml:5 wins over fabric.yaml:5 (first difference at /tags/0: \"one\" against \"two\")",
			},
		},
		{
			"a schema that loses and is needed gets the name of its document, and one that is not goes",
			pipelinetest.NoChange,
			[][2]string{
				{"rest.yaml", headR + "paths:\n  /api/a: {get: {operationId: a, " + pipelinetest.Returns("A") + "}}\n  /api/b: {get: {operationId: b, " + pipelinetest.Returns("B") + "}}\n" +
					"components:\n  schemas:\n    A: {type: integer}\n    B: {type: integer}\n    Holder: {type: array, items: {$ref: '#/components/schemas/A'}}\n"},
				{"more-calls.yaml", headR + "paths:\n  /api/c: {get: {operationId: c, " + pipelinetest.Returns("Holder") + "}}\n" +
					"components:\n  schemas:\n    A: {type: string}\n    B: {type: string}\n    Holder: {type: array, items: {$ref: '#/components/schemas/A'}}\n"},
			},
			[]string{"MoreCalls.A: {type: string", "MoreCalls.Holder: {type: array, items: {$ref: '#/components/schemas/MoreCalls.A'}", "c, " + pipelinetest.Returns("MoreCalls.Holder")},
			[]string{"B: {type: string"},
			[]string{
				"schema `A`: rest.yaml:9 wins over more-calls.yaml:8 (first difference at /type: \"integer\" against \"string\"); the second one is now called `MoreCalls.A`",
				"schema `B`: rest.yaml:10 wins over more-calls.yaml:9 (first difference at /type: \"integer\" against \"string\"); the second one is now called `MoreCalls.B`",
				"schema `Holder`: rest.yaml:11 wins over more-calls.yaml:10 (in schemas that it refers to); the second one is now called `MoreCalls.Holder`",
			},
		},
		{
			"an operation that we ship has the path, the parameters and the id that it has in our description, however they are written",
			"overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n  - target: $.paths['/api/fabric/things/{id}'].get\n    update: {x-found: 1}\n" +
				"  - target: $.paths['/api/fabric/things/{id}'].get\n    copy: $.paths['/api/none'].get\n",
			[][2]string{{"r.yaml", headR + "paths:\n  /api/fabric/things/{thing}: {get: {operationId: getOurThing, parameters: [{name: thing, in: path, required: true, schema: {type: string}}]}}\n"}},
			[]string{"/api/fabric/things/{id}: {get: {operationId: get_our_thing, parameters: [{name: id, in: path, required: true, schema: {type: string}}]", "x-found: 1"},
			[]string{"thing}", "getOurThing"},
			[]string{"o.yaml:6 `$.paths['/api/fabric/things/{id}'].get`: copy matches nothing"},
		},
		{
			"an operation whose path has another version keeps its id",
			pipelinetest.NoChange,
			[][2]string{{"r.yaml", headR + "paths:\n  /api/fabric/v2/things/{thing}: {get: {operationId: get_thing, parameters: [{name: thing, in: path, required: true, schema: {type: string}}]}}\n"}},
			[]string{"operationId: get_our_thing"},
			nil,
			[]string{"and stays `get_our_thing`, as shipped"},
		},
		{
			"operations that we ship keep their ids; others of one id are distinguished by their paths, in any order",
			pipelinetest.NoChange,
			[][2]string{{"r.yaml", headR + "paths:\n" +
				"  /api/fabric/things/{thing}: {get: {operationId: get_thing, parameters: [{name: thing, in: path, required: true, schema: {type: string}}]}}\n" +
				"  /api/new/things: {get: {operationId: get_our_thing}}\n  /api/p/tokens: {post: {operationId: create_token}}\n  /api/q/tokens: {post: {operationId: create-token}}\n  /api/odd/{id}s: {delete: {operationId: _odd, parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}\n  /api/japan: {get: {operationId: 日本}}\n  /api/nameless/{id}: {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}\n"}},
			[]string{"{operationId: get_our_thing, parameters", "operationId: get_our_thing_new_things", "create_token_p_tokens", "create_token_q_tokens", "operationId: get_nameless_by_id", "operationId: delete_odd_by_ids", "operationId: get_japan"},
			nil,
			[]string{
				"the operationId is `get_thing` here (r.yaml:5) and stays `get_our_thing`, as shipped",
				"  - target: $.paths['/api/q/tokens'].post\n      description: Something else has this name, too.\n      update:\n        operationId: create-token_q_tokens\n",
				"- `GET /api/gone`, `gone`",
				"- `PUT /api/fabric/things/{id}`, `update_our_thing`",
				"`GET /api/nameless/{id}` (r.yaml:11) has no operationId of which a Go name can be made; it is called `get_nameless_by_id`",
			},
		},
		{
			"webhooks, callbacks, and schemas that only they use",
			pipelinetest.NoChange,
			[][2]string{{"r.yaml", headR + "paths: {/api/a: {post: {operationId: a, callbacks: {done: {'{$url}': {post: {}}}}}}}\n" +
				"webhooks: {w: {post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/W'}}}}}}}\ncomponents: {schemas: {W: {type: string}}}\n"}},
			nil,
			[]string{"webhooks", "callbacks"},
			[]string{"webhook `w` (r.yaml:5): SignalWire sends it, a client does not; it is for `events.yaml`", "callback `done` (r.yaml:4): SignalWire sends it"},
		},
		{
			"components that are a short cut, parameters of paths, extensions, allOf of one",
			pipelinetest.NoChange,
			[][2]string{{"r.yaml", headR + "x-top: 1\npaths:\n  x-paths: 2\n  /api/a/{id}:\n    x-item: 3\n    summary: s\n    parameters: [{$ref: '#/components/parameters/ID'}]\n" +
				"    get: {operationId: a, x-op: 4, responses: {'200': {$ref: '#/components/responses/OK'}}}\n" +
				"components:\n  parameters: {ID: {name: id, in: path, required: true, schema: {allOf: [{$ref: '#/components/schemas/U'}], format: uuid}}}\n" +
				"  responses: {OK: {description: fine, content: {application/json: {schema: {type: object, properties: {a: {type: string}}, allOf: [{$ref: '#/components/schemas/O'}]}}}}}\n" +
				"  schemas: {U: {type: string}, O: {type: object, properties: {b: {type: string}}}}\n"}},
			[]string{
				"schema: {$ref: '#/components/schemas/U', format: uuid}", "description: fine",
				"{type: object, properties: {b: {type: string}, a: {type: string}}}", "x-item: 3", "summary: s", "title: U",
			},
			[]string{"components/parameters", "components/responses"},
			nil,
		},
		{
			"servers: several of one base path, of paths of their own, none",
			pipelinetest.NoChange,
			[][2]string{
				{"a.yaml", "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://{a}.signalwire.com/api'}, {url: 'https://%7Bb%7D.signalwire.com/api/'}]\n" +
					"paths:\n  /x: {get: {operationId: x, servers: [{url: 'https://{c}.signalwire.com/api'}]}}\n  /y: {servers: [{url: 'https://{d}.signalwire.com/api/deep'}], get: {operationId: y}}\n"},
				{"b.yaml", "openapi: 3.1.0\ninfo: {title: B, version: 2.0.0}\npaths: {/api/z: {get: {operationId: z}}}\n"},
			},
			[]string{"/api/x: {get: {operationId: x}}", "/api/deep/y: {get: {operationId: y}}", "/api/z:"},
			nil,
			[]string{"b.yaml has no server; its paths begin with /api/, so they were taken as they are"},
		},
		{
			"overlay: what does not apply is reported, lists are not doubled, nothing is added for a name alone",
			"overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: \"$.paths['/none']\", remove: true}\n- {target: $.info, update: {title: R}}\n" +
				"- {target: $, update: {security: [{Basic: []}], components: {schemas: {None: {x-go-name: N, properties: {p: {description: d}}}, A: {x-go-name: Aye, properties: {q: {x-go-name: Q}}}}}}}\n" +
				"- {target: $.info.title, update: {a: b}}\n",
			[][2]string{{"r.yaml", headR + "security: [{Basic: []}]\npaths: {/api/a: {get: {operationId: a, " + pipelinetest.Returns("A") + "}}}\ncomponents: {schemas: {A: {type: object, properties: {p: {type: string}}}}}\n"}},
			[]string{"security: [{Basic: []}]\n", "x-go-name: Aye", "securitySchemes"},
			[]string{"None", "Q"},
			[]string{
				"o.yaml:4 `$.paths['/none']`: the target matches nothing\n", "o.yaml:5 `$.info`: it changes nothing\n",
				"2 members that an action describes or names are not here: `None` (o.yaml:6), `q` (o.yaml:6)", "\"R\" (r.yaml:2) cannot be updated with an object",
			},
		},
		{
			"overlay: what refers to a schema that is not here",
			"overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas, update: {None: {x-go-name: Nothing}}}\n- {target: \"$.paths['/api/a'].get.responses['200'].content['application/json']\", update: {schema: {$ref: '#/components/schemas/Added'}}}\n" +
				"- {target: $.components.schemas, update: {Added: {type: array, items: {$ref: '#/components/schemas/None'}}, More: {type: array, items: {$ref: '#/components/schemas/A'}}}}\n" +
				"- {target: $.components.schemas, update: {Other: {type: array, items: {$ref: '#/components/schemas/A'}}}}\n- {target: \"$.paths['/api/b'].get.responses['200'].content['application/json']\", update: {schema: {$ref: '#/components/schemas/Other'}}}\n",
			[][2]string{{"r.yaml", headR + "paths:\n  /api/a: {get: {operationId: a, " + pipelinetest.Returns("A") + "}}\n  /api/b: {get: {operationId: b, " + pipelinetest.Returns("A") + "}}\ncomponents: {schemas: {A: {type: object, properties: {p: {type: string}}}}}\n"}},
			[]string{"operationId: a, " + pipelinetest.Returns("A"), "operationId: b, " + pipelinetest.Returns("Other")},
			[]string{"Nothing"},
			[]string{"it refers to `None`, which is not here", "it refers to `Added`, which is not here"},
		},
		{
			"Go names: of types, fields, and against what is written by hand",
			pipelinetest.NoChange,
			[][2]string{{"r.yaml", headR + "paths:\n  /api/a: {get: {operationId: list_a, " + pipelinetest.Returns("caller") + "}}\n  /api/b: {get: {operationId: all_a, " + pipelinetest.Returns("X.Y") + "}}\n  /api/c: {get: {operationId: c, parameters: [{name: q, in: query, schema: {type: string}}], " + pipelinetest.Returns("XY") + "}}\n  /api/d: {get: {operationId: d, " + pipelinetest.Returns("CParams") + "}}\n" +
				"components:\n  schemas:\n    caller: {type: object, properties: {some_id: {type: string}, someId: {type: string}, data: {type: array, items: {type: string}}}}\n    X.Y: {type: object, properties: {a: {type: string}}}\n    XY: {type: object, properties: {b: {type: string}}}\n    CParams: {type: object, properties: {c: {type: string}}}\n"}},
			[]string{"x-go-name: CallerSchema", "x-go-name: XYSchema", "x-go-name: SomeIDField", "x-go-name: CParamsSchema"},
			nil,
			[]string{
				"schema `caller` (r.yaml:11) would be `Caller` in Go, as a declaration written by hand is",
				"  - target: $.components.schemas['XY']\n      description: Something else has this name, too.\n      update:\n        x-go-name: XYSchema\n",
				"  - target: $.components.schemas['caller'].properties['someId']",
				"schema `CParams` (r.yaml:14) would be `CParams` in Go, as the parameters of `GET /api/c` is",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := importing(t, test.overlay, test.documents...)
			require.Empty(t, got.Err)
			for _, want := range test.yaml {
				require.Contains(t, got.YAML, want)
			}
			for _, not := range test.without {
				require.NotContains(t, got.YAML, not)
			}
			for _, want := range test.report {
				require.Contains(t, got.Report, want)
			}
		})
	}
}

// What is of one type is declared once, with all that any of them says. What
// contradicts the others has a declaration of its own.
func TestImportAliases(t *testing.T) {
	overlay := "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas, update: {Word: {x-go-name: Term}, AliasOfWord: {x-go-type: Term}, Same: {x-go-type: Term}}}\n" +
		"- {target: \"$..[?@['$ref'] == '#/components/schemas/Same']\", update: {x-go-type: Term}}\n" +
		"- {target: '$.components.schemas.Holder.properties.inline', update: {x-go-type: Missing}}\n"
	document := func(schemas string) [2]string {
		return [2]string{"r.yaml", headR + "paths: {/api/a: {get: {operationId: a, " + pipelinetest.Returns("Holder") + "}}}\ncomponents:\n  schemas:\n" +
			"    Holder: {type: object, properties: {a: {$ref: '#/components/schemas/AliasOfWord'}, inline: {type: string, enum: [q]}, s: {$ref: '#/components/schemas/Same'}, w: {$ref: '#/components/schemas/Word'}}}\n" + schemas}
	}
	for _, test := range []struct {
		name, schemas string
		declared      bool // whether the alias has a declaration
		term          string
		report        string
	}{
		{"as it should be", "    Word: {type: string, enum: [a, b]}\n    AliasOfWord: {type: string, enum: [a]}\n    Same: {type: string, enum: [b, a]}\n", false, "enum: [a, b]", ""},
		{"other values", "    Word: {type: string, enum: [a, b]}\n    AliasOfWord: {type: string, enum: [a, c]}\n    Same: {type: string, enum: [d]}\n", false, "enum: [a, b, c, d]", ""},
		{
			"other things", "    Word: {type: string, enum: [a, b]}\n    AliasOfWord: {type: object, properties: {a: {type: string}}}\n    Same: {type: string, enum: [b]}\n", true, "enum: [a, b]",
			"r.yaml:9 is not `Term` as r.yaml:8 is: they say different things",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := importing(t, overlay, document(test.schemas))
			require.Empty(t, got.Err)
			require.Equal(t, !test.declared, slices.Contains(got.Exclude, "AliasOfWord"))
			require.Contains(t, got.YAML, "Word: {type: string, "+test.term+", title: Word, x-go-name: Term}")
			require.Regexp(t, `s: \{\$ref: '#/components/schemas/Same'.*x-go-type: Term\}`, got.YAML)
			require.Contains(t, got.YAML, "    Missing: {type: string, enum: [q]}", "what an x-go-type names and nothing declares is declared by what has it")
			require.Contains(t, got.Report, test.report)
		})
	}
	t.Run("a type named in the alias", func(t *testing.T) {
		overlay := "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas, update: {Word: {x-go-name: Term}, AliasOfWord: {x-go-type: Term}}}\n" +
			"- {target: \"$.components.schemas['AliasOfWord', 'Word'].properties.kind\", update: {x-go-type: Missing}}\n"
		object := "{type: object, properties: {kind: {type: string, enum: [q]}}}\n"
		got := importing(t, overlay, document("    Same: {type: string}\n    AliasOfWord: "+object+"    Word: "+object))
		require.Empty(t, got.Err)
		require.Contains(t, got.Exclude, "AliasOfWord")
		require.Contains(t, got.YAML, "    Missing: {type: string, enum: [q]}")
		require.Contains(t, got.YAML, "    Word: {type: object, properties: {kind: {type: string, enum: [q], x-go-type: Missing}}")
	})
	t.Run("nothing to be an alias of", func(t *testing.T) {
		text := "paths: {/api/a: {get: {operationId: a, " + pipelinetest.Returns("AliasOfWord") + "}}}\ncomponents: {schemas: {AliasOfWord: {type: string, enum: [a]}}}\n"
		got := importing(t, overlay, [2]string{"r.yaml", headR + text})
		require.Empty(t, got.Err)
		require.NotContains(t, got.Exclude, "AliasOfWord")
	})
}

func TestPages(t *testing.T) {
	block := headR + "paths:\n  /api/a:\n    get:\n      operationId: a\n      description: |\n        Say:\n\n        ```\n        hello\n        ```\n"
	page := "# A page\n\nGET https://x\n\n## OpenAPI Specification\n\n```yaml\n" + block + "```\n\n## SDK Code Examples\n\n```go\nfunc main() {}\n```\n"
	for name, text := range map[string]string{
		"Markdown": page, "line ends of Windows": strings.ReplaceAll(page, "\n", "\r\n"), "a longer fence": strings.ReplaceAll(strings.ReplaceAll(page, "```yaml", "````yaml"), "\n```\n\n##", "\n````\n\n##"),
		"other YAML before": strings.Replace(page, "## OpenAPI", "```yaml\na: b\n```\n## OpenAPI", 1), "the block itself": block,
	} {
		t.Run(name, func(t *testing.T) {
			got := importing(t, pipelinetest.NoChange, [2]string{"page.md", text})
			require.Empty(t, got.Err)
			require.Contains(t, got.YAML, "hello")
			require.Contains(t, got.Report, "1 operations")
		})
	}
	broken := strings.Replace(page, "operationId: a", "operationId: [", 1)
	for _, test := range [][3]string{
		{"places are those of the page", broken, "api: page.txt:15: "},
		{
			"lines lost", strings.Join(strings.Fields(page), " "),
			"api: page.txt:1: the page has lost its line breaks, and YAML means nothing without them; save it again with its line breaks, for example from its address with .md at the end, or with the button that copies the page\n",
		},
		{"no description", "# A guide\n\n```yaml\nkey: value\n```\n", "api: page.txt: this page has blocks of YAML, but none begins with openapi:; expected a page of the reference, which has one\n"},
		{"two", page + page, "api: page.txt: this page has 2 descriptions; put each into a file of its own\n"},
		{"binary", "# A page\n\x00\x01", "api: page.txt:2: byte 10 is not a character of text; expected a description as YAML or JSON in UTF-8\n"},
	} {
		t.Run(test[0], func(t *testing.T) {
			got := importing(t, pipelinetest.NoChange, [2]string{"page.txt", test[1]})
			require.True(t, strings.HasPrefix(got.Err, test[2]), got.Err)
			require.Empty(t, got.YAML+got.Report, "nothing is written")
		})
	}
}

func TestImportErrors(t *testing.T) {
	for _, test := range [][3]string{
		{"no operation", headR + "components: {schemas: {A: {type: string}}}\n", "api: r.yaml: has no operation; expected paths with at least one\n"},
		{"paths is a list", headR + "paths: []\n", "api: r.yaml:4: expected an object as paths, found an array\n"},
		{"a path is a text", headR + "paths: {/api/a: b}\n", "api: r.yaml:4: expected an object as paths./api/a, found \"b\"\n"},
		{"an operation is a list", headR + "paths: {/api/a: {get: []}}\n", "api: r.yaml:4: expected an object as paths./api/a.get, found an array\n"},
		{"schemas are a list", headR + "paths: {/api/a: {get: {}}}\ncomponents: {schemas: []}\n", "api: r.yaml:5: expected an object as components.schemas, found an array\n"},
		{"a reference to nowhere", headR + "paths: {/api/a: {get: {operationId: a, " + pipelinetest.Returns("A") + "}}}\n", "api: r.yaml:4: $ref \"#/components/schemas/A\" points at nothing in the document\n"},
		{"a reference to another file", headR + "paths: {/api/a: {get: {operationId: a, requestBody: {$ref: 'b.yaml#/x'}}}}\n", "api: r.yaml:4: $ref \"b.yaml#/x\" is no component of the document; it has to begin with #/components/\n"},
		{"a short cut to itself", headR + "paths: {/api/a: {get: {operationId: a, parameters: [{$ref: '#/components/parameters/A'}]}}}\ncomponents: {parameters: {A: {$ref: '#/components/parameters/A'}}}\n", "api: r.yaml:5: $ref \"#/components/parameters/A\" points at nothing in the document\n"},
		{"aliases", headR + "paths: &a {/api/a: *a}\n", "api: r.yaml:4: YAML anchors and aliases are not supported; write the value out\n"},
		{"Swagger 2", "swagger: '2.0'\npaths: {}\n", "api: r.yaml:1: expected openapi: 3.0.x or 3.1.x, found \"2.0\"\n"},
		{"malformed", headR + "paths: {\n", "api: r.yaml:4: did not find expected node content\n"},
	} {
		t.Run(test[0], func(t *testing.T) {
			got := importing(t, pipelinetest.NoChange, [2]string{"r.yaml", test[1]})
			require.Equal(t, test[2], got.Err)
			require.Empty(t, got.YAML+got.Report, "nothing is written")
		})
	}
}

// With our own documents a name that is taken is an error, and the lines that it
// shows settle it as they are.
func TestGoNamesOfOurOwn(t *testing.T) {
	document := pipelinetest.HeadB + "paths:\n  /api/a: {get: {operationId: get_it, " + pipelinetest.Returns("X.Y") + "}}\n  /api/b: {get: {operationId: other, x-go-name: GetIt, " + pipelinetest.Returns("XY") + "}}\n  /api/c: {get: {operationId: get_it, " + pipelinetest.Returns("XY") + "}}\n" +
		"components:\n  schemas:\n    X.Y: {type: object, properties: {a_id: {type: string}, aId: {type: string}}}\n    XY: {type: string}\n"
	overlay := pipelinetest.NoChange
	merge := func() string {
		return pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Overlay: overlay, Config: configText}).Err
	}
	paste := func(stderr string) {
		overlay = strings.Replace(overlay, "actions: [{target: $.info, update: {title: O}}]\n", "actions:\n", 1)
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, " ") {
				overlay += line
			}
		}
	}

	stderr := merge()
	require.Equal(t, `api: operationId "get_it" is used at a.yaml:5 (GET /api/a) and at a.yaml:7 (GET /api/c); rename one, for example in the overlay:
  - target: $.paths['/api/c'].get
    description: Something else has this name, too.
    update:
      operationId: get_it_c
`, stderr)
	paste(stderr)

	stderr = merge()
	for _, want := range []string{
		"api: a.yaml:11: schema `XY` and schema `X.Y` (a.yaml:10) would both be XY in Go; name one of them in the overlay:\n  - target: $.components.schemas['XY']\n",
		"api: a.yaml:5: `GET /api/a` and `GET /api/b` (a.yaml:6) would both be GetIt in Go; name one of them in the overlay:\n  - target: $.paths['/api/a'].get\n",
		"api: a.yaml:10: property `aId` of `X.Y` and property `a_id` of `X.Y` (a.yaml:10) would both be AId in Go; name one of them in the overlay:\n",
	} {
		require.Contains(t, stderr, want)
	}
	paste(stderr)

	require.Empty(t, merge())
}
