package names

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// matcher finds the locked Go types of the schemas of a description. It begins with the
// request and response bodies of the locked operations, whose types the lock has, and
// descends into the properties, items and variants of each schema, together with the
// fields, elements and variants of its type. A schema that several positions refer to can
// be paired with several types; bestType chooses one.
type matcher struct {
	*Namer
	names map[*yaml.Node]string         // of the schemas in the components
	pairs map[*yaml.Node]map[string]int // how often a schema was paired with a type

	lockedNames map[string][]string // the names that the schemas of a type have in the lock
	used        map[*yaml.Node]bool // the schemas that requests and successful responses need
}

// match pairs all schemas with locked types. On its way it gives the operations, their
// parameters and the properties their locked Go names.
func (m *Namer) match() *matcher {
	f := &matcher{m, map[*yaml.Node]string{}, map[*yaml.Node]map[string]int{}, map[string][]string{}, nil}
	for _, name := range tree.SortedKeys(m.locked.Schemas) {
		goType := m.locked.Schemas[name]
		f.lockedNames[goType] = append(f.lockedNames[goType], name)
	}
	known := m.locked.Match(m.root)
	operations := m.operations()
	for _, o := range operations {
		locked := known[o.node]
		if locked == nil {
			m.nameRead(o, operations)
			continue
		}
		f.setGoName(o.node, tree.OperationID(o.node), locked.Name)
		f.pair(o.body, locked.Body)
		f.pair(o.response, locked.Result)
		for _, p := range tree.Items(o.node, "parameters") {
			field := m.locked.Field(locked.Name+"Params", tree.Value(p, "name"))
			f.setGoName(p, tree.Value(p, "name"), field.Name)
			f.pair(tree.Get(p, "schema"), field.Type)
		}
	}
	for name, schema := range m.schemas() {
		f.names[schema] = name.Value
		if goType := f.typeByName(name.Value); f.similarity(schema, goType) > 0 {
			f.pair(schema, goType)
		}
	}
	return f
}

// LookUpNames writes the Go names and the types written by hand that the lock has. What such a
// type stands for need not be supported, so this comes before package support.
func (m *Namer) LookUpNames() { m.match() }

// nameRead calls a new operation Get… that SignalWire calls retrieve…, as all others that read
// something are called, unless another operation has that name.
func (m *Namer) nameRead(o operation, all []operation) {
	words, isRead := strings.CutPrefix(tree.OperationID(o.node), "retrieve_")
	goName := GoName("get_" + words)
	isTaken := slices.ContainsFunc(all, func(other operation) bool { return OperationName(other.node) == goName })
	for _, locked := range m.locked.Operations {
		isTaken = isTaken || locked.Name == goName
	}
	if isRead && !isTaken && !tree.Has(o.node, "x-go-name") {
		m.SetMember(o.node, "x-go-name", goName)
	}
}

// setGoName sets the x-go-name of a schema, property, parameter or operation, unless it has
// one, which the overlay chose, or has that Go name anyway. It does nothing if goName is "".
func (m *Namer) setGoName(n *yaml.Node, name, goName string) {
	if goName != "" && goNameOf(name, n) != goName && !tree.Has(n, "x-go-name") {
		m.SetMember(n, "x-go-name", goName)
	}
}

// resolveNullable follows references, and goes from a union of one schema and null to that
// schema. It returns nil if that does not end.
func (m *Namer) resolveNullable(n *yaml.Node) *yaml.Node {
	for range 100 {
		n = m.resolve(n)
		variants := tree.NonNullVariants(n)
		if len(variants) != 1 {
			return n
		}
		n = variants[0]
	}
	return nil
}

// pair pairs a schema with the locked type at the same position, and then what is in the
// schema with what is in the type.
func (f *matcher) pair(n *yaml.Node, goType string) {
	schema, goType := f.resolveNullable(n), withoutPointer(goType)
	if schema == nil || goType == "" {
		return
	}
	mayBeObject := !tree.HasType(schema, "string", "integer", "number", "boolean", "array")
	if isByHand := f.reserved[goType] != nil; isByHand && mayBeObject && f.namedType(n) != goType {
		f.SetMember(n, "x-go-type", goType)
		f.SetMember(n, "x-go-type-skip-optional-pointer", true)
	} else if goType == plainType(schema) && tree.Has(n, "$ref") && !tree.Has(n, "x-go-type") {
		f.SetMember(n, "x-go-type", goType)
		f.SetMember(n, "x-go-type-skip-optional-pointer", canBeNil(goType))
	}
	if element, isSlice := strings.CutPrefix(goType, "[]"); isSlice {
		f.pair(tree.Get(schema, "items"), element)
	} else if value, isMap := strings.CutPrefix(goType, "map[string]"); isMap {
		f.pair(tree.Get(schema, "additionalProperties"), value)
	}
	locked := f.locked.Types[goType]
	if locked == nil {
		return
	}
	if len(tree.Variants(schema)) == 0 { // Other versions can have one variant in place of the union.
		for _, variant := range locked.Variants() {
			if f.similarity(schema, variant) > 0.5 {
				f.pair(schema, variant)
				return
			}
		}
	}
	if f.pairs[schema] == nil {
		f.pairs[schema] = map[string]int{}
	}
	f.pairs[schema][goType]++
	if f.pairs[schema][goType] > 1 {
		return
	}
	if locked.Definition == "struct" { // It can stand for all variants of a union.
		for _, variant := range tree.Variants(schema) {
			f.pair(variant, goType)
		}
	}
	if f.similarity(schema, goType) == 0 {
		return
	}
	f.pair(schema, locked.Definition) // It can be a slice or a map.
	for name, property := range tree.Entries(tree.Get(schema, "properties")) {
		f.setGoName(property, name.Value, locked.Fields[name.Value].Name)
		f.pair(property, locked.Fields[name.Value].Type)
	}
	f.pairVariants(tree.Variants(schema), locked.Variants())
}

