package names

import (
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// nameEnumValues writes the names of the constants of enumerations into the
// x-enum-varnames of their schemas, where they are not the ones that the generator
// derives from the values. The name of a value is the one that x-go-values of the overlay
// has for it, or else the one in names.lock. Both are by value: x-enum-varnames is by
// position, so that a value that is added, or another order, would give constants the
// values of others.
func (m *Namer) nameEnumValues() {
	for goType, schema := range m.Declared() {
		given := tree.Get(schema, "x-go-values")
		var names []string
		isDerived := true
		for _, value := range list(schema, "enum") {
			name := tree.Value(given, value.Value)
			if locked := m.locked.Types[goType]; name == "" && locked != nil {
				name, _ = strings.CutPrefix(locked.Values[value.Value], goType)
			}
			if name == "" {
				name = value.Value
			}
			isDerived = isDerived && codegen.SchemaNameToTypeName(name) == codegen.SchemaNameToTypeName(value.Value)
			names = append(names, name)
		}
		if !isDerived {
			m.SetMember(schema, "x-enum-varnames", names).Style = yaml.FlowStyle
		}
		tree.Remove(schema, "x-go-values")
	}
}
