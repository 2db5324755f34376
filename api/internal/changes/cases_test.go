package changes

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/groups"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

var record = flag.Bool("record", false, "run oasdiff on the cases in testdata, and keep what it says")

// object is an object of a description, as decoded by encoding/json.
type object = map[string]any

func asObject(v any) object { o, _ := v.(object); return o }

// load parses a description.
func load(t *testing.T, text string) *yaml.Node {
	t.Helper()
	set := tree.NewSet()
	root := set.Load(tree.File{Name: "description", Data: []byte(text)})
	require.NoError(t, set.Err())
	return root
}

// testCase is one of testdata/cases.yaml.
type testCase struct {
	Change   string
	Old, New object
	Verdict  string
	Words    []string
	Unlike   string `yaml:"unlike-oasdiff"`
}

func readCases(t *testing.T) (cases []testCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.yaml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &cases))
	return cases
}

// name is what the schemas of a case begin with.
func (c testCase) name() string { return codegen.ToCamelCase(c.Change) }

// document is a description with one operation a case.
func document(cases []testCase, side func(testCase) object) object {
	ref := func(name string) object { return object{"$ref": tree.SchemaRefPrefix + name} }
	content := func(name string) object { return object{"application/json": object{"schema": ref(name)}} }
	strings := func(names ...string) object {
		members := object{}
		for _, name := range names {
			members[name] = object{"type": "string"}
		}
		return object{"type": "object", "properties": members}
	}
	schemas := object{
		"Circle": object{"type": "object", "properties": object{"radius": object{"type": "integer"}}},
		"Square": object{"type": "object", "properties": object{"width": object{"type": "integer"}}},
		"Line":   object{"type": "object", "properties": object{"length": object{"type": "integer"}}},
	}
	paths := object{}
	for _, c := range cases {
		given := side(c)
		operation := object{
			"operationId": "do_" + c.Change,
			"parameters":  []any{object{"name": "q", "in": "query", "schema": object{"type": "string"}}},
			"requestBody": object{"required": true, "content": content(c.name() + "Request")},
			"responses":   object{"200": object{"description": "OK", "content": content(c.name() + "Response")}},
		}
		path, method, item := "/"+c.Change, "post", object{}
		for _, part := range []string{"Request", "Response"} {
			schema := strings("a", "b")
			if s := asObject(given[map[string]string{"Request": "request", "Response": "response"}[part]]); s != nil {
				if s["oneOf"] != nil || s["allOf"] != nil {
					schema = object{}
				}
				for key, value := range s {
					if members := asObject(schema[key]); key == "properties" && members != nil {
						maps.Copy(members, asObject(value))
						maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
					} else {
						schema[key] = value
					}
				}
			}
			schemas[c.name()+part] = schema
		}
		for key, value := range given {
			switch key {
			case "request", "response":
			case "schemas":
				maps.Copy(schemas, asObject(value))
			case "path":
				path = value.(string)
			case "method":
				method = value.(string)
			case "shared":
				item["parameters"] = value
			default:
				operation[key] = value
			}
		}
		if item[method] = operation; path != "" {
			paths[path] = item
		}
	}
	return object{
		"openapi": "3.1.0", "info": object{"title": "Cases", "version": "1"},
		"servers": []any{object{"url": "https://x.example"}}, "security": []any{object{"Basic": []any{}}},
		"paths": paths,
		"components": object{"schemas": schemas, "securitySchemes": object{
			"Basic": object{"type": "http", "scheme": "basic"}, "Bearer": object{"type": "http", "scheme": "bearer"},
		}},
	}
}

// state is a description in the normal form, with the client made of it.
func state(t *testing.T, title string, doc object) State {
	t.Helper()
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	set := tree.NewSet()
	root := set.Load(tree.File{Name: title, Data: text})
	normal.Normalize(set, root)
	config, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	groups.Assign(set, root, nil, "", &lock.Lock{}, nil, nil)
	require.NoError(t, set.Err())
	s := State{Title: title, Description: root}
	client, err := generate.Client(config, tree.EncodeJSON(root), func(string) string { return "" })
	require.NoError(t, err)
	types := map[string]string{}
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		types[name.Value] = codegen.SchemaNameToTypeName(name.Value)
		if given := tree.Get(schema, "x-go-name"); given != nil {
			types[name.Value] = given.Value
		}
	}
	s.Names, err = lock.Make(client, types)
	require.NoError(t, err)
	s.API, err = goapi.ReadClient(client)
	require.NoError(t, err)
	return s
}

