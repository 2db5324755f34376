package names

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AssignTypes gives the schemas the Go types that they have in the overlay or in the lock.
// It writes
//
//   - x-go-name into schemas in the components, to which it moves those that are described
//     where they are used and declare a type,
//   - x-go-type into schemas that have the type of another schema, of code written by hand
//     or of another package.
//
// If several schemas have one type, one of them declares it, with the properties and enum
// values of all. Two schemas that are too different for that get different types.
func (m *Namer) AssignTypes() {
	m.removeUnreachable()
	m.assignPlainTypes()
	f := m.match()
	f.chooseTypes()
	f.declareTypes()
	m.removeUndeclared()
	m.replaceAmbiguousUnions()
}

// assignPlainTypes gives these schemas a Go type, so that the generator declares none for them:
//
//   - The content of an error response that is described in place is json.RawMessage. Package
//     signalwire decodes errors, and keeps what it does not know.
//   - An enumeration of booleans is a bool, and one of numbers with a fraction a float64.
//   - A UUID in the components is a uuid.UUID.
func (m *Namer) assignPlainTypes() {
	assign := func(n *yaml.Node, goType string) {
		if !tree.Has(n, "x-go-type") {
			m.SetMember(n, "x-go-type", goType)
		}
	}
	for _, o := range m.operations() {
		for status, response := range tree.Entries(tree.Get(o.node, "responses")) {
			content := contentSchema(response)
			if !strings.HasPrefix(status.Value, "2") && content != nil && needsDeclaration(content) {
				assign(content, "json.RawMessage")
			}
		}
	}
	tree.EachSchema(m.root, func(n *yaml.Node) {
		for _, jsonType := range []string{"boolean", "number"} {
			if len(enumValues(n)) > 0 && tree.HasType(n, jsonType) {
				assign(n, scalarTypes[jsonType])
			}
		}
	})
	for _, schema := range m.schemas() {
		if plainType(schema) == "uuid.UUID" {
			assign(schema, "uuid.UUID")
		}
	}
}

// chooseTypes chooses the types of schemas that a declaration in package gen is made for,
// and writes x-go-name into those in the components.
func (f *matcher) chooseTypes() {
	givenTypes := map[string]bool{}
	tree.EachSchema(f.root, func(n *yaml.Node) { givenTypes[tree.Value(n, "x-go-type")] = true })
	tree.EachSchema(f.root, func(n *yaml.Node) {
		name, given, inPlace := f.names[n], tree.Value(n, "x-go-type"), tree.Value(n, "x-go-type-name")
		tree.Remove(n, "x-go-type-name")
		switch {
		case given != "" && !f.IsGenerated(given):
		case name != "":
			locked := f.locked.Schemas[name]
			if f.locked.Types[locked] == nil {
				locked = ""
			}
			goType := cmp.Or(given, tree.Value(n, "x-go-name"), locked, f.bestType(n))
			if own := GoName(name); goType == "" && givenTypes[own] && f.locked.Types[own] == nil {
				goType = own
			}
			f.types[n] = goType
			f.setGoName(n, name, goType)
		case needsDeclaration(n):
			f.types[n] = cmp.Or(given, inPlace, f.bestType(n))
		}
	})
}

