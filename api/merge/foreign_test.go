package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// taken is what a run on foreign documents left behind.
type taken struct {
	code                         int
	stderr, yaml, report, config string
}

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
	configText = `package: gen
output: signalwire.gen.go
generate: {client: true, models: true}
output-options:
  name-normalizer: ToCamelCaseWithInitialisms
  additional-initialisms: [SIP]
  exclude-schemas: [AliasOfWord, Part]
`
	noChange = "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions: [{target: $.info, update: {title: O}}]\n"
	headF    = "openapi: 3.1.0\ninfo: {title: F, version: 1.0.0}\nservers: [{url: 'https://%7BYour_Space_Name%7D.signalwire.com/api/fabric/'}]\n"
	headR    = "openapi: 3.1.0\ninfo: {title: R, version: 1.0.0}\nservers: [{url: 'https://{space}.signalwire.com'}]\n"
)

// takeIn runs the command on documents, by file name in the order given.
// Tests that call it are not parallel, as the generator's names have a global state.
func takeIn(t testing.TB, overlay string, documents ...[2]string) taken {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	args := []string{
		"-foreign", "-shipped", write("shipped.yaml", shippedText), "-config", write("config.yaml", configText),
		"-config-out", filepath.Join(dir, "config.out"), "-report", filepath.Join(dir, "report.out"),
		"-out", filepath.Join(dir, "yaml.out"), "-overlay", write("o.yaml", overlay),
		"-beside", write("beside.go", "package gen\n\ntype Caller struct{}\n\nconst Limit = 1\n\nfunc NewClient() {}\n"),
	}
	for _, d := range documents {
		args = append(args, write(d[0], d[1]))
	}
	var stderr strings.Builder
	code := run(args, &stderr)
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		return strings.ReplaceAll(string(text), dir+string(filepath.Separator), "")
	}
	return taken{code, strings.ReplaceAll(stderr.String(), dir+string(filepath.Separator), ""),
		read("yaml.out"), read("report.out"), read("config.out")}
}

// answer is the rest of an operation that answers with a schema.
func answer(schema string) string {
	return "responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/" + schema + "'}}}}}"
}

