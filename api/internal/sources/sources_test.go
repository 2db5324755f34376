package sources

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

const published = `{
"openapi": "3.1.0",
"servers": [{"url": "https://x.example"}],
"paths": {
	"/api/rest/things": {"get": {"operationId": "list_things", "parameters": [{"in": "query", "name": "size", "schema": {"type": "integer"}}],
		"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingList"}}}}}}},
	"/api/fabric/bots/{id}": {"get": {"operationId": "get_bot", "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bot"}}}}}},
		"delete": {"operationId": "delete_bot", "responses": {"204": {}}}}
},
"components": {"schemas": {
	"ThingList": {"properties": {"data": {"items": {"$ref": "#/components/schemas/Thing"}, "type": "array"}}, "type": "object"},
	"Thing": {"properties": {"name": {"maxLength": 20, "type": "string"}, "old": {"type": "string"}, "state": {"enum": ["a", "b"], "type": "string"}}, "required": ["name", "old"], "type": "object"},
	"Bot": {"properties": {"delay": {"type": "integer"}, "mode": {"type": "string"}}, "type": "object"}
}}}`

const rest = `
paths:
  /api/rest/things:
    get:
      operationId: list_things
      description: Lists things.
      parameters:
        - {name: Authorization, in: header, description: Ours., schema: {type: string}}
        - {name: size, in: query, description: How many., schema: {type: integer}}
      responses:
        '200': {description: The things., content: {application/json: {schema: {$ref: '#/components/schemas/ThingList'}}}}
components:
  schemas:
    ThingList: {type: object, description: A page., properties: {data: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}
    Thing:
      type: object
      description: A thing.
      properties:
        name: {type: string, maxLength: 20, description: Its name.}
        old: {type: string, description: Old.}
        state: {type: string, enum: [a, b], description: Its state.}
        ours: {type: string, description: Not published.}
      required: [name, old]
`

const fabric = `
paths:
  /bots/{id}:
    get:
      operationId: get_bot
      description: Returns a bot.
      responses:
        '200': {description: The bot., content: {application/json: {schema: {$ref: '#/components/schemas/Bot'}}}}
    delete: {operationId: delete_bot, description: Deletes a bot., responses: {'204': {description: It is deleted.}}}
components:
  schemas:
    Bot: {type: object, x-go-name: Bot, description: A bot., properties: {mode: {type: string, description: How it works.}, delay: {type: string, description: Otherwise.}}}
`

// update makes in rest and fabric what changed, and returns them, the notes and
// the overlay for words.
func update(t *testing.T, written string, replace ...string) (restNow, fabricNow string, notes []string, words string) {
	t.Helper()
	u := &Updater{Set: tree.NewSet()}
	load := func(name, text string) *yaml.Node { return u.Load(tree.File{Name: name, Data: []byte(text)}) }
	ours := []Source{{load("rest", rest), ""}, {load("fabric", fabric), "/api/fabric"}}
	file := tree.File{}
	if written != "" {
		file = tree.File{Name: "words", Data: []byte(written)}
	}
	u.Update(load("old", published), load("new", strings.NewReplacer(replace...).Replace(published)), ours, file)
	require.NoError(t, u.Err())
	var texts [3]string
	for i, n := range []*yaml.Node{ours[0].Root, ours[1].Root, u.Words()} {
		if n != nil {
			text, err := u.EncodeYAML("", n, "x")
			require.NoError(t, err)
			texts[i] = string(text)
		}
	}
	return texts[0], texts[1], u.Notes, texts[2]
}

