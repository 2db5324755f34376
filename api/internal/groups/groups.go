// Package groups puts operations into groups by their paths, and names the methods
// that the groups have for them.
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

// pages is where the folders of documentation pages are. The page of an operation
// is named after its id.
const pages = "https://signalwire.com/docs/apis/rest/"

// row is a line of the table.
type row struct{ Path, Group, Page, What string }

// group is a group that operations are in, as x-go-groups has it.
type group struct {
	Name   string
	Type   string // in Go
	What   string `yaml:",omitempty"` // it does
	Scopes string `yaml:",omitempty"` // what all operations say of the API token
	Page   string `yaml:",omitempty"` // the folder of its documentation pages

	methods map[string]*yaml.Node // by name
}

// member is what x-go-group says of an operation.
type member struct {
	Name   string // of the group, and of the field of the client
	Type   string // of the group in Go
	Method string // that carries the operation out
	Page   string `yaml:",omitempty"` // of the documentation, if that is known
	All    string `yaml:",omitempty"` // the iterator over the items of a list
	Pages  string `yaml:",omitempty"` // the iterator over its pages
	Edit   string `yaml:",omitempty"` // the method that makes an update of what was read
}

// Assign writes into each operation, as x-go-group, the group that it is in; see
// member. Each of its x-go-commands gets the name of its method as method.
//
// The first operation gets all groups as x-go-groups, and the names of all
// operations, sorted by their ids, as x-go-operations. The table of groups is a file, or
// "" for groups by paths alone. An operation of which the table has no path is in the
// group that it has in names.lock, as when its path was another one. types are those
// that the client declares beside, and forbidden the names that no field of the client can have.
func Assign(set *tree.Set, root *yaml.Node, r *report.Report, table string, locked *lock.Lock, types map[string]bool, forbidden []string) {
	var rows []row
	if table != "" {
		if err := yaml.Unmarshal(set.ReadFile(table).Data, &rows); err != nil {
			set.Errorf("%s: %w", table, err)
			return
		}
	}
	var first *yaml.Node
	groups := map[string]*group{}
	operations := map[string]string{} // the names, by id
	tree.EachOperation(root, func(method, path, operation *yaml.Node) {
		if first == nil {
			first = operation
		}
		found := find(rows, path.Value)
		name := names.OperationName(operation)
		if found == nil {
			found = &row{Group: locked.Group(name)}
		}
		if found.Group == "" {
			found.Group = names.GoName(lastSegment(path.Value))
			if slices.Contains(forbidden, found.Group) {
				found.Group += "Service"
			}
			if r != nil {
				r.Note(report.Names, "%s is in a group named after its path, `%s`; another one takes a line of %s", tree.OperationName(method, path), found.Group, filepath.Base(table))
			}
		}
		g := groups[found.Group]
		if g == nil {
			g = &group{Name: found.Group, Type: found.Group, Scopes: scopes(operation), methods: map[string]*yaml.Node{}}
			if types[g.Type] {
				g.Type += "Service"
			}
			if found.Page != "" {
				g.Page = pages + found.Page
			}
			if slices.Contains(forbidden, g.Name) {
				set.Errorf("%s: a group called %s would hide a method of the client", table, g.Name)
			}
			groups[g.Name] = g
		}
		g.What = cmp.Or(g.What, found.What)
		if scopes(operation) != g.Scopes {
			g.Scopes = ""
		}
		operations[cmp.Or(tree.Value(operation, "x-go-id"), tree.OperationID(operation))] = name
		claim := func(name string) string {
			if other := g.methods[name]; other != nil {
				set.Errorf("%s and %s: both would be %s.%s in Go; give one an x-go-method in the overlay", set.At(method), set.At(other), g.Name, name)
			}
			g.methods[name] = method
			return name
		}
		m := member{Name: g.Name, Type: g.Type, Page: pageOf(found, operation)}
		m.Method = claim(cmp.Or(tree.Value(operation, "x-go-method"), withoutNoun(name, g.Name), name))
		tree.Remove(operation, "x-go-method")
		if list := tree.Get(operation, "x-go-list"); list != nil {
			what := withoutNoun(tree.Value(list, "name"), g.Name)
			m.All, m.Pages = claim("All"+what), claim(singular(what)+"Pages")
		}
		if edit := tree.Get(operation, "x-go-edit"); edit != nil {
			m.Edit = claim(withoutNoun(tree.Value(edit, "name"), g.Name))
		}
		for _, command := range tree.NonNil(tree.Get(operation, "x-go-commands")).Content {
			set.SetMember(command, "method", claim(withoutNoun(tree.Value(command, "name"), g.Name)))
		}
		set.SetMember(operation, "x-go-group", m).Style = yaml.FlowStyle
	})
	if first == nil {
		return
	}
	var all []*group
	for _, name := range tree.SortedKeys(groups) {
		all = append(all, groups[name])
	}
	for _, g := range set.SetMember(first, "x-go-groups", all).Content {
		g.Style = yaml.FlowStyle
	}
	var sorted []string
	for _, id := range tree.SortedKeys(operations) {
		sorted = append(sorted, operations[id])
	}
	set.SetMember(first, "x-go-operations", sorted)
}

// scopes returns what the description of an operation says of the API token.
func scopes(operation *yaml.Node) string {
	if text := tree.Get(operation, "description"); text != nil {
		for paragraph := range strings.SplitSeq(text.Value, "\n\n") {
			if strings.HasPrefix(paragraph, "The API token ") {
				return strings.ReplaceAll(strings.TrimSpace(paragraph), "\n", " ")
			}
		}
	}
	return ""
}

// find returns the row whose path is the longest that path begins with.
func find(rows []row, path string) (best *row) {
	path = tree.Placeholder.ReplaceAllString(path, "{}") + "/"
	for i, r := range rows {
		if strings.HasPrefix(path, r.Path+"/") && (best == nil || len(r.Path) > len(best.Path)) {
			best = &rows[i]
		}
	}
	return best
}

// lastSegment returns the last segment of a path that is no parameter.
func lastSegment(path string) string {
	name := "root"
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" && !strings.HasPrefix(segment, "{") {
			name = segment
		}
	}
	return name
}

// withoutNoun removes the name of a group, or its singular, from a name.
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

// pageOf returns the address of the page of an operation.
func pageOf(r *row, operation *yaml.Node) string {
	page := tree.Value(tree.Get(operation, "externalDocs"), "url")
	if page != "" || r.Page == "" {
		return page
	}
	return pages + r.Page + "/" + strings.ReplaceAll(tree.OperationID(operation), "_", "-")
}
