package index

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
)

const small = `{"paths": {"/things/{id}": {
  "patch": {"operationId": "update_thing", "description": "Changes a thing | or two.\nMore.", "x-go-group": {"name": "Things", "page": "https://example.com/things"}},
  "get": {"operationId": "get_thing", "description": "Returns a thing.", "x-go-group": {"name": "Things"}}
}, "/misc": {
  "get": {"operationId": "list_misc", "description": "Lists things.", "x-go-group": {"name": "Misc"}}
}}}`

// names are those of a client of that.
func names() *lock.Lock {
	return &lock.Lock{Operations: map[string]*lock.Operation{
		"GET /things/{id}":   {Methods: []string{"Things.Get"}},
		"PATCH /things/{id}": {Methods: []string{"Things.Update", "Things.Edit"}},
		"GET /misc":          {Methods: []string{"Misc.List", "Misc.All", "Misc.Pages"}},
	}}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	text, err := Write(parse(t, small), names())
	require.NoError(t, err)
	var rows []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") || strings.Contains(line, "`/") || strings.Contains(line, " `GET ") || strings.Contains(line, "`PATCH ") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	link := func(name string) string { return "[`" + name + "`](" + goDoc + name + ")" }
	require.Equal(t, []string{
		"## Misc",
		"| Lists things. | `GET /misc` | " + link("Misc.List") + ", " + link("Misc.All") + ", " + link("Misc.Pages") + " |",
		"## Things",
		"| Returns a thing. | `GET /things/{id}` | " + link("Things.Get") + " |",
		"| Changes a thing \\| or two. | [`PATCH /things/{id}`](https://example.com/things) | " + link("Things.Update") + ", " + link("Things.Edit") + " |",
	}, rows)
	require.Contains(t, string(text), "3 operations by the groups")
}

func TestIndexRefuses(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{
		strings.ReplaceAll(small, "things", "others"):         "PATCH /others/{id}: has no method in the client",
		strings.Replace(small, `"Lists things."`, `["a"]`, 1): "GET /misc: yaml: ",
	} {
		_, err := Write(parse(t, description), names())
		require.ErrorContains(t, err, want)
	}
}

func parse(t *testing.T, description string) *yaml.Node {
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(description), &document))
	return document.Content[0]
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
	names, err := os.ReadFile("../../names.lock")
	require.NoError(t, err)
	known := lock.Read(names)
	index, err := os.ReadFile("../../../api/INDEX.md")
	require.NoError(t, err)
	rows := strings.Split(string(index), "\n")

	operations := 0
	for path, item := range doc.Paths {
		for method, raw := range item {
			if !slices.Contains([]string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}, method) {
				continue
			}
			var op struct {
				OperationID string
				Commands    []struct{ Method string } `json:"x-go-commands"`
			}
			require.NoError(t, json.Unmarshal(raw, &op))
			operations++
			operation := known.Operations[strings.ToUpper(method)+" "+path]
			require.NotNil(t, operation, "%s %s (%s) is no method of the client", method, path, op.OperationID)
			row := slices.IndexFunc(rows, func(row string) bool {
				return strings.Contains(row, "`"+strings.ToUpper(method)+" "+path+"`")
			})
			require.GreaterOrEqual(t, row, 0, "%s %s is not in INDEX.md", method, path)
			require.Equal(t, op.OperationID, operation.ID)
			commands := rows[row+1 : row+1+len(op.Commands)]
			own := operation.Methods[:len(operation.Methods)-len(op.Commands)]
			for _, name := range own {
				require.Contains(t, rows[row], "`"+name+"`", "%s %s", method, path)
			}
			for i, name := range operation.Methods[len(own):] { // those that send commands come last
				require.Contains(t, commands[i], "`"+name+"`", "%s %s", method, path)
			}
		}
	}
	require.Len(t, known.Operations, operations, "a method belongs to no operation of the description")
}