func TestForeignRules(t *testing.T) {
	for _, test := range []struct {
		name      string
		overlay   string
		documents [][2]string
		yaml      []string // what the description has to hold
		without   []string // and what not
		report    []string
	}{
		{
			"the first document wins; an equal schema of another name takes the place of the one that loses",
			noChange,
			[][2]string{
				{"rest.yaml", headR + "paths:\n  /api/fabric/x: {get: {operationId: x, tags: [one], " + answer("FabricEnd") + "}}\n  /api/end: {get: {operationId: e, " + answer("End") + "}}\n" +
					"components:\n  schemas:\n    End: {type: integer}\n    FabricEnd: {type: object, properties: {a: {type: string}}}\n"},
				{"fabric.yaml", headF + "paths:\n  /x: {get: {operationId: x, tags: [two], " + answer("End") + "}}\n  /y: {get: {operationId: y, " + answer("End") + "}}\n" +
					"components:\n  schemas:\n    End: {type: object, description: words, properties: {a: {type: string}}}\n"},
			},
			[]string{"tags: [one]", "/api/fabric/y: {get: {operationId: y, " + answer("FabricEnd") + "}}"},
			[]string{"tags: [two]", "description: words"},
			[]string{
				"schema `End`: rest.yaml:9 wins over fabric.yaml:9 (first difference at /type: \"integer\" against \"object\"); where the other meaning is used, it is `FabricEnd`, which says the same",
				"operation `GET /api/fabric/x`: rest.yaml:5 wins over fabric.yaml:5 (first difference at /tags/0: \"one\" against \"two\")",
			},
		},
		{
			"a schema that loses and is needed gets the name of its document, and one that is not goes",
			noChange,
			[][2]string{
				{"rest.yaml", headR + "paths:\n  /api/a: {get: {operationId: a, " + answer("A") + "}}\n  /api/b: {get: {operationId: b, " + answer("B") + "}}\n" +
					"components:\n  schemas:\n    A: {type: integer}\n    B: {type: integer}\n    Holder: {type: array, items: {$ref: '#/components/schemas/A'}}\n"},
				{"more-calls.yaml", headR + "paths:\n  /api/c: {get: {operationId: c, " + answer("Holder") + "}}\n" +
					"components:\n  schemas:\n    A: {type: string}\n    B: {type: string}\n    Holder: {type: array, items: {$ref: '#/components/schemas/A'}}\n"},
			},
			[]string{"MoreCallsA: {type: string", "MoreCallsHolder: {type: array, items: {$ref: '#/components/schemas/MoreCallsA'}", "c, " + answer("MoreCallsHolder")},
			[]string{"B: {type: string"},
			[]string{
				"schema `A`: rest.yaml:9 wins over more-calls.yaml:8 (first difference at /type: \"integer\" against \"string\"); the other meaning is now called `MoreCallsA`",
				"schema `B`: rest.yaml:10 wins over more-calls.yaml:9 (first difference at /type: \"integer\" against \"string\"); nothing that stays uses the other meaning",
				"schema `Holder`: rest.yaml:11 wins over more-calls.yaml:10 (in what it refers to); the other meaning is now called `MoreCallsHolder`",
			},
		},
		{
			"operations that we ship keep their ids; others of one id are told apart by their paths, in any order",
			noChange,
			[][2]string{{"r.yaml", headR + "paths:\n" +
				"  /api/fabric/things/{thing}: {get: {operationId: get_thing, parameters: [{name: thing, in: path, required: true, schema: {type: string}}]}}\n" +
				"  /api/new/things: {get: {operationId: get_our_thing}}\n  /api/p/tokens: {post: {operationId: create_token}}\n  /api/q/tokens: {post: {operationId: create-token}}\n  /api/nameless/{id}: {get: {}}\n"}},
			[]string{"{operationId: get_our_thing, parameters", "operationId: get_our_thing_new_things", "create_token_p_tokens", "create-token_q_tokens", "operationId: get_nameless_by_id"},
			nil,
			[]string{
				"the operationId is `get_thing` here (r.yaml:5) and stays `get_our_thing`, as shipped",
				"  - target: $.paths['/api/q/tokens'].post\n      description: Another operation has this name, too.\n      update:\n        operationId: create-token_q_tokens\n",
				"- `GET /api/gone`, `gone`",
				"- `PUT /api/fabric/things/{id}`, `update_our_thing`",
				"`GET /api/nameless/{id}` (r.yaml:9) has no operationId; it is called `get_nameless_by_id`",
			},
		},
		{
			"webhooks, callbacks, and schemas that only they use",
			noChange,
			[][2]string{{"r.yaml", headR + "paths: {/api/a: {post: {operationId: a, callbacks: {done: {'{$url}': {post: {}}}}}}}\n" +
				"webhooks: {w: {post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/W'}}}}}}}\ncomponents: {schemas: {W: {type: string}}}\n"}},
			nil,
			[]string{"webhooks", "callbacks"},
			[]string{"webhook `w` (r.yaml:5): SignalWire sends it, a client does not", "callback `done` (r.yaml:4): SignalWire sends it"},
		},
		{
			"components that are a short cut, parameters of paths, extensions, allOf of one",
			noChange,
			[][2]string{{"r.yaml", headR + "x-top: 1\npaths:\n  x-paths: 2\n  /api/a/{id}:\n    x-item: 3\n    summary: s\n    parameters: [{$ref: '#/components/parameters/ID'}]\n" +
				"    get: {operationId: a, x-op: 4, responses: {'200': {$ref: '#/components/responses/OK'}}}\n" +
				"components:\n  parameters: {ID: {name: id, in: path, required: true, schema: {allOf: [{$ref: '#/components/schemas/U'}], format: uuid}}}\n" +
				"  responses: {OK: {description: fine, content: {application/json: {schema: {type: object, properties: {a: {type: string}}, allOf: [{$ref: '#/components/schemas/U'}]}}}}}\n" +
				"  schemas: {U: {type: string}}\n"}},
			[]string{
				"schema: {$ref: '#/components/schemas/U', format: uuid}", "description: fine",
				"{allOf: [{$ref: '#/components/schemas/U'}, {type: object, properties: {a: {type: string}}}]}", "x-item: 3", "summary: s", "title: U",
			},
			[]string{"components/parameters", "components/responses"},
			nil,
		},
		{
			"servers: several of one base path, of paths of their own, none",
			noChange,
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
			[][2]string{{"r.yaml", headR + "security: [{Basic: []}]\npaths: {/api/a: {get: {operationId: a, " + answer("A") + "}}}\ncomponents: {schemas: {A: {type: object, properties: {p: {type: string}}}}}\n"}},
			[]string{"security: [{Basic: []}]\n", "x-go-name: Aye", "securitySchemes"},
			[]string{"None", "Q"},
			[]string{
				"o.yaml:4 `$.paths['/none']`: the target matches nothing\n", "o.yaml:5 `$.info`: it changes nothing, as the description says so already\n",
				"2 names of what is not here: `None` (o.yaml:6), `q` (o.yaml:6)", "\"R\" (r.yaml:2) cannot be updated with a mapping",
			},
		},
		{
			"Go names: of types, methods, fields, and against what is written by hand",
			noChange,
			[][2]string{{"r.yaml", headR + "paths:\n  /api/a: {get: {operationId: list_a, " + answer("caller") + "}}\n  /api/b: {get: {operationId: all_a, " + answer("X.Y") + "}}\n  /api/c: {get: {operationId: c, parameters: [{name: q, in: query, schema: {type: string}}], " + answer("XY") + "}}\n  /api/d: {get: {operationId: d, " + answer("CParams") + "}}\n" +
				"components:\n  schemas:\n    caller: {type: object, properties: {some_id: {type: string}, someId: {type: string}}}\n    X.Y: {type: object, properties: {a: {type: string}}}\n    XY: {type: object, properties: {b: {type: string}}}\n    CParams: {type: object, properties: {c: {type: string}}}\n"}},
			[]string{"x-go-name: CallerSchema", "x-go-name: XYSchema", "x-go-name: SomeIDField", "x-go-name: CParamsSchema", "x-go-name: AllAOperation"},
			nil,
			[]string{
				"schema `caller` (r.yaml:11) would be `Caller` in Go, as a declaration written by hand is",
				"  - target: $.components.schemas['XY']\n      description: Another type has this name, too.\n      update:\n        x-go-name: XYSchema\n",
				"  - target: $.components.schemas['caller'].properties['someId']",
				"`GET /api/b` (r.yaml:6) would be `AllA` in Go, as what is made of `GET /api/a` is (r.yaml:5); it is now `AllAOperation`",
				"schema `CParams` (r.yaml:14) would be `CParams` in Go, as the parameters of `GET /api/c` is",
			},
		},
		{
			"SWML documents of before they had names of their own",
			noChange,
			[][2]string{{"r.yaml", headR + "paths: {/api/a: {get: {operationId: a, " + answer("SWMLObject") + "}}}\n" +
				"components: {schemas: {SWMLObject: {type: object, properties: {p: {$ref: '#/components/schemas/Play'}}}, Play: {type: object}}}\n"}},
			[]string{answer("SWML.SWMLObject"), "p: {$ref: '#/components/schemas/SWML.Calling.Play'}"},
			nil,
			[]string{"r.yaml: 2 schemas of SWML documents are called SWML.…"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := takeIn(t, test.overlay, test.documents...)
			require.Equal(t, 0, got.code, got.stderr)
			for _, want := range test.yaml {
				require.Contains(t, got.yaml, want)
			}
			for _, not := range test.without {
				require.NotContains(t, got.yaml, not)
			}
			for _, want := range test.report {
				require.Contains(t, got.report, want)
			}
		})
	}
}