// NameMembers names the types of objects, unions and enumerations that are described where
// they are used and have no type yet: Thing.Part becomes ThingPart, the items of Thing.Parts
// become ThingPartsItem, the body of MakeThing becomes MakeThingBody, its response
// MakeThingResponse, and its parameter filter MakeThingParamsFilter. If something else has that
// name, they get a 2 after it. All of them are moved to the components. The variants of unions
// are named by nameVariants, and at last the values of enumerations by nameEnumValues.
func (m *Namer) NameMembers() {
	var visit func(n *yaml.Node, goType string)
	member := func(n *yaml.Node, goType string) {
		if n == nil {
			return
		}
		hasType := tree.Has(n, "properties") || len(tree.NonNullVariants(n)) > 1 || len(enumValues(n)) > 0
		if hasType && !tree.Has(n, "x-go-type", "$ref") {
			goType = m.newTypeName(goType)
			n = m.moveToComponents(n, goType)
		}
		visit(n, goType)
	}
	visit = func(n *yaml.Node, goType string) {
		if tree.Has(n, "x-go-type") { // It is not generated.
			return
		}
		for name, property := range tree.Entries(tree.Get(n, "properties")) {
			member(property, goType+goNameOf(name.Value, property))
		}
		for _, key := range []string{"items", "additionalProperties"} {
			member(tree.Get(n, key), goType+"Item")
		}
		for _, variant := range m.nameVariants(n, goType) {
			visit(m.resolve(variant), m.namedType(variant))
		}
	}
	for goType, schema := range m.declarations() {
		visit(schema, goType)
	}
	for _, o := range m.operations() {
		member(o.body, o.name+"Body")
		member(o.response, o.name+"Response")
		_, fields := o.parameters()
		for _, p := range fields {
			if schema := tree.Get(p, "schema"); tree.Has(schema, "properties") { // The generator names enumerations.
				member(schema, o.name+"Params"+goNameOf(tree.Value(p, "name"), p))
			}
		}
	}
	m.nameEnumValues()
}

// nameEnumValues names the constants of enumerations: as x-go-values in the overlay says, or
// else as in names.lock. Of the others, one whose name another constant or a type has gets the
// suffix Value, as Go would not compile, or the generator would declare only one of two
// constants. Where a name is not the one that the generator derives from the value, it writes
// the names of all, without null, into x-enum-varnames. That keyword lists names by position, so the overlay
// must not use it: with a new value, or in another order, constants would get the values of
// others.
func (m *Namer) nameEnumValues() {
	taken := map[string]bool{}
	for _, d := range m.typeDeclarations() {
		taken[d.name] = true
	}
	for goType, schema := range m.declarations() {
		given, locked := tree.Get(schema, "x-go-values"), cmp.Or(m.locked.Types[goType], &lock.Type{})
		values, isDerived := enumValues(schema), true
		names := make([]string, len(values))
		for i, value := range values {
			names[i] = cmp.Or(tree.Value(given, value), strings.TrimPrefix(locked.Values[value], goType))
			if names[i] != "" {
				taken[constantName(goType, names[i])] = true
			}
		}
		for i, value := range values {
			if names[i] == "" {
				names[i] = value
				for taken[constantName(goType, names[i])] {
					names[i] += "Value"
				}
				taken[constantName(goType, names[i])] = true
			}
			isDerived = isDerived && GoName(names[i]) == GoName(value)
		}
		if !isDerived {
			m.SetMember(schema, "x-enum-varnames", names).Style = yaml.FlowStyle
		}
		tree.Remove(schema, "x-go-values")
	}
}

// constantName returns the Go name of a constant of an enumeration, given the name that it has
// there. As constants.tmpl does, it removes the N that GoName puts before a digit.
func constantName(goType, name string) string {
	suffix := GoName(name)
	if rest := strings.TrimPrefix(suffix, "N"); rest != "" && '0' <= rest[0] && rest[0] <= '9' {
		suffix = rest
	}
	return goType + suffix
}

// newTypeName returns a name, with as many 2s as it takes for no type to have it.
func (m *Namer) newTypeName(name string) string {
	types := m.TypeNames()
	return unique(name, func(name string) bool { return types[name] })
}

// unique returns a name, with as many 2s as it takes for it not to be taken.
func unique(name string, isTaken func(name string) bool) string {
	for isTaken(name) {
		name += "2"
	}
	return name
}

// IsGenerated reports whether a Go type is declared for a schema, and is neither written by
// hand nor from another package.
func (m *Namer) IsGenerated(goType string) bool {
	return tree.IsGoName(goType) && m.reserved[goType] == nil
}

// needsDeclaration reports whether the generator declares a type for a schema that is
// described where it is used.
func needsDeclaration(n *yaml.Node) bool {
	return len(enumValues(n)) > 0 || len(tree.Variants(n)) > 0 || tree.HasType(n, "object", "array") || tree.Has(n, "properties")
}

