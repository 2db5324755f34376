package groups_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/groups"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

const table = `
- {path: /api/things, group: Things, page: the-things, what: "manages things."}
- {path: "/api/things/{}/parts", group: Parts}
- {path: "/api/things/special", group: SpecialThings}
- {path: /api/thing, group: Things}
- {path: /api/resources, exact: true, group: Resources}
- {path: "/api/resources/{}", group: Resources}
`

// assign returns the groups of the operations of a description, by id, and the
// list of all groups.
func assign(t *testing.T, paths string, published bool, forbidden ...string) (of map[string]map[string]string, all []map[string]string, r *report.Report, err error) {
	t.Helper()
	types := map[string]bool{"Parts": true} // that schemas declare
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	locked := lock.Read([]byte("operation\tGET /api/former\tGetMoved\tget_moved()\nmethod\tGET /api/former\tThings.GetMoved\n"))
	set := tree.NewSet()
	root := set.Load(set.ReadFile(write("a.yaml", "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\npaths:\n"+paths)))
	require.NoError(t, set.Err())
	if published {
		r = &report.Report{}
	}
	groups.Assign(set, root, r, write("groups.yaml", table), locked, types, forbidden)
	of = map[string]map[string]string{}
	tree.EachOperation(root, func(_, _, operation *yaml.Node) {
		found := map[string]string{}
		if group := tree.Get(operation, "x-go-group"); group != nil {
			require.NoError(t, group.Decode(&found))
		}
		of[tree.OperationID(operation)] = found
		if list := tree.Get(operation, "x-go-groups"); list != nil {
			require.NoError(t, list.Decode(&all))
		}
	})
	return of, all, r, set.Err()
}

// The longest path of the table counts, of equal ones the one with fewer
// parameters, and a segment counts as a whole.
func TestPaths(t *testing.T) {
	t.Parallel()
	of, _, _, err := assign(t, `  /api/things: {get: {operationId: list_things, x-go-list: {name: Things, item: Thing}}}
  /api/things/{id}: {get: {operationId: get_thing}}
  /api/things/{id}/parts/{part}: {get: {operationId: get_part}}
  /api/things/special: {get: {operationId: get_special_thing}}
  /api/thing/{id}: {put: {operationId: update_thing, x-go-edit: {name: EditThing}}}
`, false)
	require.NoError(t, err)
	const pages = "https://signalwire.com/docs/apis/rest/the-things/"
	require.Equal(t, map[string]map[string]string{
		"list_things":       {"name": "Things", "type": "Things", "method": "List", "all": "All", "pages": "Pages", "page": pages + "list-things"},
		"get_thing":         {"name": "Things", "type": "Things", "method": "Get", "page": pages + "get-thing"},
		"get_part":          {"name": "Parts", "type": "PartsService", "method": "Get"},
		"get_special_thing": {"name": "SpecialThings", "type": "SpecialThings", "method": "Get"},
		"update_thing":      {"name": "Things", "type": "Things", "method": "Update", "edit": "Edit"},
	}, of)
}

// An operation under none of the paths gets a group that is named after its path,
// which is reported of a published description.
func TestPathsWithoutGroup(t *testing.T) {
	t.Parallel()
	const paths = "  /api/new_ones/{id}: {get: {operationId: get_new_one}}\n" +
		"  /api/resources: {get: {operationId: list_resources}}\n" +
		"  /api/resources/{id}: {get: {operationId: get_resource}}\n" +
		"  /api/resources/robots: {get: {operationId: list_robots}}\n"
	for _, published := range []bool{false, true} {
		of, all, r, err := assign(t, paths, published)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"name": "NewOnes", "type": "NewOnes", "method": "Get"}, of["get_new_one"])
		require.Equal(t, "Resources", of["list_resources"]["name"])
		require.Equal(t, "Resources", of["get_resource"]["name"])
		require.Equal(t, "Robots", of["list_robots"]["name"])
		require.Equal(t, []map[string]string{{"name": "NewOnes", "type": "NewOnes"}, {"name": "Resources", "type": "Resources"}, {"name": "Robots", "type": "Robots"}}, all)
		if published {
			require.Contains(t, r.Markdown(&yaml.Node{}), "is in a group named after its path, `NewOnes`; to choose another one, add a line to groups.yaml")
		}
	}
}

// An operation whose path is new stays in the group that it was in.
func TestPathThatMoved(t *testing.T) {
	t.Parallel()
	of, _, r, err := assign(t, "  /api/elsewhere: {get: {operationId: get_moved}}\n", true)
	require.NoError(t, err)
	require.Equal(t, "Things", of["get_moved"]["name"])
	require.NotContains(t, string(r.Markdown(&yaml.Node{})), "named after its path")
}

// A group that is called like a type of a schema has another type, and one that is
// called like a method of the client is refused if the table calls it so.
func TestGroupNames(t *testing.T) {
	t.Parallel()
	_, all, _, err := assign(t, "  /api/things/{id}/parts: {get: {operationId: list_parts}}\n", false)
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"name": "Parts", "type": "PartsService"}}, all)
	_, all, _, err = assign(t, "  /api/things: {get: {operationId: list_things}}\n", false)
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"name": "Things", "type": "Things", "what": "manages things.", "page": "https://signalwire.com/docs/apis/rest/the-things"}}, all)
	_, _, _, err = assign(t, "  /api/things: {get: {operationId: list_things}}\n", false, "Do", "Things")
	require.ErrorContains(t, err, "a group called Things would hide a method of the client")
	_, all, _, err = assign(t, "  /other/do: {get: {operationId: get_it}}\n", true, "Do")
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"name": "DoService", "type": "DoService"}}, all)
}