// An excluded schema stays so only if what it is an alias of is here and can hold it.
func TestForeignAliases(t *testing.T) {
	overlay := "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas, update: {Word: {x-go-name: Term}, AliasOfWord: {x-go-name: Term}, Same: {x-go-type: Term}}}\n" +
		"- {target: \"$..[?@['$ref'] == '#/components/schemas/Same']\", update: {x-go-type: Term}}\n" +
		"- {target: '$.components.schemas.Holder.properties.inline', update: {x-go-type: Missing}}\n"
	document := func(schemas string) [2]string {
		return [2]string{"r.yaml", headR + "paths: {/api/a: {get: {operationId: a, " + answer("Holder") + "}}}\ncomponents:\n  schemas:\n" +
			"    Holder: {type: object, properties: {a: {$ref: '#/components/schemas/AliasOfWord'}, inline: {type: string, enum: [q]}, s: {$ref: '#/components/schemas/Same'}, w: {$ref: '#/components/schemas/Word'}}}\n" + schemas}
	}
	for _, test := range []struct {
		name, schemas  string
		declared, term bool // whether the alias has a declaration, and whether Same is a Term
		report         string
	}{
		{"as it should be", "    Word: {type: string, enum: [a, b]}\n    AliasOfWord: {type: string, enum: [a]}\n    Same: {type: string, enum: [b, a]}\n", false, true, ""},
		{
			"other values", "    Word: {type: string, enum: [a, b]}\n    AliasOfWord: {type: string, enum: [a, c]}\n    Same: {type: string, enum: [d]}\n", true, false,
			"schema `AliasOfWord` (r.yaml:9) has a declaration of its own, as it is not the same as `Word` (r.yaml:8) here",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := takeIn(t, overlay, document(test.schemas))
			require.Equal(t, 0, got.code, got.stderr)
			require.Equal(t, !test.declared, strings.Contains(got.config, "AliasOfWord"), got.config)
			require.Equal(t, test.term, strings.Contains(got.yaml, "$ref: '#/components/schemas/Same', x-go-type: Term"), got.yaml)
			require.Contains(t, got.yaml, "x-go-type-name: Missing", "what an x-go-type names and nothing declares is declared in place")
			require.Contains(t, got.report, test.report)
		})
	}
	t.Run("a type named in the alias", func(t *testing.T) {
		overlay := "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas, update: {Word: {x-go-name: Term}, AliasOfWord: {x-go-name: Term}}}\n" +
			"- {target: \"$.components.schemas['AliasOfWord', 'Word'].properties.kind\", update: {x-go-type: Missing}}\n"
		object := "{type: object, properties: {kind: {type: string, enum: [q]}}}\n"
		got := takeIn(t, overlay, document("    Same: {type: string}\n    AliasOfWord: "+object+"    Word: "+object))
		require.Equal(t, 0, got.code, got.stderr)
		require.Contains(t, got.config, "AliasOfWord")
		require.Regexp(t, ` Word: .*x-go-type-name: Missing`, got.yaml, "the one that has a declaration declares it")
		require.NotRegexp(t, `AliasOfWord: .*x-go-type-name: Missing`, got.yaml)
	})
	t.Run("nothing to be an alias of", func(t *testing.T) {
		text := "paths: {/api/a: {get: {operationId: a, " + answer("AliasOfWord") + "}}}\ncomponents: {schemas: {AliasOfWord: {type: string, enum: [a]}}}\n"
		got := takeIn(t, overlay, [2]string{"r.yaml", headR + text})
		require.Equal(t, 0, got.code, got.stderr)
		require.NotContains(t, got.config, "AliasOfWord")
		require.Contains(t, got.report, "schema `AliasOfWord` (r.yaml:5) has a declaration of its own, as here it is used by itself")
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
			got := takeIn(t, noChange, [2]string{"page.md", text})
			require.Equal(t, 0, got.code, got.stderr)
			require.Contains(t, got.yaml, "hello")
			require.Contains(t, got.report, "1 operations")
		})
	}
	broken := strings.Replace(page, "operationId: a", "operationId: [", 1)
	for _, test := range [][3]string{
		{"places are those of the page", broken, "merge: page.txt:15: "},
		{
			"lines lost", strings.Join(strings.Fields(page), " "),
			"merge: page.txt:1: the page has lost its line breaks, and YAML means nothing without them; save it again with its line breaks, for example from its address with .md at the end, or with the button that copies the page\n",
		},
		{"no description", "# A guide\n\n```yaml\nkey: value\n```\n", "merge: page.txt: this page has blocks of YAML, but none begins with openapi:; expected a page of the reference, which has one\n"},
		{"two", page + page, "merge: page.txt: this page has 2 descriptions; put each into a file of its own\n"},
		{"binary", "# A page\n\x00\x01", "merge: page.txt:2: byte 10 is no text; expected a description as YAML or JSON in UTF-8\n"},
	} {
		t.Run(test[0], func(t *testing.T) {
			got := takeIn(t, noChange, [2]string{"page.txt", test[1]})
			require.Equal(t, 1, got.code)
			require.True(t, strings.HasPrefix(got.stderr, test[2]), got.stderr)
			require.Empty(t, got.yaml+got.report+got.config, "nothing is written")
		})
	}
}

