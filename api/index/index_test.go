package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

const small = `{"paths": {"/things/{id}": {
	"patch": {"operationId": "update_thing", "description": "Changes a thing | or two.\nMore.", "tags": ["Things"], "externalDocs": {"url": "https://example.com/things"}},
	"get": {"operationId": "get_thing", "description": "Returns a thing.", "tags": ["Things"]}
}, "/misc": {
	"get": {"operationId": "list_misc", "description": "Lists things."}
}}}`

const client = `package gen

var opGetThing = Operation{ID: "get_thing"}

func (c *Client) GetThing() { call(&opGetThing) }

var opUpdateThing = Operation{ID: "update_thing", Method: "PATCH"}

func (c *Client) UpdateThing() { call(&opUpdateThing) }

func (c *Client) EditThing() { edit(&opGetThing, &opUpdateThing) }

var opListMisc = Operation{ID: "list_misc"}

func (c *Client) PagesOfMisc() { pages(&opListMisc) }

func (c *Client) AllMisc() { items(c.PagesOfMisc()) }

func (c *Client) ListMisc() { call(&opListMisc) }
`

func TestIndex(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "INDEX.md")
	require.NoError(t, run(write(t, "openapi.json", small), write(t, "client.go", client), out))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	var rows []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") || strings.Contains(line, "`/") || strings.Contains(line, " `GET ") || strings.Contains(line, " `PATCH ") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	link := func(name string) string { return "[`" + name + "`](" + goDoc + name + ")" }
	require.Equal(t, []string{
		"## Other",
		"| Lists things. | `GET /misc` | " + link("ListMisc") + ", " + link("AllMisc") + ", " + link("PagesOfMisc") + " |  |",
		"## Things",
		"| Returns a thing. | `GET /things/{id}` | " + link("GetThing") + " |  |",
		"| Changes a thing \\| or two. | `PATCH /things/{id}` | " + link("UpdateThing") + ", " + link("EditThing") + " | [page](https://example.com/things) |",
	}, rows)
	require.Contains(t, string(text), "3 operations, ")
}

func TestIndexRefuses(t *testing.T) {
	t.Parallel()
	good, goodClient := write(t, "openapi.json", small), write(t, "client.go", client)
	out := filepath.Join(t.TempDir(), "INDEX.md")
	lacking := write(t, "client.go", strings.ReplaceAll(client, "opUpdateThing", "opOther"))
	lacking2 := write(t, "client.go", strings.Replace(client, `"update_thing"`, `"another"`, 1))
	for _, c := range []struct{ description, client, want string }{
		{good, lacking2, "operation update_thing has no method in"},
		{good, write(t, "client.go", "package gen"), "has no methods of operations"},
		{good, write(t, "client.go", "no Go"), "expected 'package'"},
		{good, "nowhere.go", "nowhere.go"},
		{write(t, "openapi.json", "{"), goodClient, "openapi.json: "},
		{write(t, "openapi.json", `{"paths": {"/x": {"get": 1}}}`), goodClient, "GET /x"},
		{"nowhere.json", goodClient, "nowhere.json"},
	} {
		require.ErrorContains(t, run(c.description, c.client, out), c.want)
		require.NoFileExists(t, out)
	}
	require.NoError(t, run(good, lacking, out), "what a variable is called does not matter")
}

// TestComplete: every operation of the description is a method of the client,
// every such method belongs to an operation, and the index names them all.
func TestComplete(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	methods, err := goapi.Methods("../../gen/signalwire.gen.go")
	require.NoError(t, err)
	index, err := os.ReadFile("../../gen/INDEX.md")
	require.NoError(t, err)
	rows := strings.Split(string(index), "\n")

	operations := 0
	for path, item := range doc.Paths {
		for method, raw := range item {
			if !slices.Contains([]string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}, method) {
				continue
			}
			var op struct{ OperationID string }
			require.NoError(t, json.Unmarshal(raw, &op))
			operations++
			names := methods[op.OperationID]
			require.NotEmpty(t, names, "%s %s (%s) is no method of the client", method, path, op.OperationID)
			row := slices.IndexFunc(rows, func(row string) bool {
				return strings.Contains(row, "`"+strings.ToUpper(method)+" "+path+"`")
			})
			require.GreaterOrEqual(t, row, 0, "%s %s is not in INDEX.md", method, path)
			for _, name := range names {
				require.Contains(t, rows[row], "`"+name+"`", "%s %s", method, path)
			}
		}
	}
	require.Len(t, methods, operations, "a method belongs to no operation of the description")
}
