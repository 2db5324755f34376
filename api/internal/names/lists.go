package names

import (
	"go/ast"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddLists writes an x-go-list into each operation that returns a list, for which the
// templates make iterators. It has
//
//	name  the part of the name of the iterators after "All", such as Things
//	item  the Go type of an item
//
// A list is a GET operation whose Go name begins with List or Search, and whose response is
// an object with an array called data. If two would have the same name, as ListThings and
// SearchThings, that of the second one is its Go name.
func (m *Namer) AddLists() {
	taken := map[string]bool{}
	w := m.newWalker()
	for _, prefix := range []string{"List", "Search"} {
		for _, o := range m.operations() {
			name, hasPrefix := strings.CutPrefix(o.name, prefix)
			list, _ := w.declaration(o.response)
			items := tree.Get(m.resolve(m.properties(list)["data"]), "items")
			if o.method.Value != "get" || !hasPrefix || !ast.IsExported(name) || items == nil {
				continue
			}
			if taken[name] {
				name = o.name
			}
			item := m.goType(items)
			if item == "" && tree.Has(items, "properties") { // an object without a name
				item = name + "Item"
				m.moveToComponents(items, item)
			}
			if canBeNil(item) {
				m.report.Note(report.Names, "%s (%s) has no iterators, as its items have no type of their own", o.label, m.At(items))
				continue
			}
			taken[name] = true
			m.SetMember(o.node, "x-go-list", struct{ Name, Item string }{name, item}).Style = yaml.FlowStyle
		}
	}
}
