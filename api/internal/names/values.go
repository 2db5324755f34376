package names

import (
	"cmp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// nameEnumValues names the constants of enumerations: as x-go-values in the overlay says, or
// else as in names.lock. Of the others, one whose name another constant or a type has gets the
// suffix Value, as Go would not compile, or the generator would declare only one of two
// constants. Where a name is not the one that the generator derives from the value, it writes
// the names of all into x-enum-varnames. That keyword lists names by position, so the overlay
// must not use it: with a new value, or in another order, constants would get the values of
// others.
func (m *Namer) nameEnumValues() {
	types := m.TypeNames()
	for goType, schema := range m.declarations() {
		given, locked := tree.Get(schema, "x-go-values"), &lock.Type{}
		if known := m.locked.Types[goType]; known != nil {
			locked = known
		}
		values := tree.Items(schema, "enum")
		names, taken, isDerived := make([]string, len(values)), map[string]bool{"": true}, true
		for i, value := range values {
			names[i] = cmp.Or(tree.Value(given, value.Value), strings.TrimPrefix(locked.Values[value.Value], goType))
			taken[GoName(names[i])] = taken[GoName(names[i])] || names[i] != ""
		}
		for i, value := range values {
			if names[i] == "" {
				names[i] = value.Value
				for taken[GoName(names[i])] || types[goType+GoName(names[i])] {
					names[i] += "Value"
				}
				taken[GoName(names[i])] = true
			}
			isDerived = isDerived && GoName(names[i]) == GoName(value.Value)
		}
		if !isDerived {
			m.SetMember(schema, "x-enum-varnames", names).Style = yaml.FlowStyle
		}
		tree.Remove(schema, "x-go-values")
	}
}
