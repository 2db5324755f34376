package names

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// declaration is an identifier that the generated client would declare.
type declaration struct {
	name     string     // the identifier
	label    string     // what declares it, for messages
	position *yaml.Node // where that is in the description
	node     *yaml.Node // gets an x-go-name to rename the declaration, or nil if that is not possible
	target   string     // the JSONPath of node for an action of an overlay
	fixed    bool       // whether it keeps the identifier in a clash with one that is not fixed
}

// renamable returns the declaration of a schema, a property, a parameter or an operation.
// It is fixed if it has an x-go-name.
func renamable(name, label string, position, node *yaml.Node, target string) declaration {
	return declaration{goNameOf(name, node), label, position, node, target, tree.Has(node, "x-go-name")}
}

// fixed returns a declaration that cannot be renamed.
func fixed(name, label string, position *yaml.Node) declaration {
	return declaration{name: name, label: label, position: position, fixed: true}
}

// CheckGoNames makes the identifiers of the client unique in their scopes: types,
// operations, the fields of a struct, and the arguments of a method. Of two declarations
// with one identifier, the fixed one or else the first one keeps it. The other one gets an
// x-go-name in an import; the lock keeps it. Otherwise it is an error.
func (m *Namer) CheckGoNames() {
	m.makeUnique(m.typeDeclarations(), "Schema")
	var operations []declaration
	for _, o := range m.operations() {
		operations = append(operations, renamable(tree.OperationID(o.node), o.label, o.method, o.node, o.target()))
		m.checkParameterNames(o)
	}
	m.makeUnique(operations, "Operation")
	m.nameReferences()
	for name, schema := range m.schemas() {
		if !tree.Has(schema, "x-go-type") {
			m.makeUnique(m.fieldDeclarations(name.Value, schema), "Field")
		}
	}
	w := m.newWalker()
	for _, o := range m.operations() {
		if list := tree.Get(o.node, "x-go-list"); list != nil { // Its items may have another type now.
			m.SetMember(list, "item", m.goType(w.listItems(o)))
		}
	}
}

// nameReferences copies the x-go-type of schemas to the references to them, because the generator
// only looks for it there. It gives an x-go-name to each property that refers to a schema with
// an x-go-name. Otherwise the generator names the field after the schema.
func (m *Namer) nameReferences() {
	tree.EachSchema(m.root, func(n *yaml.Node) {
		goType := tree.Get(m.resolve(n), "x-go-type")
		if tree.Has(n, "$ref") && goType != nil && !tree.Has(n, "x-go-type") {
			m.SetMember(n, "x-go-type", goType.Value)
		}
		for name, property := range tree.Entries(tree.Get(n, "properties")) {
			if tree.Has(property, "$ref") && tree.Has(m.resolve(property), "x-go-name") && !tree.Has(property, "x-go-name") {
				m.SetMember(property, "x-go-name", GoName(name.Value))
			}
		}
	})
}

// makeUnique makes the identifiers of the declarations in one scope unique. A new
// identifier is the old one with the suffix, and with as many 2s as it takes.
func (m *Namer) makeUnique(declarations []declaration, suffix string) {
	taken := map[string]bool{}
	for _, d := range declarations {
		taken[d.name] = true
	}
	slices.SortStableFunc(declarations, func(a, b declaration) int { return cmp.Compare(score(b.fixed), score(a.fixed)) })
	owners := map[string]declaration{}
	for _, d := range declarations {
		owner, clashes := owners[d.name]
		if !clashes {
			owners[d.name] = d
			continue
		}
		newName := unique(d.name+suffix, func(name string) bool { return taken[name] })
		taken[newName] = true
		action := overlayAction(d.target, "x-go-name", newName)
		switch {
		case d.node == nil:
			m.Errorf("%s: %s and %s (%s) would both be %s in Go", m.At(d.position), d.label, owner.label, m.At(owner.position), d.name)
		case !m.imported:
			m.Errorf("%s: %s and %s (%s) would both be %s in Go; name one of them in the overlay:\n%s",
				m.At(d.position), d.label, owner.label, m.At(owner.position), d.name, action)
		default:
			m.SetMember(d.node, "x-go-name", newName)
			m.report.Note(report.Settle, "%s (%s) would be `%s` in Go, as %s is (%s); it is now `%s`:\n%s",
				d.label, m.At(d.position), d.name, owner.label, m.At(owner.position), newName, report.Fenced(action))
		}
	}
}

