// Package groups assigns the operations of a description to groups, which are the
// resources of the client, and names the methods of the groups. For example, GET
// /api/things/{id} with the Go name GetThing becomes the method Get of the group Things,
// which callers write as client.Things.Get.
//
// The group of an operation is, in this order: that of the longest path in
// api/groups.yaml that the path of the operation begins with; the group that the
// operation has in names.lock, if its path changed; or the last segment of its path that
// is not a parameter. The name of a method is the Go name of its operation without the
// name of the group.
package groups

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// docs is the address of the folders of SignalWire's documentation pages. The page of an
// operation is named after its operationId.
const docs = "https://signalwire.com/docs/apis/rest/"

// row is an entry of api/groups.yaml.
type row struct {
	Path  string // the beginning of the paths, with {} for a parameter
	Group string // the name of the group
	Page  string // the folder of its documentation pages
	What  string // what it does, as the rest of a sentence that begins with its name
	Exact bool   // whether the paths below this one are not of the group
}

// group is an element of x-go-groups.
type group struct {
	Name   string // the name of the field of the client
	Type   string // the Go type, which is the name unless another type has it
	What   string `yaml:",omitempty"`
	Scopes string `yaml:",omitempty"` // the sentence about the API token, if it is the same for all operations
	Page   string `yaml:",omitempty"` // the address of its documentation

	methods map[string]*yaml.Node // the operations, by the names of the methods
}

// assignment is the content of x-go-group of an operation.
type assignment struct {
	Name, Type string // of the group
	Method     string // the method that calls the operation
	Page       string `yaml:",omitempty"` // the address of the documentation, if it is known
	All        string `yaml:",omitempty"` // the iterator over the items of a list
	Pages      string `yaml:",omitempty"` // the iterator over the pages of a list
	Edit       string `yaml:",omitempty"` // the method that reads, changes and updates a resource
}

// Assign writes the group of each operation as x-go-group; see assignment. Each of its
// x-go-commands gets the name of its method as method. The first operation gets all groups
// as x-go-groups, and the Go names of all operations, sorted by operationId, as
// x-go-operations.
//
// The table is the name of a file such as api/groups.yaml, or "". Types are the names of the
// types that package gen has anyway, and forbidden are names that no group can have, because
// a method of the client has them.
//
// The report is nil for our own description, in which two methods of a group with one name
// are an error. In published ones, an operation that is not in the lock gets its whole Go name
// instead. The report has these, and the groups that are named after a path.
func Assign(set *tree.Set, root *yaml.Node, r *report.Report, table string, locked *lock.Lock, types map[string]bool, forbidden []string) {
	var rows []row
	if table != "" {
		if err := yaml.Unmarshal(set.ReadFile(table).Data, &rows); err != nil {
			set.Errorf("%s: %w", table, err)
			return
		}
	}
	for _, row := range rows {
		if !tree.IsGoName(row.Group) {
			set.Errorf("%s: expected an exported Go identifier as the group of %s, found %q", table, row.Path, row.Group)
			return
		}
	}
	var first *yaml.Node
	groups := map[string]*group{}  // by name
	goNames := map[string]string{} // by operationId
	assign := func(method, path, operation *yaml.Node) {
		first = cmp.Or(first, operation)
		goName := names.OperationName(operation)
		goNames[tree.OperationID(operation)] = goName
		row := longestMatch(rows, path.Value)
		row.Group = cmp.Or(row.Group, locked.Group(goName))
		if row.Group == "" {
			row.Group = names.GoName(lastSegment(path.Value))
			if slices.Contains(forbidden, row.Group) {
				row.Group += "Service"
			}
			if r != nil {
				r.Note(report.Names, "%s is in a group named after its path, `%s`; to choose another one, add a line to %s",
					tree.OperationName(method, path), row.Group, filepath.Base(table))
			}
		}
		g := groups[row.Group]
		if g == nil {
			g = &group{Name: row.Group, Type: row.Group, Scopes: scopes(operation), methods: map[string]*yaml.Node{}}
			groups[g.Name] = g
			if types[g.Type] {
				g.Type += "Service"
			}
			if row.Page != "" {
				g.Page = docs + row.Page
			}
			if slices.Contains(forbidden, g.Name) {
				set.Errorf("%s: a group called %s would hide a method of the client", table, g.Name)
			}
		}
		g.What = cmp.Or(g.What, row.What)
		if scopes(operation) != g.Scopes {
			g.Scopes = ""
		}
		set.SetMember(operation, "x-go-group", g.assign(set, r, row, method, operation)).Style = yaml.FlowStyle
	}
	for _, isLocked := range []bool{true, false} { // What is in the lock comes first and keeps its names.
		tree.EachOperation(root, func(method, path, operation *yaml.Node) {
			if isLocked == (locked.Group(names.OperationName(operation)) != "") {
				assign(method, path, operation)
			}
		})
	}
	if first == nil {
		return
	}
	for _, g := range set.SetMember(first, "x-go-groups", sortedByKey(groups)).Content {
		g.Style = yaml.FlowStyle
	}
	set.SetMember(first, "x-go-operations", sortedByKey(goNames))
}