func TestForeignErrors(t *testing.T) {
	for _, test := range [][3]string{
		{"no operation", headR + "components: {schemas: {A: {type: string}}}\n", "merge: r.yaml: has no operation; expected paths with at least one\n"},
		{"paths is a list", headR + "paths: []\n", "merge: r.yaml:4: expected a mapping as paths, found a list\n"},
		{"a path is a text", headR + "paths: {/api/a: b}\n", "merge: r.yaml:4: expected a mapping as paths./api/a, found \"b\"\n"},
		{"an operation is a list", headR + "paths: {/api/a: {get: []}}\n", "merge: r.yaml:4: expected a mapping as paths./api/a.get, found a list\n"},
		{"schemas are a list", headR + "paths: {/api/a: {get: {}}}\ncomponents: {schemas: []}\n", "merge: r.yaml:5: expected a mapping as components.schemas, found a list\n"},
		{"a reference to nowhere", headR + "paths: {/api/a: {get: {operationId: a, " + answer("A") + "}}}\n", "merge: r.yaml:4: $ref \"#/components/schemas/A\" points at nothing in the merged description\n"},
		{"a reference to another file", headR + "paths: {/api/a: {get: {operationId: a, requestBody: {$ref: 'b.yaml#/x'}}}}\n", "merge: r.yaml:4: $ref \"b.yaml#/x\" leaves the document; it has to begin with #/\n"},
		{"a short cut to itself", headR + "paths: {/api/a: {get: {operationId: a, parameters: [{$ref: '#/components/parameters/A'}]}}}\ncomponents: {parameters: {A: {$ref: '#/components/parameters/A'}}}\n", "merge: r.yaml:5: $ref \"#/components/parameters/A\" points at nothing in the merged description\n"},
		{"aliases", headR + "paths: &a {/api/a: *a}\n", "merge: r.yaml:4: YAML anchors and aliases are not supported; write the value out\n"},
		{"OpenAPI 3.0", strings.Replace(headR, "3.1.0", "3.0.3", 1) + "paths: {}\n", "merge: r.yaml:1: expected openapi: 3.1.x, found \"3.0.3\"; convert the document to OpenAPI 3.1\n"},
		{"Swagger 2", "swagger: '2.0'\npaths: {}\n", "merge: r.yaml:1: expected openapi: 3.1.x, found \"2.0\"; convert the document to OpenAPI 3.1\n"},
		{"malformed", headR + "paths: {\n", "merge: r.yaml:4: did not find expected node content\n"},
	} {
		t.Run(test[0], func(t *testing.T) {
			got := takeIn(t, noChange, [2]string{"r.yaml", test[1]})
			require.Equal(t, test[2], got.stderr)
			require.Equal(t, 1, got.code)
			require.Empty(t, got.yaml+got.report+got.config, "nothing is written")
		})
	}
}