// withoutPointer returns the Go type of the values of a field that may be absent or null.
func withoutPointer(goType string) string {
	if inner, isNullable := strings.CutPrefix(goType, "nullable.Nullable["); isNullable {
		return strings.TrimSuffix(inner, "]")
	}
	return strings.TrimPrefix(goType, "*")
}

// pairVariants pairs the variants of a union with those of a locked one. It takes the most
// similar two first; a variant whose name is that of a type's schema is most similar to it. Of
// equally similar ones, it takes those whose properties are the most similar.
func (f *matcher) pairVariants(variants []*yaml.Node, types []string) {
	types = slices.Clone(types)
	for len(variants) > 0 && len(types) > 0 {
		highest, bestVariant, bestType := 0.0, 0, 0
		for i, variant := range variants {
			name, _, _ := tree.ParseSchemaRef(tree.Value(variant, "$ref"))
			byName := f.typeByName(name)
			for j, goType := range types {
				_, ofNames := mostSimilarName(name, f.lockedNames[goType])
				schema := f.resolveNullable(variant)
				similarity := f.similarity(schema, goType)
				similarity += similarity*f.similarityOfProperties(schema, goType)/100 + max(ofNames, score(byName == goType))
				if similarity > highest {
					highest, bestVariant, bestType = similarity, i, j
				}
			}
		}
		if highest == 0 {
			return
		}
		f.pair(variants[bestVariant], types[bestType])
		variants = slices.Delete(variants, bestVariant, bestVariant+1)
		types = slices.Delete(types, bestType, bestType+1)
	}
}

// similarity returns how similar a schema is to a locked type, from 0 to 1: for structs and
// enumerations the share of the properties or values that both have, and for others whether
// both are unions, arrays, maps, or the same scalar.
func (f *matcher) similarity(n *yaml.Node, goType string) float64 {
	locked := f.locked.Types[goType]
	if locked == nil || n == nil {
		return score(goType != "" && goType == plainType(n))
	}
	properties := f.properties(n)
	switch {
	case locked.Definition == "struct" && len(properties) > 0 && len(locked.Fields) > 0:
		for name, property := range properties {
			if f.isOtherConstant(property, locked.Fields[name].Type) {
				return 0
			}
		}
		return commonShare(tree.SortedKeys(properties), locked.Fields)
	case len(locked.Values) > 0:
		return commonShare(enumValues(n), locked.Values)
	case len(locked.Variants()) > 0:
		return score(len(tree.Variants(n)) > 0)
	}
	if element, isSlice := strings.CutPrefix(locked.Definition, "[]"); isSlice {
		return score(tree.HasType(n, "array")) * f.similarityOfElements(tree.Get(n, "items"), element)
	}
	if value, isMap := strings.CutPrefix(locked.Definition, "map[string]"); isMap {
		return score(tree.HasType(n, "object") && len(properties) == 0) * f.similarityOfElements(tree.Get(n, "additionalProperties"), value)
	}
	return score(locked.Definition == plainType(n))
}

// commonShare returns the share of the names in either that are in both.
func commonShare[V any](names []string, locked map[string]V) float64 {
	common := 0.0
	for _, name := range names {
		_, isCommon := locked[name]
		common += score(isCommon)
	}
	return common / (float64(len(names)+len(locked)) - common)
}

// similarityOfElements returns how similar two arrays or maps are, from 0.5 to 1. Elements that
// are arrays or maps, too, are not compared, because they can have themselves as elements.
func (f *matcher) similarityOfElements(n *yaml.Node, goType string) float64 {
	if locked := f.locked.Types[goType]; locked != nil && canBeNil(locked.Definition) {
		return 0.5
	}
	return (1 + f.similarity(f.resolveNullable(n), goType)) / 2
}