var headings = map[string]string{"### Breaks callers": "breaks", "### Changes behaviour": "behaviour", "### Additions": "addition"}

// endOfLine cuts off the operations that a line concerns, and the types in Go,
// which the templates decide.
func endOfLine(line string) string {
	line = regexp.MustCompile(" \\(`(gen\\.\\w+\\.Do\\w*`|[A-Z]+ /).*\\)$").ReplaceAllString(line, "")
	before, _, changed := strings.Cut(line, "in Go changed from ")
	if changed {
		return before + "in Go changed"
	}
	return line
}

// verdicts returns the worst verdict of each case, and the lines about it.
func verdicts(t *testing.T, cases []testCase, report string) (verdicts map[string]string, words map[string][]string) {
	t.Helper()
	verdicts, words = map[string]string{}, map[string][]string{}
	section := ""
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		if class := headings[line]; class != "" {
			section = class
		}
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		for _, c := range cases {
			folded, name := strings.ToLower(line), strings.ToLower(c.name())
			if strings.HasPrefix(line, "- Gone in Go: ") || strings.HasPrefix(line, "- New in Go: ") {
				continue
			}
			if regexp.MustCompile(`(\.do|gen\.)`+name+"(request|response|params|jsonbody|\\.do|`|[cs]\\.)").MatchString(folded) || strings.Contains(line, "/"+c.Change+"`") {
				words[c.Change] = append(words[c.Change], endOfLine(strings.TrimPrefix(line, "- ")))
				if verdicts[c.Change] == "" {
					verdicts[c.Change] = section
				}
			}
		}
	}
	return verdicts, words
}

// oasdiff is the newest whose requirements the Go module proxy all serves.
const oasdiff = "github.com/oasdiff/oasdiff@v1.33.0"

// recorded is what oasdiff says.
type recorded struct {
	Oasdiff string              // its version
	Changes map[string][]string // by case, those that it calls breaking, by their ids
}

// recordOasdiff runs oasdiff on the cases.
func recordOasdiff(t *testing.T, before, after State) {
	t.Helper()
	files := []string{filepath.Join(t.TempDir(), "old.json"), filepath.Join(t.TempDir(), "new.json")}
	for i, s := range []State{before, after} {
		require.NoError(t, os.WriteFile(files[i], tree.EncodeJSON(s.Description), 0o600))
	}
	out, err := goapi.Run(t.Context(), t.TempDir(), "go", "run", oasdiff, "breaking", "--format", "json", files[0], files[1])
	require.NoError(t, err)
	var found []struct{ ID, Path string }
	require.NoError(t, json.Unmarshal(out, &found))
	r := recorded{Oasdiff: oasdiff, Changes: map[string][]string{}}
	for _, f := range found {
		change := strings.Trim(f.Path, "/")
		if !slices.Contains(r.Changes[change], f.ID) {
			r.Changes[change] = append(r.Changes[change], f.ID)
			slices.Sort(r.Changes[change])
		}
	}
	text, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("testdata/oasdiff.json", append(text, '\n'), 0o600))
}

