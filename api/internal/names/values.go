package names

import (
	"cmp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// assignPlainTypes gives enumerations of booleans the type bool, and those of numbers with a
// fraction float64: constants of a Go type of their own would be of no use.
func (m *Namer) assignPlainTypes() {
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if len(enumValues(n)) == 0 || tree.Has(n, "x-go-type") {
			return
		}
		for jsonType, goType := range map[string]string{"boolean": "bool", "number": "float64"} {
			if hasType(n, jsonType) {
				m.SetMember(n, "x-go-type", goType)
			}
		}
	})
}

// nameEnumValues writes the names of the constants of enumerations into the
// x-enum-varnames of their schemas, where they are not the ones that the generator
// derives from the values. The name of a value is the one that x-go-values of the overlay
// has for it, or else the one in names.lock. Both are by value: x-enum-varnames is by
// position, so that a value that is added, or another order, would give constants the
// values of others.
func (m *Namer) nameEnumValues() {
	for goType, schema := range m.declarations() {
		given, locked := tree.Get(schema, "x-go-values"), &lock.Type{}
		if known := m.locked.Types[goType]; known != nil {
			locked = known
		}
		var names []string
		isDerived := true
		for _, value := range tree.Items(schema, "enum") {
			name := cmp.Or(tree.Value(given, value.Value), strings.TrimPrefix(locked.Values[value.Value], goType), value.Value)
			isDerived = isDerived && GoName(name) == GoName(value.Value)
			names = append(names, name)
		}
		if !isDerived {
			m.SetMember(schema, "x-enum-varnames", names).Style = yaml.FlowStyle
		}
		tree.Remove(schema, "x-go-values")
	}
}