// similarityOfProperties returns how similar the properties of a schema are to the fields of a
// locked type, from 0 to 1.
func (f *matcher) similarityOfProperties(n *yaml.Node, goType string) (sum float64) {
	properties := f.properties(n)
	for _, name := range tree.SortedKeys(properties) {
		sum += f.similarity(f.resolveNullable(properties[name]), withoutPointer(f.locked.Field(goType, name).Type)) / float64(len(properties))
	}
	return sum
}

// isOtherConstant reports whether a property allows only one value, and its locked type is
// an enumeration without that value. The property then distinguishes its object from those
// that have the locked type, such as a new variant of a union from the known ones.
func (f *matcher) isOtherConstant(property *yaml.Node, fieldType string) bool {
	locked, values := f.locked.Types[withoutPointer(fieldType)], enumValues(f.resolveNullable(property))
	return locked != nil && len(locked.Values) > 0 && len(values) == 1 && locked.Values[values[0]] == ""
}

// score returns 1 for true and 0 for false.
func score(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}

var punctuation = strings.NewReplacer(".", "", "_", "", "-", "")

// nameSimilarity returns how similar the name of a schema is to a locked one, from 0 to 1. It
// is 0 unless one of them is a part of the other, as Thing is of Api.ThingDto.
func nameSimilarity(name, locked string) float64 {
	a, b := strings.ToLower(punctuation.Replace(name)), strings.ToLower(punctuation.Replace(locked))
	if a == "" || b == "" || !strings.Contains(a, b) && !strings.Contains(b, a) {
		return 0
	}
	return float64(min(len(a), len(b))) / float64(max(len(a), len(b)))
}

// mostSimilarName returns that of some locked names to which the name of a schema is most
// similar, or else the first, and how similar it is.
func mostSimilarName(name string, locked []string) (best int, similarity float64) {
	for i := range locked {
		if s := nameSimilarity(name, locked[i]); s > similarity {
			best, similarity = i, s
		}
	}
	return best, similarity
}

// bestType returns the locked type that a schema was paired with most often, of several of
// these the most similar one, and of several of these that with the most similar name, or "".
func (f *matcher) bestType(n *yaml.Node) string {
	ofNames := func(goType string) float64 {
		_, similarity := mostSimilarName(f.names[n], f.lockedNames[goType])
		return similarity
	}
	types := slices.DeleteFunc(tree.SortedKeys(f.pairs[n]), func(goType string) bool {
		return f.similarity(n, goType) == 0 && ofNames(goType) == 0
	})
	slices.SortStableFunc(types, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.pairs[n][b], f.pairs[n][a]), cmp.Compare(f.similarity(n, b), f.similarity(n, a)),
			cmp.Compare(ofNames(b), ofNames(a)))
	})
	return append(types, "")[0]
}

// typeByName returns the locked type of a schema by its name, or "". The documents of one
// area of the API can leave out the area, with which our own names begin: the type of
// Things.Thing is found by Thing, if no other schema is called that in its area.
func (m *Namer) typeByName(name string) string {
	if goType := m.locked.Schemas[name]; goType != "" {
		return goType
	}
	var found []string
	for schema, goType := range m.locked.Schemas {
		if _, rest, hasArea := strings.Cut(schema, "."); hasArea && rest == name {
			found = append(found, goType)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// RenameSchemas renames schemas of published documents to the names that they have in our
// own description, because the overlay refers to schemas by those names. A schema is
// recognized by its Go type. One that has a name for another schema's type gets a new one.
func (m *Namer) RenameSchemas() {
	f := m.match()
	types := map[string]string{} // the locked types of the schemas
	for name, schema := range m.schemas() {
		goType, byPosition := f.typeByName(name.Value), f.bestType(schema)
		if goType == "" || f.similarity(schema, byPosition) > f.similarity(schema, goType) {
			goType = byPosition
		}
		types[name.Value] = goType
	}
	available := map[string][]string{} // the locked names that no schema of the same type has, by type
	for goType, names := range f.lockedNames {
		isFound := func(name string) bool { return types[name] == goType }
		available[goType] = slices.DeleteFunc(slices.Clone(names), isFound)
	}
	newNames, assigned := map[string]string{}, map[string]bool{}
	for name := range m.schemas() {
		goType := types[name.Value]
		names := available[goType]
		if m.locked.Schemas[name.Value] == goType || len(names) == 0 {
			continue
		}
		i, _ := mostSimilarName(name.Value, names)
		newNames[name.Value], assigned[names[i]] = names[i], true
		available[goType] = slices.Delete(names, i, i+1)
		m.report.Note(report.Names, "schema `%s` (%s) is `%s` in our own description, which stands in the same place",
			name.Value, m.At(name), newNames[name.Value])
	}
	for name := range m.schemas() {
		if newNames[name.Value] == "" && assigned[name.Value] {
			newName := unique(name.Value, func(name string) bool { return m.schema(name) != nil || assigned[name] })
			newNames[name.Value], assigned[newName] = newName, true
		}
	}
	tree.RenameSchemas(m.root, newNames)
}