// overlayAction returns an action of an overlay that sets a field, as YAML.
func overlayAction(target, field, value string) string {
	return "  - target: " + target + "\n    description: Something else has this name, too.\n    update:\n      " + field + ": " + value
}

// schemaTarget returns the JSONPath of a schema in the components. The beginning is left open for
// one that was moved there, since the overlay is applied before.
func (m *Namer) schemaTarget(name string) string {
	if m.moved[m.schema(name)] {
		return "…"
	}
	return "$.components.schemas['" + name + "']"
}

// typeDeclarations returns the declarations in the scope of the package: first those that
// cannot be renamed, which are written by hand, structs of parameters and the constructors of
// unions, then those of schemas.
func (m *Namer) typeDeclarations() []declaration {
	var others, schemas []declaration
	for _, name := range tree.SortedKeys(m.reserved) {
		others = append(others, fixed(name, "a declaration written by hand", m.reserved[name]))
	}
	for _, o := range m.operations() {
		if _, fields := o.parameters(); len(fields) > 0 {
			others = append(others, fixed(o.name+"Params", "the parameters of "+o.label, o.method))
		}
	}
	for name, schema := range m.schemas() {
		if tree.Has(schema, "x-go-type") || m.unused[schema] {
			continue
		}
		d := renamable(name.Value, "schema `"+name.Value+"`", name, schema, m.schemaTarget(name.Value))
		d.fixed = d.fixed || m.types[schema] != ""
		schemas = append(schemas, d)
		if len(tree.Variants(schema)) > 1 {
			others = append(others, fixed("New"+d.name, "the constructor of `"+name.Value+"`", name))
		}
	}
	return append(others, schemas...)
}

// fieldDeclarations returns the declarations in the scope of a struct: first the methods and
// fields that its type has anyway, then the fields of its properties.
func (m *Namer) fieldDeclarations(name string, schema *yaml.Node) (fields []declaration) {
	reserve := func(position *yaml.Node, names ...string) {
		for _, reserved := range names {
			fields = append(fields, fixed(reserved, "a method or field that the type of `"+name+"` has anyway", position))
		}
	}
	properties := tree.Get(schema, "properties")
	if additional := tree.Get(schema, "additionalProperties"); additional != nil && additional.Value != "false" {
		reserve(additional, "AdditionalProperties", "MarshalJSON", "UnmarshalJSON")
	}
	if slices.ContainsFunc(tree.NonNil(properties).Content, isSecret) {
		reserve(schema, "String", "LogValue")
	}
	for key, property := range tree.Entries(properties) {
		target := m.schemaTarget(name) + ".properties['" + key.Value + "']"
		fields = append(fields, renamable(key.Value, "property `"+key.Value+"` of `"+name+"`", key, property, target))
	}
	return fields
}

// usedInMethods are the identifiers that the methods of the client use, besides those
// that Go predeclares.
var usedInMethods = []string{
	"body", "change", "context", "ctx", "edit", "err", "items", "iter", "json", "nullable", "opts", "pages", "params", "path",
	"result", "s", "time", "uuid", "variant",
}

// checkParameterNames makes the names of the arguments of a method unique, and of the fields
// of its struct of parameters. An argument that would hide an identifier that the method
// uses gets the suffix Value.
func (m *Namer) checkParameterNames(o operation) {
	hidden := map[string]bool{}
	for _, name := range append(types.Universe.Names(), usedInMethods...) {
		hidden[codegen.UppercaseFirstCharacter(name)] = true
	}
	arguments, fields := o.parameters()
	for _, parameters := range [][]*yaml.Node{fields, arguments} {
		var declarations []declaration
		for _, p := range parameters {
			name := tree.Value(p, "name")
			if goName := GoName(name); tree.Value(p, "in") == "path" && hidden[goName] && !tree.Has(p, "x-go-name") {
				m.SetMember(p, "x-go-name", goName+"Value")
			}
			target := o.target() + ".parameters[?@.name == '" + name + "']"
			declarations = append(declarations, renamable(name, "parameter `"+name+"` of "+o.label, p, p, target))
		}
		m.makeUnique(declarations, "Parameter")
	}
}