// declareTypes chooses the schema that declares each type, and moves it to the components if it
// is described where it is used. Of several schemas with one type, it is one in the components
// if there is one, and the one with the most properties, values and variants, but rather one
// that is generated.
func (f *matcher) declareTypes() {
	schemas, declared := map[string][]*yaml.Node{}, map[string]*yaml.Node{} // by Go type
	tree.EachSchema(f.root, func(n *yaml.Node) { schemas[f.types[n]] = append(schemas[f.types[n]], n) })
	delete(schemas, "")
	f.used = f.usedSchemas(true)
	for _, inComponents := range []bool{true, false} {
		generated := f.usedSchemas(false) // The second time, without those that have the type of one in the components.
		rank := func(n *yaml.Node) []int { return []int{int(score(generated[n])), f.size(n)} }
		for _, goType := range tree.SortedKeys(schemas) {
			byRank := func(a, b *yaml.Node) int { return slices.Compare(rank(b), rank(a)) }
			for _, n := range slices.SortedStableFunc(slices.Values(schemas[goType]), byRank) {
				if inComponents != (f.names[n] != "") {
					continue
				}
				tree.Remove(n, "x-go-type")
				switch {
				case declared[goType] != nil:
					f.useType(n, goType, declared[goType])
				case inComponents:
					declared[goType] = n
				case f.used[n]:
					declared[goType] = f.moveToComponents(n, goType)
				}
			}
		}
	}
}

// moveToComponents moves a schema to the components, replaces it by a reference, and returns
// the moved schema. Beside the reference stays what belongs to the place, such as the default
// and the name of a field. The description belongs to both.
func (m *Namer) moveToComponents(n *yaml.Node, goType string) *yaml.Node {
	name := unique(goType, func(name string) bool { return m.schema(name) != nil })
	moved := m.Parse("{}", n)
	reference := m.Parse("{$ref: '"+tree.SchemaRefPrefix+name+"'}", n)
	ofType, ofPlace := []string{"x-go-values", "x-go-discriminator"}, []string{"default", "deprecated", "readOnly", "writeOnly"}
	for key, value := range tree.Entries(n) {
		staysHere := slices.Contains(ofPlace, key.Value) || tree.IsExtension(key.Value) && !slices.Contains(ofType, key.Value)
		if staysHere || key.Value == "description" {
			reference.Content = append(reference.Content, key, value)
		}
		if !staysHere {
			moved.Content = append(moved.Content, key, value) // The schemas in it stay the nodes that they are.
		}
	}
	n.Content = reference.Content
	m.setGoName(moved, name, goType)
	m.types[moved], m.moved[moved] = goType, true
	schemas := m.EnsureObject(m.EnsureObject(m.root, "components"), "schemas")
	m.SetMember(schemas, name, moved)
	m.CopyPosition(schemas.Content[len(schemas.Content)-2], n)
	return moved
}

// size returns the number of values, properties and variants of a schema.
func (f *matcher) size(n *yaml.Node) int {
	return len(enumValues(n)) + len(f.properties(n)) + len(tree.Variants(n))
}

// useType gives a schema the type that another one declares, and adds the properties and
// values that only the schema has to the declaration. If the two conflict, the schema gets
// a type of its own instead.
func (f *matcher) useType(n *yaml.Node, goType string, declaration *yaml.Node) {
	conflict := f.conflict(goType, declaration, n)
	if f.names[n] != "" { // Of a property, it is the name of the field.
		tree.Remove(n, "x-go-name")
	}
	if conflict != "" {
		delete(f.types, n)
		f.report.Note(report.Names, "%s is not `%s` as %s is: %s", f.At(n), goType, f.At(declaration), conflict)
		return
	}
	f.SetMember(n, "x-go-type", goType)
	if !f.used[n] {
		return
	}
	enum := tree.NonNil(tree.Get(declaration, "enum"))
	for _, value := range tree.Items(n, "enum") {
		isNew := !slices.ContainsFunc(enum.Content, func(other *yaml.Node) bool { return tree.Equal(value, other) })
		if isNew && value.ShortTag() != "!!null" { // A field that can be null has another type.
			enum.Content = append(enum.Content, f.Clone(value))
		}
	}
	f.addProperties(goType, declaration, n)
}