// sortedByKey returns the values of a map in the order of its keys.
func sortedByKey[V any](m map[string]V) (values []V) {
	for _, key := range tree.SortedKeys(m) {
		values = append(values, m[key])
	}
	return values
}

// longestMatch returns the row with the longest path that a path begins with, or an empty one.
func longestMatch(rows []row, path string) (longest row) {
	path = tree.Placeholder.ReplaceAllString(path, "{}") + "/"
	for _, r := range rows {
		if below, ok := strings.CutPrefix(path, r.Path+"/"); ok && (below == "" || !r.Exact) && len(r.Path) > len(longest.Path) {
			longest = r
		}
	}
	return longest
}

// assign names the methods of an operation. No other operation of the group can have them. A
// command whose name another method has gets a name that begins with that of its operation.
func (g *group) assign(set *tree.Set, r *report.Report, row row, method, operation *yaml.Node) assignment {
	add := func(name, whole string) string {
		other := g.methods[name]
		if other != nil && r != nil && g.methods[whole] == nil {
			r.Note(report.Settle, "%s would be %s.%s in Go, as %s is; it is now %s; to choose another name, set x-go-method in the overlay",
				set.At(method), g.Name, name, set.At(other), whole)
			name, other = whole, nil
		}
		if other != nil {
			set.Errorf("%s and %s: both would be %s.%s in Go; give one an x-go-method in the overlay", set.At(method), set.At(other), g.Name, name)
		}
		g.methods[name] = method
		return name
	}
	goName := names.OperationName(operation)
	assigned := assignment{Name: g.Name, Type: g.Type, Page: pageOf(row, operation)}
	assigned.Method = add(cmp.Or(tree.Value(operation, "x-go-method"), withoutNoun(goName, g.Name), goName), goName)
	tree.Remove(operation, "x-go-method")
	if list := tree.Value(operation, "x-go-list", "name"); list != "" {
		items := withoutNoun(list, g.Name)
		assigned.All = add("All"+items, "All"+list)
		assigned.Pages = add(singular(items)+"Pages", singular(list)+"Pages")
	}
	if edit := tree.Value(operation, "x-go-edit", "name"); edit != "" {
		assigned.Edit = add(withoutNoun(edit, g.Name), edit)
	}
	for _, command := range tree.Items(operation, "x-go-commands") {
		whole := goName + tree.Value(command, "name")
		name := withoutNoun(tree.Value(command, "name"), g.Name)
		if g.methods[name] != nil {
			name = whole
		}
		set.SetMember(command, "method", add(name, whole))
	}
	return assigned
}

// scopes returns the paragraph about the API token in the description of an operation, or "".
func scopes(operation *yaml.Node) string {
	for paragraph := range strings.SplitSeq(tree.Value(operation, "description"), "\n\n") {
		if strings.HasPrefix(paragraph, "The API token ") {
			return strings.ReplaceAll(strings.TrimSpace(paragraph), "\n", " ")
		}
	}
	return ""
}

// lastSegment returns the last segment of a path that is not a parameter.
func lastSegment(path string) string {
	name := "root"
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" && !strings.HasPrefix(segment, "{") {
			name = segment
		}
	}
	return name
}

// withoutNoun removes the name of a group, or its singular, from a name: GetThing becomes Get.
func withoutNoun(name, group string) string {
	for _, noun := range []string{group, singular(group)} {
		if at := regexp.MustCompile(noun + `([A-Z]|$)`).FindStringIndex(name); at != nil {
			return name[:at[0]] + name[at[0]+len(noun):]
		}
	}
	return name
}

// singular returns the singular of a plural noun.
func singular(plural string) string {
	switch {
	case strings.HasSuffix(plural, "ies"):
		return strings.TrimSuffix(plural, "ies") + "y"
	case strings.HasSuffix(plural, "sses"):
		return strings.TrimSuffix(plural, "es")
	case strings.HasSuffix(plural, "ss"):
		return plural
	}
	return strings.TrimSuffix(plural, "s")
}

// pageOf returns the address of the documentation of an operation: the one in the
// description, or one made of the folder of its group, or "".
func pageOf(r row, operation *yaml.Node) string {
	page := tree.Value(tree.Get(operation, "externalDocs"), "url")
	if page != "" || r.Page == "" {
		return page
	}
	return docs + r.Page + "/" + strings.ReplaceAll(tree.OperationID(operation), "_", "-")
}