// Two methods of one name in a group are refused, with both places; the overlay
// gives one another name. Iterators and edits are methods like others. A command gets its
// whole name.
func TestMethodsOfOneName(t *testing.T) {
	t.Parallel()
	const one = "  /api/things: {get: {operationId: list_things}}\n"
	_, _, _, err := assign(t, one+"  /api/thing: {get: {operationId: list_thing}}\n", false)
	require.ErrorContains(t, err, "a.yaml:5 and ")
	require.ErrorContains(t, err, "a.yaml:4: both would be Things.List in Go")
	of, _, _, err := assign(t, one+"  /api/thing: {get: {operationId: list_thing, x-go-method: ListOne}}\n", false)
	require.NoError(t, err)
	require.Equal(t, "ListOne", of["list_thing"]["method"])
	const command = "  /api/thing: {post: {operationId: send_thing, x-go-commands: [{name: ListThing}]}}\n"
	_, _, _, err = assign(t, one+command, false)
	require.NoError(t, err)
	_, _, _, err = assign(t, one+"  /api/things/new: {get: {operationId: send_thing_list_thing, x-go-method: SendThingListThing}}\n"+command, false)
	require.ErrorContains(t, err, "both would be Things.SendThingListThing in Go")
	for name, extension := range map[string]string{
		"All":   "x-go-list: {name: Things, item: Thing}",
		"Pages": "x-go-list: {name: Things, item: Thing}",
		"Edit":  "x-go-edit: {name: EditThing}",
	} {
		made := "  /api/things: {get: {operationId: get_things, " + extension + "}}\n"
		named := "  /api/thing: {get: {operationId: read_thing, x-go-method: " + name + "}}\n"
		for _, paths := range []string{made + named, named + made} {
			_, _, _, err = assign(t, paths, false)
			require.ErrorContains(t, err, "both would be Things."+name+" in Go")
		}
	}
}

// Of published operations, those in the lock keep the names of their methods, wherever they
// are. Another one gets its whole name in Go.
func TestPublishedMethodsOfOneName(t *testing.T) {
	t.Parallel()
	of, _, r, err := assign(t, `  /api/things/new: {get: {operationId: get_new, x-go-method: GetMoved}}
  /api/things: {get: {operationId: list_things, x-go-list: {name: Things, item: Thing}}}
  /api/thing: {get: {operationId: list_thing, x-go-list: {name: ListThing, item: Thing}, x-go-method: All}}
  /api/elsewhere: {get: {operationId: get_moved}}
`, true)
	require.NoError(t, err)
	require.Equal(t, "GetMoved", of["get_moved"]["method"])
	require.Equal(t, "GetNew", of["get_new"]["method"])
	require.Equal(t, "ListThing", of["list_thing"]["method"])
	require.Equal(t, "AllList", of["list_thing"]["all"])
	require.Contains(t, r.Markdown(&yaml.Node{}), "a.yaml:4 would be Things.GetMoved in Go, as ")
	require.Contains(t, r.Markdown(&yaml.Node{}), "a.yaml:7 is; it is now GetNew; to choose another name, set x-go-method in the overlay")
}

// The words of the group are left out of the names of methods, in the plural and
// in the singular, and only whole words.
func TestMethodNames(t *testing.T) {
	t.Parallel()
	of, _, _, err := assign(t, `  /api/things: {post: {operationId: create_thing}}
  /api/things/all: {delete: {operationId: delete_things}}
  /api/things/{id}/state: {get: {operationId: get_thing_state}}
  /api/things/near: {get: {operationId: get_thingsome}}
  /api/things/own: {get: {operationId: thing}}
  /api/things/{id}/names: {get: {operationId: list_thing_names, x-go-list: {name: ThingNames, item: Name}}}
`, false)
	require.NoError(t, err)
	methods := map[string]string{}
	for id, group := range of {
		methods[id] = group["method"]
	}
	require.Equal(t, map[string]string{
		"create_thing": "Create", "delete_things": "Delete", "get_thing_state": "GetState",
		"get_thingsome": "GetThingsome", "thing": "Thing", "list_thing_names": "ListNames",
	}, methods)
	require.Equal(t, "AllNames", of["list_thing_names"]["all"])
	require.Equal(t, "NamePages", of["list_thing_names"]["pages"])
}

// A group has the scopes that all its operations say; an address in the
// description counts for more than the one that the table makes.
func TestScopesAndPages(t *testing.T) {
	t.Parallel()
	const things = `  /api/things: {get: {operationId: list_things, description: "Lists.\n\nThe API token needs\nthe scope A.", externalDocs: {url: "https://example.com/x"}}}
`
	of, all, _, err := assign(t, things, false)
	require.NoError(t, err)
	require.Equal(t, "https://example.com/x", of["list_things"]["page"])
	require.Equal(t, "The API token needs the scope A.", all[0]["scopes"])
	_, all, _, err = assign(t, things+"  /api/things/{id}: {get: {operationId: get_thing, description: Gets.}}\n", false)
	require.NoError(t, err)
	require.NotContains(t, all[0], "scopes")
}

func TestGroupWithoutGoName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "groups.yaml")
	for _, group := range []string{"", "7", "things", "My-Things"} {
		require.NoError(t, os.WriteFile(file, []byte("- {path: /api/things, group: '"+group+"'}\n"), 0o600))
		set := tree.NewSet()
		groups.Assign(set, &yaml.Node{}, nil, file, lock.Read(nil), nil, nil)
		require.EqualError(t, set.Err(), file+`: expected an exported Go identifier as the group of /api/things, found "`+group+`"`)
	}
}
