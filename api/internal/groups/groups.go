// Package groups puts operations into groups by their paths, and names the methods
// that the groups have for them.
package groups

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// pages is where the folders of documentation pages are. The page of an operation
// is named after its id.
const pages = "https://signalwire.com/docs/apis/rest/"

// row is a line of the table.
type row struct{ Path, Group, Page, What string }

// group is a group that operations are in.
type group struct {
	row
	methods map[string]*yaml.Node // by name
	scopes  map[string]bool       // what the descriptions say of the API token
}

// Namer is what knows the names of a description in Go.
type Namer interface {
	// OperationName returns the name of an operation that no other has.
	OperationName(operation *yaml.Node) string
	// LockedGroup returns the group that an operation of this name is in by
	// names.lock, or "".
	LockedGroup(operation *yaml.Node) string
	// Declared returns the types that are declared, by name, with their schemas.
	Declared(root *yaml.Node) map[string]*yaml.Node
	// GoName returns a name as it is written in Go.
	GoName(name string) string
}

// Assign writes into each operation, as x-go-group, the group that it is in:
//
//	name    of the group, and of the field of the client
//	type    of the group in Go
//	method  that carries the operation out
//	all     the iterator over the items of a list
//	pages   the iterator over its pages
//	edit    the method that makes an update of what was read
//	page    of the documentation, if that is known
//
// Each of its x-go-commands gets the name of its method as method.
//
// The first operation gets all groups as x-go-groups, and the names of all
// operations, sorted by their ids, as x-go-operations. The table of groups is a file, or
// "" for groups by paths alone; forbidden are the names that no field of the client can have.
func Assign(set *tree.Set, root *yaml.Node, r *report.Report, table string, forbidden []string, names Namer) {
	var rows []row
	if table != "" {
		if err := yaml.Unmarshal(set.Read(table).Data, &rows); err != nil {
			set.Errorf("%s: %w", table, err)
		}
	}
	if set.Failed() {
		return
	}
	byName := map[string]*group{}
	types := names.Declared(root)
	var first *yaml.Node
	byID := map[string]string{} // the names of operations
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		if first == nil {
			first = operation
		}
		found := find(rows, path.Value)
		if found == nil {
			found = &row{Path: path.Value, Group: names.LockedGroup(operation)}
		}
		if found.Group == "" {
			found.Group = names.GoName(lastSegment(path.Value))
			if r != nil {
				r.Note(report.Names, "%s is in a group named after its path, `%s`; another one takes a line of %s", tree.OperationName(method, path), found.Group, filepath.Base(table))
			}
		}
		g := byName[found.Group]
		if g == nil {
			g = &group{row: *found, methods: map[string]*yaml.Node{}, scopes: map[string]bool{}}
			byName[g.Group] = g
		}
		g.What = cmp.Or(g.What, found.What)
		g.scopes[scopes(operation)] = true
		flat := names.OperationName(operation)
		byID[cmp.Or(value(operation, "x-go-id"), tree.IDOf(operation))] = flat
		own := methodName(flat, g.Group)
		if given := tree.Get(operation, "x-go-method"); given != nil {
			own = given.Value
			tree.Remove(operation, "x-go-method")
		}
		claim := func(name string) string {
			if other := g.methods[name]; other != nil {
				set.Errorf("%s and %s: both would be %s.%s in Go; give one an x-go-method in the overlay", set.At(method), set.At(other), g.Group, name)
			}
			g.methods[name] = method
			return name
		}
		entries := []*yaml.Node{
			set.Text("name", method), set.Text(g.Group, method), set.Text("type", method), set.Text(typeName(g.Group, types), method),
			set.Text("method", method), set.Text(claim(own), method),
		}
		if page := pageOf(found, operation); page != "" {
			entries = append(entries, set.Text("page", method), set.Text(page, method))
		}
		if list := tree.Get(operation, "x-go-list"); list != nil {
			what := withoutNoun(tree.Get(list, "name").Value, g.Group)
			entries = append(entries,
				set.Text("all", method), set.Text(claim("All"+what), method),
				set.Text("pages", method), set.Text(claim(singular(what)+"Pages"), method))
		}
		if edit := tree.Get(operation, "x-go-edit"); edit != nil {
			entries = append(entries, set.Text("edit", method), set.Text(claim(withoutNoun(tree.Get(edit, "name").Value, g.Group)), method))
		}
		for _, command := range tree.OrEmpty(tree.Get(operation, "x-go-commands")).Content {
			name := claim(withoutNoun(tree.Get(command, "name").Value, g.Group))
			command.Content = append(command.Content, set.Text("method", method), set.Text(name, method))
		}
		mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle, Content: entries}
		operation.Content = append(operation.Content, set.Text("x-go-group", method), set.Adopt(mapping, method))
	})
	if first == nil {
		return
	}
	all := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, name := range tree.SortedKeys(byName) {
		g := byName[name]
		if slices.Contains(forbidden, name) {
			set.Errorf("%s: a group called %s would hide a method of the client", table, name)
		}
		entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
		said := ""
		if len(g.scopes) == 1 {
			said = tree.SortedKeys(g.scopes)[0]
		}
		for _, pair := range [][2]string{{"name", name}, {"type", typeName(name, types)}, {"what", g.What}, {"scopes", said}, {"page", folder(g.Page)}} {
			if pair[1] != "" {
				entry.Content = append(entry.Content, set.Text(pair[0], first), set.Text(pair[1], first))
			}
		}
		all.Content = append(all.Content, entry)
	}
	sorted := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, id := range tree.SortedKeys(byID) {
		sorted.Content = append(sorted.Content, set.Text(byID[id], first))
	}
	first.Content = append(first.Content,
		set.Text("x-go-groups", first), set.Adopt(all, first),
		set.Text("x-go-operations", first), set.Adopt(sorted, first))
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