// Without news nothing changes, though ours says things in other ways.
func TestNoNews(t *testing.T) {
	t.Parallel()
	before, other, notes, words := update(t, "")
	require.Empty(t, notes)
	require.Empty(t, words)
	require.Equal(t, strings.Count(rest, "description"), strings.Count(before, "description"))
	require.Contains(t, other, "/bots/{id}:")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	is := func(name string, replace []string, check func(t *testing.T, rest, fabric string, notes []string, words string)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, f, notes, words := update(t, "", replace...)
			check(t, r, f, notes, words)
		})
	}
	is("limit", []string{`"maxLength": 20`, `"maxLength": 10`}, func(t *testing.T, rest, _ string, notes []string, words string) {
		require.Contains(t, rest, "name: {type: string, maxLength: 10, description: Its name.}")
		require.Empty(t, notes)
		require.Empty(t, words)
	})
	is("value", []string{`["a", "b"]`, `["b", "c"]`}, func(t *testing.T, rest, _ string, _ []string, _ string) {
		require.Contains(t, rest, "enum: [b, c], description: Its state.")
	})
	is("member gone", []string{`"old": {"type": "string"}, `, "", `["name", "old"]`, `["name"]`}, func(t *testing.T, rest, _ string, _ []string, _ string) {
		require.NotContains(t, rest, "old")
		require.Contains(t, rest, "ours: ")
	})
	is("member new", []string{`"old": {"type": "string"}, `, `"old": {"type": "string"}, "fresh": {"type": "integer"}, `}, func(t *testing.T, rest, _ string, _ []string, words string) {
		require.Contains(t, rest, "fresh:\n          type: integer")
		require.Contains(t, words, "target: $.components.schemas['Thing']['properties']['fresh']\n    update:\n      description: ''")
	})
	is("parameter new", []string{`[{"in": "query", "name": "size"`, `[{"in": "query", "name": "page", "schema": {"type": "string"}}, {"in": "query", "name": "size"`}, func(t *testing.T, rest, _ string, _ []string, words string) {
		require.Contains(t, rest, "name: page")
		require.Contains(t, words, "['parameters'][?@.in == 'query' && @.name == 'page']")
	})
	is("operation moved", []string{`"delete": {"operationId": "delete_bot"`, `"x-none": {}}, "/api/fabric/robots/{id}": {"delete": {"operationId": "delete_bot"`}, func(t *testing.T, _, fabric string, _ []string, words string) {
		require.Contains(t, fabric, "/robots/{id}:")
		require.Contains(t, fabric, "Deletes a bot.")
		require.Empty(t, words)
	})
	is("properties of a schema that had none", []string{`"maxLength": 20, "type": "string"`, `"maxLength": 20, "type": "string", "properties": {"type": {"type": "string"}}`}, func(t *testing.T, _, _ string, _ []string, words string) {
		require.Contains(t, words, "target: $.components.schemas['Thing']['properties']['name']\n    update:\n      properties:\n        type:\n          description: ''\n")
	})
	is("operation called otherwise", []string{`"operationId": "get_bot"`, `"operationId": "fetch_bot"`}, func(t *testing.T, _, fabric string, notes []string, _ string) {
		require.Contains(t, fabric, "operationId: get_bot", "names stay")
		require.Empty(t, notes)
	})
	is("schema gone", []string{`,
	"Thing": {"properties": {"name": {"maxLength": 20, "type": "string"}, "old": {"type": "string"}, "state": {"enum": ["a", "b"], "type": "string"}}, "required": ["name", "old"], "type": "object"}`, ``,
		`"items": {"$ref": "#/components/schemas/Thing"}, `, ``}, func(t *testing.T, rest, _ string, notes []string, _ string) {
		require.NotContains(t, rest, "Thing:")
		require.Empty(t, notes)
	})
	is("schema renamed, and used by another source", []string{`"old": {"type": "string"}, "state"`, `"bot": {"$ref": "#/components/schemas/Robot"}, "state"`, `"Bot": {"prop`, `"Robot": {"prop`,
		`schemas/Bot"`, `schemas/Robot"`}, func(t *testing.T, rest, fabric string, _ []string, _ string) {
		require.Contains(t, fabric, "x-go-name: Bot, description: A bot.")
		require.Contains(t, rest, "Robot: {type: object, x-go-name: Bot, description: A bot.", "with the words of the other source")
	})
	is("operation gone", []string{`,
		"delete": {"operationId": "delete_bot", "responses": {"204": {}}}`, ""}, func(t *testing.T, _, fabric string, _ []string, _ string) {
		require.NotContains(t, fabric, "delete")
	})
	is("operation new", []string{`"/api/fabric/bots/{id}"`, `"/api/fabric/new": {"post": {"operationId": "new", "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}, "responses": {"204": {}}}}, "/api/fabric/bots/{id}"`,
		`"Bot": {"prop`, `"New": {"type": "object", "properties": {"deep": {"type": "object", "properties": {"er": {"type": "string"}}}}}, "Bot": {"prop`}, func(t *testing.T, rest, fabric string, _ []string, words string) {
		require.NotContains(t, rest, "New")
		require.Contains(t, fabric, "  /new:\n")
		require.Contains(t, fabric, "description: No Content\n")
		require.Contains(t, fabric, "title: New")
		require.Contains(t, words, "target: $.paths['/api/fabric/new'].post\n    update:\n      summary: ''\n      description: ''")
		require.Contains(t, words, "        deep:\n          description: ''\n          properties:\n            er:\n              description: ''")
	})
	is("schema renamed", []string{`"Thing": {`, `"Item": {`, "schemas/Thing\"", "schemas/Item\""}, func(t *testing.T, rest, _ string, _ []string, words string) {
		require.Contains(t, rest, "    Item:\n")
		require.Contains(t, rest, "schemas/Item'")
		require.Contains(t, rest, "Its name.")
		require.Empty(t, words)
	})
	is("said otherwise", []string{`"delay": {"type": "integer"}`, `"delay": {"type": "number"}`}, func(t *testing.T, _, fabric string, notes []string, _ string) {
		require.Contains(t, fabric, "type: number")
		require.Equal(t, []string{"`$.components.schemas['Bot']['properties']['delay']['type']`: our value \"string\" was replaced by the published \"number\""}, notes)
	})
	is("changed where there is nothing", []string{`"servers": [{"url": "https://x.example"}]`, `"servers": [{"url": "https://y.example"}]`}, func(t *testing.T, _, _ string, notes []string, _ string) {
		require.Len(t, notes, 1)
	})
}

