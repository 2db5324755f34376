package names

import (
	"go/ast"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddLists decides which operations can be iterated over, and writes into
// x-go-list how:
//
//	name  what follows All and PagesOf in the names of the iterators
//	item  the Go type of an item
//
// A list is a GET whose name begins with List or Search and that returns an
// object with an array called data. Its iterators are named after what it lists;
// where that is taken by another list, after the whole operation. The templates
// make the iterators.
func (m *Namer) AddLists(root *yaml.Node) {
	if !m.checks {
		return
	}
	taken := map[string]bool{}
	for _, prefix := range []string{"List", "Search"} {
		tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
			name := m.goNameOf(tree.IDOf(operation), operation)
			what, ok := strings.CutPrefix(name, prefix)
			if method.Value != "get" || !ok || !ast.IsExported(what) {
				return
			}
			data := m.properties(root, success(operation))["data"]
			if data != nil {
				data = m.target(root, data)
			}
			items := tree.Get(data, "items")
			if items == nil {
				return
			}
			if taken[what] {
				what = name
			}
			item := m.itemType(root, items, what)
			if item == "" {
				if m.report != nil {
					m.report.Note(report.Names, "%s (%s) has no iterators, as its items have no type of their own", tree.OperationName(method, path), m.At(items))
				}
				return
			}
			taken[what] = true
			list := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
			for _, entry := range [][2]string{{"name", what}, {"item", item}} {
				list.Content = append(list.Content, m.Text(entry[0], method), m.Text(entry[1], method))
			}
			operation.Content = append(operation.Content, m.Text("x-go-list", method), m.Adopt(list, method))
		})
	}
}

// itemType is the Go type of the items of a list. What is described in place
// gets a name.
func (m *Namer) itemType(root, items *yaml.Node, what string) string {
	if tree.Get(items, "$ref") != nil {
		return m.typeOf(root, items)
	}
	for _, key := range []string{"x-go-type-name", "x-go-type"} {
		if given := tree.Get(items, key); given != nil {
			return given.Value
		}
	}
	if tree.Get(items, "properties") != nil {
		name := what + "Item"
		items.Content = append(items.Content, m.Text("x-go-type-name", items), m.Text(name, items))
		return name
	}
	t := tree.Get(items, "type")
	if t == nil || tree.Get(items, "enum") != nil || tree.Get(items, "format") != nil {
		return ""
	}
	return map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}[t.Value]
}
