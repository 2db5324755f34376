package index

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

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
	text, err := Write([]byte(small), []byte(client))
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
	for _, c := range []struct{ description, client, want string }{
		{small, strings.Replace(client, `"update_thing"`, `"another"`, 1), "operation update_thing has no method in"},
		{small, "package gen", "has no methods of operations"},
		{small, "no Go", "expected 'package'"},
		{"{", client, "the description: "},
		{`{"paths": {"/x": {"get": 1}}}`, client, "GET /x"},
	} {
		_, err := Write([]byte(c.description), []byte(c.client))
		require.ErrorContains(t, err, c.want)
	}
	_, err := Write([]byte(small), []byte(strings.ReplaceAll(client, "opUpdateThing", "opOther")))
	require.NoError(t, err, "what a variable is called does not matter")
}

// TestComplete: every operation of the description is a method of the client,
// every such method belongs to an operation, and the index names them all.
func TestComplete(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	generated, err := os.ReadFile("../../../gen/signalwire.gen.go")
	require.NoError(t, err)
	methods, err := goapi.Methods(generated)
	require.NoError(t, err)
	index, err := os.ReadFile("../../../gen/INDEX.md")
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