// addProperties adds the properties that only the schema n has to the declaration of its
// type. What one of the two does not require becomes optional, unless the lock requires it.
func (f *matcher) addProperties(goType string, declaration, n *yaml.Node) {
	existing, properties := f.properties(declaration), f.properties(n)
	if len(properties) == 0 {
		return
	}
	own := f.EnsureObject(declaration, "properties")
	for _, name := range tree.SortedKeys(properties) {
		if existing[name] == nil {
			own.Content = append(own.Content, f.NewString(name, properties[name]), f.Clone(properties[name]))
		} else if tree.IsType(existing[name], "null") { // Null can be a value of every type.
			existing[name].Content = f.Clone(properties[name]).Content
		}
	}
	required := tree.NonNil(tree.Get(declaration, "required"))
	required.Content = slices.DeleteFunc(required.Content, func(name *yaml.Node) bool {
		lockedType := f.locked.Field(goType, name.Value).Type
		return !f.isRequired(n, name.Value) && (lockedType == "" || strings.HasPrefix(lockedType, "*"))
	})
}

// conflict tells why a schema cannot have the Go type of a declaration, or returns "".
func (f *matcher) conflict(goType string, declaration, n *yaml.Node) string {
	existing, properties := f.properties(declaration), f.properties(n)
	variants := tree.Variants(n)
	hasOtherType := func(variant *yaml.Node) bool { return f.typeOrDefinition(variant) != goType }
	areObjects := len(existing) > 0 && len(properties) > 0 && len(tree.Variants(declaration))+len(variants) == 0
	areEnumerations := len(enumValues(declaration)) > 0 && len(properties)+len(variants) == 0 && !tree.Has(n, "items") &&
		tree.HasType(declaration, "integer") == tree.HasType(n, "integer")
	switch {
	case len(variants) > 0 && !slices.ContainsFunc(variants, hasOtherType):
	case areObjects:
		for _, name := range tree.SortedKeys(properties) {
			want, got := f.typeOrDefinition(existing[name]), f.typeOrDefinition(properties[name])
			isNull := tree.IsType(existing[name], "null") || tree.IsType(properties[name], "null")
			if existing[name] != nil && want != got && !isNull {
				return name + " is `" + got + "` in place of `" + want + "`"
			}
		}
	case areEnumerations:
	case f.definition(declaration) != f.definition(n):
		return "they say different things"
	}
	return ""
}

// typeOrDefinition returns the Go type of a schema, without a pointer, or the definition of
// one without a named type. Schemas with different results need different types.
func (f *matcher) typeOrDefinition(n *yaml.Node) string {
	if goType := cmp.Or(f.types[n], f.namedType(n)); goType != "" {
		return goType
	}
	if next := f.resolveNullable(n); next != nil && next != n {
		return f.typeOrDefinition(next)
	}
	return f.definition(n)
}

// definition returns the Go type that a schema without a name would have: a slice, a map, a
// plain type, or for an object, an enumeration or a union the text of the schema.
func (f *matcher) definition(n *yaml.Node) string {
	if items := tree.Get(n, "items"); items != nil {
		return "[]" + f.typeOrDefinition(items)
	}
	if f.size(n) > 0 {
		text, refs := tree.CanonicalForm(n)
		var types []string
		for _, ref := range refs {
			name, rest, _ := tree.ParseSchemaRef(ref)
			types = append(types, goNameOf(name, f.schema(name))+rest)
		}
		if len(tree.Variants(n)) > 0 {
			slices.Sort(types) // The order of the variants means nothing.
		}
		return text + strings.Join(types, " ")
	}
	if additional := tree.Get(n, "additionalProperties"); additional != nil && additional.Kind == yaml.MappingNode {
		return "map[string]" + f.typeOrDefinition(additional)
	}
	types := slices.DeleteFunc(slices.Clone(tree.Items(n, "type")), func(t *yaml.Node) bool { return t.Value == "null" })
	if len(types) > 0 {
		n = &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(n.Content)}
		f.SetMember(n, "type", types[0])
	}
	return plainType(n)
}