// What is new gets the description of others only if most of them, and at least two, have the
// same one.
func TestFillInDescriptions(t *testing.T) {
	t.Parallel()
	operation := func(path, item, found, size string) string {
		return "  " + path + ": {get: {parameters: [{name: id, in: path" + item + "}, {name: size, in: query" + size + "}, {name: own, in: query" + item + "}], " +
			"responses: {'200': {" + strings.TrimPrefix(found, ", ") + "}, '404': {" + strings.TrimPrefix(size, ", ") + "}}}}\n"
	}
	u := &Updater{Set: tree.NewSet()}
	root := u.Load(tree.File{Name: "a", Data: []byte("paths:\n" +
		operation("/a", ", description: Which a.", ", description: The a.", ", description: Same.") +
		operation("/b", ", description: Which a.", ", description: The a.", ", description: Same.") +
		operation("/c", ", description: Which c.", ", description: The c.", ", description: Same.") +
		operation("/d", ", description: Which d.", ", description: The d.", ", description: Other.") +
		operation("/new", "", "", ""))})
	u.fillInDescriptions(root)
	got, err := yaml.Marshal(tree.Get(root, "paths", "/new", "get"))
	require.NoError(t, err)
	require.Equal(t, `{parameters: [{name: id, in: path}, {description: Same., name: size, in: query}, {name: own, in: query}], responses: {'200': {description: OK}, '404': {description: Same.}}}`+"\n", string(got))
}

// Words that were written are where they belong after the next import.
func TestWordsMove(t *testing.T) {
	t.Parallel()
	_, fabric, _, words := update(t, "overlay: 1.1.0\ninfo: {title: Words, version: 1.0.0}\nactions: [{target: \"$.paths['/api/fabric/bots/{id}'].get\", update: {summary: Written}}]\n")
	require.Contains(t, fabric, "summary: Written")
	require.Empty(t, words)
}

// Go types keep their names, though a schema of the same name has another one now.
func TestRename(t *testing.T) {
	t.Parallel()
	u := &Updater{Renamed: map[string]string{"Bot": "Robot"}, Moved: map[string]string{"/a": "/b"}}
	require.Equal(t, "Robot: {$ref: '#/components/schemas/Robot'} Bots A.Bot $.paths['/b'] '/a/c'", string(u.Rename([]byte("Bot: {$ref: '#/components/schemas/Bot'} Bots A.Bot $.paths['/a'] '/a/c'"))))
	for before, after := range map[string]string{
		"$.components.schemas.Bot":                    "$.components.schemas['Robot']",
		"$.components.schemas.Bot.properties.Bot":     "$.components.schemas['Robot'].properties.Bot",
		"$.components.schemas['A',\n    'Bot', 'C']":  "$.components.schemas['A',\n    'Robot', 'C']",
		"update: {Bot: {x-go-name: Bot}}":             "update: {Robot: {x-go-name: Bot}}",
		"x-go-type: '[]Bot'\nx-go-name: Bot\n":        "x-go-type: '[]Bot'\nx-go-name: Bot\n",
		"description: The same as a Bot, or another.": "description: The same as a Bot, or another.",
	} {
		require.Equal(t, after, string(u.Rename([]byte(before))))
	}
}

// Of two schemas that became one, one is renamed. One that is gone stays where only
// we use it.
func TestSchemasThatAreGone(t *testing.T) {
	t.Parallel()
	u := &Updater{Set: tree.NewSet()}
	load := func(schemas string) *yaml.Node {
		return u.Load(tree.File{Name: "x", Data: []byte("paths: {}\ncomponents: {schemas: " + schemas + "}\n")})
	}
	const same = "{type: object, properties: {p: {type: string}}}"
	ours := load("{A: " + same + ", B: " + same + ", D: {type: object, properties: {a: {$ref: '#/components/schemas/A'}, e: {$ref: '#/components/schemas/E'}}}, E: {type: integer}}")
	u.Update(load("{A: "+same+", B: "+same+", D: {type: object}, E: {type: integer}}"), load("{C: "+same+", D: {type: object}}"), []Source{{Root: ours}}, tree.File{})
	require.NoError(t, u.Err())
	require.Equal(t, map[string]string{"A": "C"}, u.Renamed)
	require.Equal(t, []string{"C", "D", "E"}, tree.SortedKeys(tree.Index(tree.Schemas(ours))))
	require.Equal(t, []string{"`$.components.schemas['E']` is not published any more, but our description refers to it, so it stays"}, u.Notes)
}
