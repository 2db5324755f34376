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

// assigner has the input of Assign, and the groups that were made so far, by name.
type assigner struct {
	set       *tree.Set
	report    *report.Report
	table     string // the name of the file with the rows
	rows      []row
	locked    *lock.Lock
	types     map[string]bool
	forbidden []string
	groups    map[string]*group
}

// Assign writes the group of each operation as x-go-group; see assignment. Each of its
// x-go-commands gets the name of its method as method. The first operation gets all groups
// as x-go-groups, and the Go names of all operations, sorted by operationId, as
// x-go-operations.
//
// The table is the name of a file such as api/groups.yaml, or "". Types are the names of the
// types that package gen has anyway, and forbidden are names that no group can have, because
// a method of the client has them. Groups named after a path are added to the report, unless
// that is nil. Errors, such as two methods of a group with one name, are added to the set.
func Assign(set *tree.Set, root *yaml.Node, r *report.Report, table string, locked *lock.Lock, types map[string]bool, forbidden []string) {
	a := &assigner{set: set, report: r, table: table, locked: locked, types: types, forbidden: forbidden, groups: map[string]*group{}}
	if table != "" {
		if err := yaml.Unmarshal(set.ReadFile(table).Data, &a.rows); err != nil {
			set.Errorf("%s: %w", table, err)
			return
		}
	}
	var first *yaml.Node
	goNames := map[string]string{} // by operationId
	tree.EachOperation(root, func(method, path, operation *yaml.Node) {
		first = cmp.Or(first, operation)
		goNames[cmp.Or(tree.Value(operation, "x-go-id"), tree.OperationID(operation))] = names.OperationName(operation)
		row := a.row(method, path, operation)
		set.SetMember(operation, "x-go-group", a.assign(a.group(row, operation), row, method, operation)).Style = yaml.FlowStyle
	})
	if first == nil {
		return
	}
	for _, g := range set.SetMember(first, "x-go-groups", sortedByKey(a.groups)).Content {
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

// row returns the row of the table for an operation, or one that is made for it.
func (a *assigner) row(method, path, operation *yaml.Node) row {
	found := row{}
	operationPath := tree.Placeholder.ReplaceAllString(path.Value, "{}") + "/"
	for _, r := range a.rows {
		if strings.HasPrefix(operationPath, r.Path+"/") && len(r.Path) > len(found.Path) {
			found = r
		}
	}
	found.Group = cmp.Or(found.Group, a.locked.Group(names.OperationName(operation)))
	if found.Group == "" {
		found.Group = names.GoName(lastSegment(path.Value))
		if slices.Contains(a.forbidden, found.Group) {
			found.Group += "Service"
		}
		if a.report != nil {
			a.report.Note(report.Names, "%s is in a group named after its path, `%s`; another one takes a line of %s",
				tree.OperationName(method, path), found.Group, filepath.Base(a.table))
		}
	}
	return found
}

// group returns the group of a row, with what the row and an operation say about it.
func (a *assigner) group(r row, operation *yaml.Node) *group {
	g := a.groups[r.Group]
	if g == nil {
		g = &group{Name: r.Group, Type: r.Group, Scopes: scopes(operation), methods: map[string]*yaml.Node{}}
		if a.types[g.Type] {
			g.Type += "Service"
		}
		if r.Page != "" {
			g.Page = docs + r.Page
		}
		if slices.Contains(a.forbidden, g.Name) {
			a.set.Errorf("%s: a group called %s would hide a method of the client", a.table, g.Name)
		}
		a.groups[g.Name] = g
	}
	g.What = cmp.Or(g.What, r.What)
	if scopes(operation) != g.Scopes {
		g.Scopes = ""
	}
	return g
}

// assign names the methods of an operation, which no other operation of the group can have.
func (a *assigner) assign(g *group, r row, method, operation *yaml.Node) assignment {
	add := func(name string) string {
		if other := g.methods[name]; other != nil {
			a.set.Errorf("%s and %s: both would be %s.%s in Go; give one an x-go-method in the overlay",
				a.set.At(method), a.set.At(other), g.Name, name)
		}
		g.methods[name] = method
		return name
	}
	goName := names.OperationName(operation)
	assigned := assignment{Name: g.Name, Type: g.Type, Page: pageOf(r, operation)}
	assigned.Method = add(cmp.Or(tree.Value(operation, "x-go-method"), withoutNoun(goName, g.Name), goName))
	tree.Remove(operation, "x-go-method")
	if list := tree.Get(operation, "x-go-list"); list != nil {
		items := withoutNoun(tree.Value(list, "name"), g.Name)
		assigned.All, assigned.Pages = add("All"+items), add(singular(items)+"Pages")
	}
	if edit := tree.Get(operation, "x-go-edit"); edit != nil {
		assigned.Edit = add(withoutNoun(tree.Value(edit, "name"), g.Name))
	}
	for _, command := range tree.Items(operation, "x-go-commands") {
		a.set.SetMember(command, "method", add(withoutNoun(tree.Value(command, "name"), g.Name)))
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