// removeUndeclared notes the schemas that need no type, and removes x-go-type where no
// schema declares that type.
func (m *Namer) removeUndeclared() {
	used := m.usedSchemas(false)
	for _, schema := range m.schemas() {
		m.unused[schema] = !used[schema]
	}
	types := m.TypeNames()
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if given := tree.Get(n, "x-go-type"); given != nil && m.IsGenerated(given.Value) && !types[given.Value] {
			m.report.Note(report.Overlay, "x-go-type `%s` (%s) on %s: nothing here is called that", given.Value, m.At(given), m.At(n))
			tree.Remove(n, "x-go-type")
		}
	})
}

// usedSchemas returns the schemas that requests and successful responses need. What is only in
// errors, or in schemas with a type that is not generated, is not among them. If withAliases is
// false, schemas that have the type of another one are not either.
func (m *Namer) usedSchemas(withAliases bool) map[*yaml.Node]bool {
	w := m.newWalker()
	w.withAliases = withAliases
	for _, o := range m.operations() {
		w.walk(o.body, nil)
		w.walk(o.response, nil)
		for _, p := range tree.Items(o.node, "parameters") {
			w.walk(tree.Get(p, "schema"), nil)
		}
	}
	return w.seen
}

// SchemaNames returns the names of the components by their Go names.
func (m *Namer) SchemaNames() map[string]string {
	byGoName := map[string]string{}
	for name, schema := range m.schemas() {
		byGoName[goNameOf(name.Value, schema)] = name.Value
	}
	return byGoName
}

// removeUnreachable removes the schemas that no operation refers to, by a $ref or as the type
// of another schema, such as those of webhooks. The generator would declare types for some of
// them.
func (m *Namer) removeUnreachable() {
	reachable, byGoName := map[string]bool{}, m.SchemaNames()
	var follow func(part *yaml.Node)
	follow = func(part *yaml.Node) {
		needed := tree.ReachableSchemas(m.root, part)
		tree.EachKeyword(part, func(key, value *yaml.Node) {
			if name := byGoName[value.Value]; key.Value == "x-go-type" && name != "" {
				needed[name] = true
			}
		})
		for name := range needed {
			if !reachable[name] {
				reachable[name] = true
				follow(m.schema(name))
			}
		}
	}
	follow(tree.Get(m.root, "paths"))
	var removed []string
	for name := range m.schemas() {
		if !reachable[name.Value] {
			removed = append(removed, name.Value)
		}
	}
	for _, name := range removed {
		tree.Remove(tree.Schemas(m.root), name)
	}
	if len(removed) > 0 {
		m.report.Note(report.Left, "%d schemas that no operation needs: `%s`", len(removed), strings.Join(removed, "`, `"))
	}
}

// replaceAmbiguousUnions gives a union the type of its variants if they all have the same
// one, and the type json.RawMessage if some of them have, since a Go type cannot be a variant
// twice. So do the schemas that would have the type of the union.
func (m *Namer) replaceAmbiguousUnions() {
	replaced := map[string]string{}
	tree.EachSchema(m.root, func(n *yaml.Node) {
		var types []string
		for _, variant := range tree.Variants(n) {
			if goType := m.existingType(variant); goType != "" {
				types = append(types, goType)
			}
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(types)))
		if tree.Has(n, "x-go-type") || len(distinct) == len(types) {
			return
		}
		goType := "json.RawMessage"
		if len(distinct) == 1 && len(types) == len(tree.Variants(n)) {
			goType = distinct[0]
		} else {
			m.report.Note(report.Names, "a union at %s is JSON in Go, as two of its members would be of one type", m.At(n))
		}
		replaced[m.types[n]] = goType
		m.SetMember(n, "x-go-type", goType)
	})
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if given := tree.Get(n, "x-go-type"); given != nil && replaced[given.Value] != "" {
			given.Value = replaced[given.Value]
		}
	})
}