// With our own documents a name that is taken is an error, and the lines that it
// shows settle it as they are.
func TestGoNamesOfOurOwn(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	document := write("a.yaml", headB+"paths:\n  /api/a: {get: {operationId: get_it, "+answer("X.Y")+"}}\n  /api/b: {get: {operationId: get-it, "+answer("XY")+"}}\n  /api/c: {get: {operationId: get_it, "+answer("XY")+"}}\n"+
		"components:\n  schemas:\n    X.Y: {type: object, properties: {a_id: {type: string}, aId: {type: string}}}\n    XY: {type: string}\n")
	overlay := noChange
	merge := func() (int, string) {
		var stderr strings.Builder
		code := run([]string{"-config", write("config.yaml", configText), "-overlay", write("o.yaml", overlay), "-out", filepath.Join(dir, "out"), document}, &stderr)
		return code, strings.ReplaceAll(stderr.String(), dir+string(filepath.Separator), "")
	}
	paste := func(stderr string) {
		overlay = strings.Replace(overlay, "actions: [{target: $.info, update: {title: O}}]\n", "actions:\n", 1)
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, " ") {
				overlay += line
			}
		}
	}

	code, stderr := merge()
	require.Equal(t, 1, code)
	require.Equal(t, `merge: operationId "get_it" is used at a.yaml:5 (GET /api/a) and at a.yaml:7 (GET /api/c); rename one, for example in the overlay:
  - target: $.paths['/api/c'].get
    description: Another operation has this name, too.
    update:
      operationId: get_it_c
`, stderr)
	paste(stderr)

	code, stderr = merge()
	require.Equal(t, 1, code)
	for _, want := range []string{
		"merge: a.yaml:11: schema `XY` and schema `X.Y` (a.yaml:10) would both be XY in Go; name one of them in the overlay:\n  - target: $.components.schemas['XY']\n",
		"merge: a.yaml:6: `GET /api/b` and `GET /api/a` (a.yaml:5) would both be GetIt in Go; name one of them in the overlay:\n  - target: $.paths['/api/b'].get\n",
		"merge: a.yaml:10: property `aId` of `X.Y` and property `a_id` of `X.Y` (a.yaml:10) would both be AId in Go; name one of them in the overlay:\n",
	} {
		require.Contains(t, stderr, want)
	}
	paste(stderr)

	code, stderr = merge()
	require.Equal(t, 0, code, stderr)
}