// Every difference from the verdicts of oasdiff has its reason.
func TestOasdiff(t *testing.T) {
	t.Parallel()
	var r recorded
	text, err := os.ReadFile("testdata/oasdiff.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &r))
	require.Equal(t, oasdiff, r.Oasdiff, "record again: go test ./api/internal/changes -record")
	for _, c := range readCases(t) {
		theirs, ours := len(r.Changes[c.Change]) > 0, c.Verdict == "breaks"
		require.Equal(t, theirs != ours, c.Unlike != "", "%s: a verdict %q and oasdiff's %q, reason %q", c.Change, c.Verdict, r.Changes[c.Change], c.Unlike)
	}
}

func (c testCase) old() object { return c.Old }
func (c testCase) new() object { return c.New }

func TestCases(t *testing.T) {
	t.Parallel()
	cases := readCases(t)
	before, after := state(t, "old", document(cases, testCase.old)), state(t, "new", document(cases, testCase.new))
	if *record {
		recordOasdiff(t, before, after)
	}
	report := Report(before, after)
	got, words := verdicts(t, cases, report)
	for _, c := range cases {
		if strings.TrimPrefix(c.Verdict, "none") != got[c.Change] {
			t.Errorf("%s: %q, want %q", c.Change, got[c.Change], c.Verdict)
		}
		if strings.Join(c.Words, "\n") != strings.Join(words[c.Change], "\n") {
			t.Errorf("%s: the report says\n%s\nwant\n%s", c.Change, strings.Join(words[c.Change], "\n"), strings.Join(c.Words, "\n"))
		}
	}
}

// What the cases cannot have is reported, too: one description has one of these.
func TestOutsideOfCases(t *testing.T) {
	t.Parallel()
	doc := func(server, id, header, limit, tag, status string) State {
		return State{Names: &lock.Lock{}, Description: load(t, fmt.Sprintf(`{
			"servers": [{"url": "https://%[1]s"}],
			"paths": {"/{a}/{b}": {"post": {
				"operationId": "x",
				"parameters": [{"name": "id", "in": "query", "schema": {"maxLength": %[4]s}},
					{"name": "id", "in": "header", "schema": {"maxLength": %[4]s}},
					{"name": "%[2]s", "in": "path"}, {"name": "%[3]s", "in": "header", "required": true}],
				"requestBody": {"content": {"application/json": {"schema": {
					"oneOf": [
						{"properties": {"k": {"enum": ["1"]}, "at": {"properties": {"deep": {"type": "string", "maxLength": %[4]s}}}}},
						{"properties": {"k": {"enum": ["2"]}, "l": {"type": "string"}}}],
					"discriminator": {"propertyName": "%[5]s"}}}}}}}},
			"webhooks": {"done": {"post": {"responses": {"%[6]s": {}}}}}}`, server, id, header, limit, tag, status))}
	}
	report := Report(doc("{space}.x", "a", "X-Key", "5", "k", "200"), doc("{name}.x", "a", "x-key", "5", "k", "200"))
	require.NotContains(t, report, "\n- ")
	report = Report(doc("x", "a", "X-Key", "5", "k", "200"), doc("y", "b", "X-Other", "4", "l", "204"))
	for _, line := range []string{
		"`servers`: `https://y` now; before, `https://x`",
		"`POST /{a}/{b}`: path parameter `b`: is new",
		"`POST /{a}/{b}`: header parameter `X-Other`: is new, and required",
		"`POST /{a}/{b}`: header parameter `id`: has at most 4 characters now; before, at most 5 characters",
		"`POST /{a}/{b}`: query parameter `id`: has at most 4 characters now; before, at most 5 characters",
		"`POST /{a}/{b}`: request: has the discriminator `l` now; before, `k`",
		"`POST /{a}/{b}`: request: `at.deep` has at most 4 characters now; before, at most 5 characters",
		"`webhook done`: response 200 is gone",
		"`webhook done`: response 204 is new",
	} {
		require.Contains(t, report, "- "+line+"\n")
	}
}

// An operation with another path and another operationId is the same one if its method is.
func TestSameGoMethod(t *testing.T) {
	t.Parallel()
	state := func(path, id string) State {
		return State{
			Description: load(t, fmt.Sprintf(`{"paths": {%q: {"get": {"operationId": %q}}}}`, path, id)),
			Names:       lock.Read(fmt.Appendf(nil, "method\tGET %s\tThings.List\n", path)),
		}
	}
	report := Report(state("/v1/things", "list_things"), state("/v2/things", "listThings"))
	require.Contains(t, report, "- `gen.Things.List`: moved from `GET /v1/things` to `GET /v2/things`\n")
	require.NotContains(t, report, "is gone")
}

// What an operation says is no change for callers as long as it has no method.
func TestNewGoMethod(t *testing.T) {
	t.Parallel()
	state := func(parameter, names string) State {
		return State{Names: lock.Read([]byte(names)), Description: load(t, fmt.Sprintf(`{"paths": {"/things": {"get": {
			"operationId": "list_things", "parameters": [{"name": "q", "in": "query", "required": %s}]}}}}`, parameter))}
	}
	report := Report(state("false", ""), state("true", "method\tGET /things\tThings.List\n"))
	require.Contains(t, report, "### Breaks callers\n\nNone.\n")
	require.Contains(t, report, "### Additions\n\n- `gen.Things.List`: has a Go method now: `GET /things`\n")
}

// Of two operations whose paths differ only in the name of a variable, each is compared with
// itself, though one of these names has changed.
func TestSamePaths(t *testing.T) {
	t.Parallel()
	state := func(variable string) State {
		return State{Names: &lock.Lock{}, Description: load(t, fmt.Sprintf(`{"paths": {
			"/things/{%s}": {"get": {"operationId": "get_thing"}},
			"/things/{name}": {"get": {"operationId": "get_thing_by_name", "responses": {"404": {}}}}}}`, variable))}
	}
	report := Report(state("id"), state("thing_id"))
	require.NotContains(t, report, "\n- ")
}

// Schemas that say the same in another form are equal, and what they say is found in each
// form.
func TestFormsOfSchemas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"annotation beside a reference": {
			`{"properties": {"p": {"$ref": "#/components/schemas/A"}}}`,
			`{"properties": {"p": {"$ref": "#/components/schemas/A", "deprecated": true}}}`,
			"### Changes behaviour\n\n- `POST /`: request: `p` is deprecated\n",
		},
		"property of a closed object": {
			`{"properties": {"p": {}}}`, `{"additionalProperties": false, "type": "object"}`,
			"### Breaks callers\n\n- `POST /`: request: `p` is gone\n- `POST /`: request: has no additional properties now; before, any additional properties\n",
		},
		"union with null": {
			`{"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}`,
			`{"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}, {"type": "null"}]}`,
			"### Additions\n\n- `POST /`: request: can be `B` now\n",
		},
		"number in another spelling": {
			`{"type": "number", "default": 1, "maximum": 1e1, "enum": [1, 10]}`,
			`{"type": "number", "default": 1.0, "maximum": 10, "enum": [1.0, 1e1]}`, "",
		},
		"pattern that looks like a number": {
			`{"type": "string", "pattern": "1"}`, `{"type": "string", "pattern": "2"}`,
			"### Breaks callers\n\n- `POST /`: request: matches the pattern `2` now; before, the pattern `1`\n",
		},
		"pattern that looks like a boolean": {
			`{"type": "string", "pattern": "false"}`, `{"type": "string"}`,
			"### Additions\n\n- `POST /`: request: can be any string now; before, the pattern `false`\n",
		},
		"recursion": {`{"$ref": "#/components/schemas/Self"}`, `{"$ref": "#/components/schemas/Self", "title": "S"}`, ""},
	} {
		state := func(schema string) State {
			return State{Names: &lock.Lock{}, Description: load(t, `{
				"paths": {"/": {"post": {"requestBody": {"content": {"application/json": {"schema": `+schema+`}}}}}},
				"components": {"schemas": {"A": {"type": "object"}, "B": {"type": "string"}, "Self": {"$ref": "#/components/schemas/Self"}}}}`)}
		}
		report := Report(state(c.old), state(c.new))
		if c.want == "" {
			require.NotContains(t, report, "\n- ", name)
		}
		require.Contains(t, report, c.want, name)
	}
}

// The requests of webhooks are received, as responses are, and their responses are sent.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	body := func(length string) string {
		return `"content": {"application/json": {"schema": {"type": "string", "maxLength": ` + length + `}}}`
	}
	state := func(webhooks string) State {
		return State{Names: &lock.Lock{}, Description: load(t, `{"webhooks": {`+webhooks+`}}`)}
	}
	report := Report(
		state(`"a": {"post": {"requestBody": {`+body("1")+`}, "responses": {"200": {`+body("1")+`}}}}, "b": {"post": {"requestBody": {}}}, "c": {"post": {}}`),
		state(`"a": {"post": {"requestBody": {`+body("2")+`}, "responses": {"200": {`+body("2")+`}}}}, "b": {"post": {}}, "d": {"post": {}}`))
	require.Equal(t, `API changes from  to : 0 operations; before, 0.

### Breaks callers

None.

### Changes behaviour

- ¬webhook a¬: request: has at most 2 characters now; before, at most 1 character
- ¬webhook b¬: the request body is gone
- ¬webhook c¬: is gone

### Additions

- ¬webhook a¬: response 200: has at most 2 characters now; before, at most 1 character
- ¬webhook d¬: is new
`, strings.ReplaceAll(report, "`", "¬"))
}
