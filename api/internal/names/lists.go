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
//	name  what the iterators are named after
//	item  the Go type of an item
//
// A list is a GET whose name begins with List or Search and that returns an
// object with an array called data. Its iterators are named after what it lists;
// where that is taken by another list, after the whole operation. The templates
// make the iterators.
func (m *Namer) AddLists() {
	taken := map[string]bool{}
	for _, prefix := range []string{"List", "Search"} {
		for _, o := range m.operations() {
			what, ok := strings.CutPrefix(o.name, prefix)
			items := tree.Get(m.target(m.properties(o.response)["data"]), "items")
			if o.method.Value != "get" || !ok || !ast.IsExported(what) || items == nil {
				continue
			}
			if taken[what] {
				what = o.name
			}
			item := m.itemType(items, what)
			if item == "" {
				m.report.Note(report.Names, "%s (%s) has no iterators, as its items have no type of their own", o.what, m.At(items))
				continue
			}
			taken[what] = true
			m.SetMember(o.node, "x-go-list", struct{ Name, Item string }{what, item}).Style = yaml.FlowStyle
		}
	}
}

// itemType is the Go type of the items of a list. An object that is described in
// place gets a name.
func (m *Namer) itemType(items *yaml.Node, what string) string {
	goType := m.goType(items)
	if goType == "" && tree.Get(items, "properties") != nil {
		goType = what + "Item"
		m.SetMember(items, "x-go-type-name", goType)
	}
	if canBeNil(goType) {
		return ""
	}
	return goType
}