// value returns the string that an object has as a member, or "".
func value(n *yaml.Node, name string) string {
	if member := tree.Get(n, name); member != nil {
		return member.Value
	}
	return ""
}

// find returns the row whose path is the longest that path begins with.
func find(rows []row, path string) (best *row) {
	segments := strings.Split(path, "/")
	longest, literal := 0, 0
	for i := range rows {
		want := strings.Split(rows[i].Path, "/")
		if len(want) > len(segments) {
			continue
		}
		literals := 0
		matches := true
		for j, segment := range want {
			switch {
			case segment == "{}":
				matches = matches && strings.HasPrefix(segments[j], "{")
			case segment == segments[j]:
				literals++
			default:
				matches = false
			}
		}
		if matches && (len(want) > longest || len(want) == longest && literals > literal) {
			best, longest, literal = &rows[i], len(want), literals
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

// typeName returns the name of the type of a group, which no schema has.
func typeName(group string, types map[string]*yaml.Node) string {
	if types[group] != nil {
		return group + "Service"
	}
	return group
}

// methodName returns the name that an operation has as a method of its group: the
// one that no other operation has, without what the group says.
func methodName(flat, group string) string {
	if name := withoutNoun(flat, group); name != "" {
		return name
	}
	return flat
}

// withoutNoun removes the name of a group, or its singular, from a name.
func withoutNoun(name, group string) string {
	for _, noun := range []string{group, singular(group)} {
		for at := 0; ; {
			i := strings.Index(name[at:], noun)
			if i < 0 {
				break
			}
			begin, end := at+i, at+i+len(noun)
			if end == len(name) || ast.IsExported(name[end:]) {
				return name[:begin] + name[end:]
			}
			at = end
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
	if docs := tree.Get(operation, "externalDocs"); docs != nil {
		return tree.Get(docs, "url").Value
	}
	if r.Page == "" {
		return ""
	}
	return pages + r.Page + "/" + strings.ReplaceAll(tree.IDOf(operation), "_", "-")
}

func folder(page string) string {
	if page == "" {
		return ""
	}
	return pages + page
}

// ClientMethods returns the names of the methods that a type called Client has in
// the Go files of a folder.
func ClientMethods(dir string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("the methods of the client: %w", err)
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && fmt.Sprint(star.X) == "Client" {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names, err
}
